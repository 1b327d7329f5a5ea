import Bitcoin
import LightningWallet

/// Something to be done outside the core, once the state that it follows from is durable.
///
/// Effects happen at least once: after a crash the restart asks again for what was due. Answers alone go with the process
/// that was asked.
public enum NodeEffect: Sendable {
    /// Offer a transaction to the network, and answer with ``NodeInput/broadcastAnswered(_:_:)``.
    case broadcast(Transaction)
    /// Answer a request.
    case reply(RequestID, Result<NodeReply, NodeFailure>)
    /// Tell subscribers.
    case tell(WalletEvent)
}
