import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet

/// Does what steps ask for, once the loop releases it.
final class EffectRunner: EffectHandler {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let chain: ChainWorker
    private let subscribers: Subscribers<WalletEvent>
    private let broadcaster = SerialWorker(name: "broadcast", limit: 10_000)

    init(
        backend: any ChainBackend, loop: NodeLoop, chain: ChainWorker,
        subscribers: Subscribers<WalletEvent>
    ) {
        self.backend = backend
        self.loop = loop
        self.chain = chain
        self.subscribers = subscribers
    }

    func broadcast(_ transaction: Transaction) {
        broadcaster.run { [backend, loop] in
            let outcome: BroadcastOutcome
            do throws(ChainError) {
                switch try backend.broadcast(transaction) {
                case .accepted: outcome = .accepted
                case .rejected(let reason): outcome = .rejected(reason: reason)
                }
            } catch {
                outcome = .unanswered(reason: "\(error)")
            }
            loop.post(.broadcastAnswered(transaction.id, outcome))
        }
    }

    func tell(_ event: WalletEvent) {
        if case .transactionChanged = event { chain.refreshWatch() }
        subscribers.tell(event)
    }

    /// Finishes the broadcasts that wait, and ends the thread.
    func stop() { broadcaster.stop() }
}
