import Bitcoin

/// Something to be done outside the core, once the state that it follows from is durable.
///
/// Effects happen at least once: after a crash the restart asks again for what was due.
public enum NodeEffect: Sendable {
    /// Offer a transaction to the network, and answer with ``NodeInput/broadcastAnswered(_:_:)``.
    case broadcast(Transaction)
}
