/// A file of a ``VirtualDisk``: what a reader sees, what the disk has for certain, and what lies between.
struct VirtualFile {
    /// A change that no sync has made durable yet.
    private enum PendingChange {
        case write(offset: Int, bytes: [UInt8])
        case truncate(Int)
    }

    /// What is torn apart when the power fails in the middle of a write, in bytes.
    static let sector = 512

    private(set) var contents: [UInt8] = []
    private var durable: [UInt8] = []
    private var pending: [PendingChange] = []
    /// Whether a sync has made sure of its place in the folder.
    private(set) var isDurablyLinked = false
    var locks = FileLocks()
    var sharedMemory = SharedMemory()

    var count: Int { contents.count }

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        Self.apply(bytes, at: offset, to: &contents)
        pending.append(.write(offset: offset, bytes: bytes))
    }

    mutating func truncate(to size: Int) {
        guard size < contents.count else { return }
        contents.removeLast(contents.count - size)
        pending.append(.truncate(size))
    }

    mutating func sync() {
        for change in pending { Self.apply(change, to: &durable) }
        pending.removeAll(keepingCapacity: true)
        isDurablyLinked = true
    }

    /// What a start finds after the power failed: each sector of each change that was not synced is there or not, as
    /// `random` has it.
    mutating func losePower(_ random: inout SimulationRandom) {
        for change in pending {
            switch change {
            case .truncate:
                if random.chance(50) { Self.apply(change, to: &durable) }
            case .write(let offset, let bytes):
                tear(bytes, at: offset, &random)
            }
        }
        pending = []
        contents = durable
        forgetProcess()
    }

    /// What a start finds after the process alone ended: all that was written.
    mutating func forgetProcess() {
        locks = FileLocks()
        sharedMemory.free()
    }

    private mutating func tear(
        _ bytes: [UInt8], at offset: Int, _ random: inout SimulationRandom
    ) {
        // Mostly a write is there or not as a whole; sometimes only some of its sectors.
        switch random.number(below: 4) {
        case 0: return
        case 1: Self.apply(bytes, at: offset, to: &durable)
        default:
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Self.sector - (offset + start) % Self.sector)
                if random.chance(50) {
                    Self.apply(Array(bytes[start..<end]), at: offset + start, to: &durable)
                }
                start = end
            }
        }
    }

    private static func apply(_ change: PendingChange, to target: inout [UInt8]) {
        switch change {
        case .write(let offset, let bytes): apply(bytes, at: offset, to: &target)
        case .truncate(let size):
            if size < target.count { target.removeLast(target.count - size) }
        }
    }

    private static func apply(_ bytes: [UInt8], at offset: Int, to target: inout [UInt8]) {
        let end = offset + bytes.count
        if end > target.count {
            target.append(contentsOf: repeatElement(0, count: end - target.count))
        }
        target.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes { source in
                if let start = target.baseAddress, let from = source.baseAddress {
                    (start + offset).copyMemory(from: from, byteCount: source.count)
                }
            }
        }
    }
}
