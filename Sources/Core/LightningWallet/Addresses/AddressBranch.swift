import Bitcoin

/// One branch of an account: how many addresses were handed out, and which of them were paid.
///
/// The branch knows the scripts of all addresses handed out and of a window of later ones, so that payments to addresses
/// that were handed out before a restore from seed are found.
struct AddressBranch: Equatable, Sendable {
    /// The key whose children are the addresses.
    let key: ExtendedPublicKey
    /// The index of the next address to hand out.
    private(set) var next: UInt32
    /// The index after the highest one that was paid.
    private(set) var used: UInt32
    /// The index after the last one whose script is known.
    private(set) var known: UInt32 = 0

    init(key: ExtendedPublicKey, next: UInt32, used: UInt32) {
        self.key = key
        self.next = next
        self.used = used
    }

    /// Whether an address was handed out after the last one that was paid.
    var hasUnusedAddress: Bool { used < next }

    /// Hands out `index`, which is below 2^31, and all before it.
    mutating func take(_ index: UInt32) { next = max(next, index + 1) }

    /// Notes a payment to `index`; returns whether it is news.
    mutating func noteUse(of index: UInt32) -> Bool {
        guard index >= used else { return false }
        used = index + 1
        next = max(next, used)
        return true
    }

    /// The indices whose scripts are to be added so that `lookahead` follow the last handed out; they count as known
    /// from now on.
    mutating func extend(by lookahead: UInt32) -> Range<UInt32> {
        let end = UInt32(min(UInt64(next) + UInt64(lookahead), 1 << 31))
        guard known < end else { return known..<known }
        defer { known = end }
        return known..<end
    }
}
