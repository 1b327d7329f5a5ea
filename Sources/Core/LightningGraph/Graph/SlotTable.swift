/// Finds places in columns by what stands there: open addressing over 32-bit places, at most half full.
///
/// The keys stay in their columns; callers pass a key's hash and compare it in place.
struct SlotTable: Sendable {
    private static let empty = UInt32.max
    private var slots: [UInt32]
    private(set) var count = 0

    /// A table with room for `capacity` entries.
    init(capacity: Int = 0) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [UInt32](repeating: Self.empty, count: size)
    }

    /// The entry with that hash for which `matches` holds.
    @inline(__always)
    func find(hash: Int, _ matches: (UInt32) -> Bool) -> UInt32? {
        let mask = slots.count - 1
        var position = hash & mask
        while true {
            let slot = slots[position]
            if slot == Self.empty { return nil }
            if matches(slot) { return slot }
            position = (position + 1) & mask
        }
    }

    /// Adds an entry that is not there. `hash` gives the hash of an entry.
    mutating func insert(_ slot: UInt32, hash: (UInt32) -> Int) {
        if (count + 1) * 2 > slots.count { grow(hash) }
        place(slot, hash(slot))
        count += 1
    }

    /// Removes an entry that is there.
    mutating func remove(_ slot: UInt32, hash: (UInt32) -> Int) {
        let mask = slots.count - 1
        var hole = hash(slot) & mask
        while slots[hole] != slot {
            guard slots[hole] != Self.empty else { return }
            hole = (hole + 1) & mask
        }
        // What follows moves up, unless it would come before its own first place.
        var next = (hole + 1) & mask
        while slots[next] != Self.empty {
            let home = hash(slots[next]) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Self.empty
        count -= 1
    }

    private mutating func place(_ slot: UInt32, _ hash: Int) {
        let mask = slots.count - 1
        var position = hash & mask
        while slots[position] != Self.empty { position = (position + 1) & mask }
        slots[position] = slot
    }

    private mutating func grow(_ hash: (UInt32) -> Int) {
        let old = slots
        slots = [UInt32](repeating: Self.empty, count: old.count * 2)
        for slot in old where slot != Self.empty { place(slot, hash(slot)) }
    }
}
