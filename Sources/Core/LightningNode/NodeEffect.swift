import Bitcoin
import LightningPayment
import LightningWallet
import LightningWire

/// Something to be done outside the core, once the state that it follows from is durable.
///
/// Effects happen at least once: after a crash the restart asks again for what was due. Answers alone go with the process
/// that was asked.
public enum NodeEffect: Sendable {
    /// Offer a transaction to the network, and answer with ``NodeInput/broadcastAnswered(_:_:)``.
    case broadcast(Transaction)
    /// Offer a transaction with its unconfirmed parents as one package, parents first, and answer for each of them with
    /// ``NodeInput/broadcastAnswered(_:_:)``.
    case broadcastPackage([Transaction])
    /// Send messages to the peer, in this order and after those of earlier effects. Where there is no connection to it,
    /// nothing happens: what matters is sent again after reconnecting.
    case send(PublicKey, [Message])
    /// Close the connection to the peer after what was to be sent, and answer with ``NodeInput/peerDisconnected(_:)``.
    case disconnect(PublicKey)
    /// Stay connected with these peers, and with no others on the node's own account.
    case keepPeers([KnownPeer])
    /// Read the records of a table whose keys start with `prefix`, beside the loop, and answer with
    /// ``NodeInput/loaded(_:_:)``.
    case load(LoadID, RecordTable, prefix: [UInt8])
    /// Look for routes beside the loop, and answer once with ``NodeInput/routesFound(_:_:)``.
    case findRoutes(RouteQueryID, RouteQuery)
    /// Remember what attempts have taught before the next routes are looked for.
    case learn([RouteLesson])
    /// Tell the network what this node says of itself and of its channels (BOLT 7): to
    /// ``LightningGraph/GossipInput/local(_:)``, in this order.
    case gossip([Message])
    /// These are the names of the node's channels, with the nodes across: who may tell terms for them.
    case localChannels([ShortChannelID: NodeID])
    /// More is watched on the chain than before: take ``FollowedPosition/scanner`` anew for what mempools show.
    case watchGrew
    /// Blocks below the tip are to be scanned again (``FollowedPosition/rescanHeight``).
    case scanAgain
    /// Answer a request.
    case reply(RequestID, Result<NodeReply, NodeFailure>)
    /// Tell subscribers.
    case tell(WalletEvent)
    /// Tell subscribers of what happened to peers, channels, invoices or payments.
    case notify(NodeNews)
}
