import Bitcoin

/// Every block that the node knows, on the best chain or not.
struct BlockTree: Sendable {
    private(set) var nodes: [BlockHash: BlockNode] = [:]
    private(set) var blocks: [BlockHash: StoredBlock] = [:]
    /// The blocks that could be the next tip: not known to be invalid, and no less work than the tip.
    private(set) var candidates: Set<BlockHash> = []
    /// The bytes of all blocks.
    private(set) var storedSize = 0
    private var sequence = 0
    private var precious = 0

    /// A tree of the first block alone.
    init(genesis: Block) {
        let stored = StoredBlock(genesis)
        let node = BlockNode(
            hash: genesis.hash, header: genesis.header, height: BlockHeight(0),
            medianTime: genesis.header.time, chainTransactionCount: 1, validity: .valid,
            preference: 0)
        nodes[node.hash] = node
        blocks[node.hash] = stored
        candidates = [node.hash]
    }

    /// Adds a block that has passed all checks short of its transactions'.
    mutating func insert(_ stored: StoredBlock, hash: BlockHash, after parent: BlockNode) {
        sequence += 1
        nodes[hash] = BlockNode(
            hash: hash, header: stored.block.header, height: parent.height + 1,
            medianTime: medianTime(of: stored.block.header, after: parent),
            chainTransactionCount: parent.chainTransactionCount + stored.transactionIDs.count,
            validity: .untested, preference: sequence)
        blocks[hash] = stored
        storedSize += stored.block.totalSize
        candidates.insert(hash)
    }

    /// Notes that the block has been connected.
    mutating func markValid(_ hash: BlockHash) {
        nodes[hash]?.validity = .valid
    }

    /// Notes that the block breaks a rule, and so do all blocks on top of it.
    mutating func markFailed(_ hash: BlockHash, because rejection: BlockRejection) {
        nodes[hash]?.validity = .failed(rejection)
        candidates.remove(hash)
        for descendant in descendants(of: hash) {
            if case .failed = nodes[descendant]?.validity { continue }
            nodes[descendant]?.validity = .descendsFromFailed
            candidates.remove(descendant)
        }
    }

    /// Forgets that the block, blocks before it or on top of it failed.
    mutating func reconsider(_ hash: BlockHash) {
        var related = descendants(of: hash)
        var cursor = nodes[hash]
        while let node = cursor {
            related.append(node.hash)
            cursor = nodes[node.header.previousBlock]
        }
        for hash in related where nodes[hash]?.isFailed == true {
            nodes[hash]?.validity = .untested
        }
    }

    /// Prefers the block to others of equal work, as if it had come first; a later call goes before an earlier one.
    mutating func prefer(_ hash: BlockHash) {
        precious -= 1
        nodes[hash]?.preference = precious
    }

    /// Brings the candidates up to date with a new tip or after validity changed.
    mutating func rebuildCandidates(minimumHeight: BlockHeight) {
        candidates = Set(
            nodes.values.lazy.filter { !$0.isFailed && $0.height >= minimumHeight }.map(\.hash))
    }

    /// Drops candidates that a tip at `height` has overtaken.
    mutating func pruneCandidates(below height: BlockHeight) {
        candidates = candidates.filter { hash in
            nodes[hash].map { $0.height >= height } ?? false
        }
    }

    /// The block with the most work; among equals the one preferred.
    func bestCandidate() -> BlockNode? {
        candidates.lazy.compactMap { nodes[$0] }.max { left, right in
            (left.chainWork, right.preference) < (right.chainWork, left.preference)
        }
    }

    /// The blocks that no other block builds on, highest first.
    func tips() -> [BlockNode] {
        var parents: Set<BlockHash> = []
        for node in nodes.values { parents.insert(node.header.previousBlock) }
        return nodes.values.filter { !parents.contains($0.hash) }.sorted {
            ($1.height, $0.preference, $0.hash) < ($0.height, $1.preference, $1.hash)
        }
    }

    private func descendants(of hash: BlockHash) -> [BlockHash] {
        guard let root = nodes[hash] else { return [] }
        var found: Set<BlockHash> = [hash]
        var ordered: [BlockHash] = []
        let later = nodes.values.filter { $0.height > root.height }
            .sorted { $0.height < $1.height }
        for node in later where found.contains(node.header.previousBlock) {
            found.insert(node.hash)
            ordered.append(node.hash)
        }
        return ordered
    }

    private func medianTime(of header: BlockHeader, after parent: BlockNode) -> UInt32 {
        var times = [header.time]
        var cursor: BlockNode? = parent
        while let node = cursor, times.count < 11 {
            times.append(node.header.time)
            cursor = nodes[node.header.previousBlock]
        }
        times.sort()
        return times[times.count / 2]
    }
}
