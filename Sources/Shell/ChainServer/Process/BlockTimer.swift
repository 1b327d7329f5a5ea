import ChainBackend
import Dispatch
import Synchronization

/// Mines a block to the faucet every so many seconds.
final class BlockTimer: Sendable {
    private let isStopped = Atomic(false)
    private let queue = DispatchQueue(label: "salama.chain.timer")
    private let interval: Int
    private let service: ChainService

    init(seconds: UInt32, _ service: ChainService) {
        interval = Int(seconds)
        self.service = service
    }

    /// Begins to mine, the first block after one interval.
    func start() {
        queue.asyncAfter(deadline: .now() + .seconds(interval)) { [weak self] in
            guard let self, !isStopped.load(ordering: .relaxed) else { return }
            let script = service.changeFaucet { $0.nextScript() }
            // A block of our own making can only fail where the chain does: then the next one says so again.
            _ = try? service.chain.mine(to: script)
            start()
        }
    }

    /// Mines no more blocks, and returns when the last one is done.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        queue.sync {}
    }
}
