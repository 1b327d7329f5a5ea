import Bitcoin
import RegtestChain

/// The headers of block filters (BIP 157), each of which commits to all before it: kept, as making them anew takes the whole
/// chain.
struct FilterHeaders {
    private var headers: [BlockHash: Hash256] = [:]

    /// The filter of a block and its header; nil where the block is not part of the best chain.
    mutating func filter(
        of node: BlockNode, in chain: RegtestChain
    ) -> (filter: BlockFilter, header: Hash256)? {
        guard chain.isInBestChain(node) else { return nil }
        var missing: [BlockHash] = []
        var cursor: BlockNode? = node
        while let current = cursor, current.hash == node.hash || headers[current.hash] == nil {
            missing.append(current.hash)
            cursor = chain.node(current.header.previousBlock)
        }
        var header = cursor.flatMap { headers[$0.hash] } ?? .zero
        var last: BlockFilter?
        for hash in missing.reversed() {
            guard let block = chain.block(hash)?.block, let undo = chain.undo(hash) else {
                return nil
            }
            let filter = BlockFilter(
                block, spent: undo.spent.joined().map(\.output.scriptPubKey))
            header = filter.header(after: header)
            headers[hash] = header
            last = filter
        }
        return last.map { ($0, header) }
    }
}
