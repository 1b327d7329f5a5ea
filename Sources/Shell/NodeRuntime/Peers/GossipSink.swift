import Bitcoin
import LightningWire

/// Who takes what peers say of the network's graph.
///
/// It is called on the thread of all peers: each call must return at once.
public protocol GossipSink: Sendable {
    /// Both sides have greeted over a connection of that number; `features` are those of the peer's `init`, `chains` what it
    /// follows, where it said so.
    func peerConnected(
        _ peer: NodeID, over connection: UInt64, features: Features, chains: [BlockHash]?)

    /// The peer sent these messages of BOLT 7, each a type and a payload that nobody has looked at, in this order.
    ///
    /// Keep the ticket until they are processed: with too much underway the peer's socket is not read.
    func receive(_ messages: [[UInt8]], from peer: NodeID, ticket: InboundTicket)

    /// The connection to the peer has ended.
    func peerDisconnected(_ peer: NodeID)

    /// Answers, from any thread, where the node says that it is reached.
    func findAddresses(of node: NodeID, answer: @escaping @Sendable ([AddressDescriptor]) -> Void)
}

extension GossipSink {
    public func findAddresses(
        of node: NodeID, answer: @escaping @Sendable ([AddressDescriptor]) -> Void
    ) { answer([]) }
}
