import Bitcoin
import ChainBackend
import LightningGraph
import LightningNode
import LightningWire
import Synchronization

/// Looks on the chain for the outputs that announced channels are said to have, on a thread of its own.
///
/// A channel names its output by height and place (BOLT 7), which a backend cannot look up: the list of the block's
/// transactions tells the identifier first. Lists of the last blocks are kept, as channels of one block come together.
final class FundingFinder: Sendable {
    private let backend: any ChainBackend
    private let log: Log
    private let worker = SerialWorker(name: "gossip-chain", limit: .max)
    private let isStopping = Atomic<Bool>(false)

    /// How many blocks' lists one question keeps.
    private static let keptBlocks = 8

    init(backend: any ChainBackend, log: Log) {
        self.backend = backend
        self.log = log
    }

    /// Looks for outputs; `answer` is called with one result for each of them, in their order.
    func find(
        _ ids: [ShortChannelID], answer: @escaping @Sendable ([FundingOutput]) -> Void
    ) {
        let isRunning = worker.run { [self] in
            var lists: [BlockHeight: [TransactionID]?] = [:]
            var found: [ShortChannelID: FundingOutput] = [:]
            for id in Set(ids).sorted() where !isStopping.load(ordering: .acquiring) {
                do throws(ChainError) {
                    if lists[id.height] == nil, lists.count >= Self.keptBlocks { lists = [:] }
                    found[id] = try find(id, &lists)
                } catch {
                    log.write(.debug, .gossip, "channel \(id) cannot be looked up: \(error)")
                }
            }
            answer(ids.map { found[$0] ?? .unanswered })
        }
        if !isRunning { answer(ids.map { _ in .unanswered }) }
    }

    private func find(
        _ id: ShortChannelID, _ lists: inout [BlockHeight: [TransactionID]?]
    ) throws(ChainError) -> FundingOutput {
        let list: [TransactionID]?
        if let known = lists[id.height] {
            list = known
        } else {
            list = try backend.blockHash(at: id.height).map { hash throws(ChainError) in
                try backend.transactionIDs(in: hash)
            }
            lists[id.height] = list
        }
        // A block that is not there yet may come.
        guard let list else { return .unanswered }
        guard Int(id.transactionIndex) < list.count else { return .missing }
        let outPoint = OutPoint(list[Int(id.transactionIndex)], UInt32(id.outputIndex))
        guard let coin = try backend.unspentOutput(outPoint, includingMempool: false) else {
            return .missing
        }
        return .unspent(
            outPoint, script: coin.output.scriptPubKey, amount: coin.output.amount)
    }

    /// Leaves what waits unanswered, and ends the thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        worker.stop()
    }
}
