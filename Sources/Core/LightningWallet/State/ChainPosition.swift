import Bitcoin

/// How far the wallet has followed the best chain.
struct ChainPosition: Equatable, Sendable {
    /// The height from which the wallet may hold coins.
    let birthday: BlockHeight
    /// The height of the next block to connect.
    private(set) var next: BlockHeight
    /// The height of the next block to scan again; nil while no rescan is under way.
    private(set) var rescanNext: BlockHeight?
    /// The hashes of the blocks that a reorganisation may still take back, of the one before, and of the tip.
    private(set) var hashes: [BlockHeight: BlockHash] = [:]

    init(birthday: BlockHeight) {
        self.birthday = birthday
        next = birthday
    }

    init(birthday: BlockHeight, next: BlockHeight, rescanNext: BlockHeight?) {
        self.birthday = birthday
        self.next = next
        self.rescanNext = rescanNext.flatMap { $0 < next ? $0 : nil }
    }

    /// The last block connected; nil before the first.
    var tip: BlockReference? {
        guard next > birthday, let hash = hashes[next.saturatingSubtract(1)] else { return nil }
        return BlockReference(height: next.saturatingSubtract(1), hash: hash)
    }

    mutating func load(_ block: BlockReference) { hashes[block.height] = block.hash }

    mutating func connect(_ block: BlockReference) {
        hashes[block.height] = block.hash
        next = block.height + 1
    }

    /// Takes the tip back; returns whether that ends a rescan, which had nothing left but the tip.
    mutating func disconnect(_ block: BlockReference) -> Bool {
        hashes.removeValue(forKey: block.height)
        next = block.height
        guard let rescan = rescanNext, rescan >= next else { return false }
        rescanNext = nil
        return true
    }

    mutating func startRescan(from height: BlockHeight) {
        rescanNext = rescanNext.map { min($0, height) } ?? height
    }

    /// Moves the rescan past `height`; returns whether it has reached the tip.
    mutating func noteRescanned(_ height: BlockHeight) -> Bool {
        let following = height + 1
        rescanNext = following < next ? following : nil
        return rescanNext == nil
    }

    /// Forgets blocks below the last final one, which no reorganisation can make the tip; returns their heights.
    mutating func forget(below height: BlockHeight) -> [BlockHeight] {
        let forgotten = hashes.keys.filter { $0 < height && $0 + 1 < next }.sorted()
        for height in forgotten { hashes.removeValue(forKey: height) }
        return forgotten
    }
}
