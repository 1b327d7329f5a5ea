import Bitcoin
import LightningNode

/// Where what happens to peers goes: the node's loop, or a test in its place. Nothing is refused and nothing waits.
protocol PeerInputs: Sendable {
    /// A connection has begun or ended.
    func connectionChanged(_ input: NodeInput)

    /// The peer sent these messages. The ticket is kept until all that they led to is released.
    func received(_ messages: [[UInt8]], from peer: PublicKey, ticket: InboundTicket)
}
