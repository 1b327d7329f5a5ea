import CSQLite

/// Who holds which of SQLite's locks on a database file.
struct FileLocks {
    /// The level that each open file has; absent where it has none.
    private var levels: [Int: Int32] = [:]

    /// Raises the lock of `holder` to `level`; false where another is in the way.
    mutating func lock(_ level: Int32, for holder: Int) -> Bool {
        let own = levels[holder] ?? SQLITE_LOCK_NONE
        guard level > own else { return true }
        let others = levels.filter { $0.key != holder }.values
        switch level {
        case SQLITE_LOCK_SHARED:
            guard !others.contains(where: { $0 >= SQLITE_LOCK_PENDING }) else { return false }
        case SQLITE_LOCK_RESERVED:
            guard !others.contains(where: { $0 >= SQLITE_LOCK_RESERVED }) else { return false }
        default:
            guard !others.contains(where: { $0 >= SQLITE_LOCK_RESERVED }) else { return false }
            guard others.isEmpty else {
                levels[holder] = SQLITE_LOCK_PENDING
                return false
            }
        }
        levels[holder] = level
        return true
    }

    /// Lowers the lock of `holder` to `level`.
    mutating func unlock(_ level: Int32, for holder: Int) {
        levels[holder] = level == SQLITE_LOCK_NONE ? nil : level
    }

    /// Whether anybody is about to write.
    var isReserved: Bool { levels.values.contains { $0 >= SQLITE_LOCK_RESERVED } }
}

/// The memory that connections to one database share beside its write-ahead log, with its locks.
struct SharedMemory {
    /// Addresses of the regions.
    private var regions: [UInt] = []
    /// For each lock how many share it, or -1 where one has it alone.
    private var slots = [Int](repeating: 0, count: Int(SQLITE_SHM_NLOCK))

    /// The region of that number, made where `extend` asks for it; nil where there is none.
    mutating func region(_ index: Int, size: Int, extend: Bool) -> UInt? {
        if index >= regions.count {
            guard extend else { return nil }
            while regions.count <= index {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
                memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
                regions.append(UInt(bitPattern: memory))
            }
        }
        return regions[index]
    }

    /// Takes locks shared or alone; false where another is in the way.
    mutating func lock(_ range: Range<Int>, shared: Bool) -> Bool {
        guard range.allSatisfy({ shared ? slots[$0] >= 0 : slots[$0] == 0 }) else { return false }
        for slot in range { slots[slot] = shared ? slots[slot] + 1 : -1 }
        return true
    }

    mutating func unlock(_ range: Range<Int>, shared: Bool) {
        for slot in range { slots[slot] = shared ? max(0, slots[slot] - 1) : 0 }
    }

    /// Gives the memory back: no connection is left.
    mutating func free() {
        for region in regions { UnsafeMutableRawPointer(bitPattern: region)?.deallocate() }
        regions = []
        slots = [Int](repeating: 0, count: Int(SQLITE_SHM_NLOCK))
    }
}
