import Bitcoin
import ChainBackend
import LightningCommitment
import LightningNode
import Synchronization

/// Tells the node what fees are worth, on the thread that follows the chain.
final class FeeWatch: Sendable {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let log: Log
    private let state = Mutex(State())

    private struct State {
        var asked: ContinuousClock.Instant?
        var told: FeeEstimates?
    }

    /// The targets in blocks for which fees are asked.
    private static let targets: [UInt32] = [2, 6, 12, 36, 144]
    /// How long an answer is good for while no block comes.
    private static let age = Duration.seconds(30)

    init(backend: any ChainBackend, loop: NodeLoop, log: Log) {
        self.backend = backend
        self.loop = loop
        self.log = log
    }

    /// Asks the backend where a block has come or its last answer is old, and tells the node what is new. Where the backend
    /// does not answer, the node goes on with what it knew.
    func look(hasNewBlock: Bool) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            if !hasNewBlock, let asked = state.asked, now - asked < Self.age { return false }
            state.asked = now
            return true
        }
        guard isDue else { return }
        do throws(ChainError) {
            var rates: [UInt32: FeeratePerKw] = [:]
            for target in Self.targets {
                rates[target] = try backend.estimateFee(blocks: Int(target))
            }
            tell(FeeEstimates(byTarget: rates, minimum: try backend.minimumMempoolFee()))
        } catch {
            log.write(.debug, .chain, "fees are not known: \(error)")
        }
    }

    private func tell(_ estimates: FeeEstimates) {
        let isNews = state.withLock { state in
            defer { state.told = estimates }
            return state.told != estimates
        }
        if isNews { loop.deliver(.feeEstimates(estimates)) }
    }
}
