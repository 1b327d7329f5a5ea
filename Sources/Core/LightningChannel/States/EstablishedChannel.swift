import Bitcoin
import LightningCommitment
import LightningWire

/// A channel whose first commitments both sides have signed. All of it is durable but the connection, and what is proposed
/// and not signed.
public struct EstablishedChannel: Hashable, Sendable {
    /// The node across.
    public let peer: PublicKey
    public internal(set) var commitments: Commitments
    /// What is durable besides the commitments.
    var life: ChannelLife
    var link = Link.down
    /// What has been said about a closing transaction on this connection.
    var negotiation: ClosingNegotiation?

    /// How far the two sides are in speaking of the channel on the present connection.
    enum Link: Hashable, Sendable {
        /// The peer is not connected, or is about to be disconnected.
        case down
        /// This side has sent `channel_reestablish`, and waits for the peer's.
        case reestablishing
        case up
    }

    /// The channel that both sides have just signed.
    init(
        _ agreed: AgreedOpening, _ commitments: Commitments, _ peer: PublicKey,
        _ context: ChannelContext
    ) {
        self.peer = peer
        self.commitments = commitments
        life = ChannelLife(
            peer: peer, isAnnounced: agreed.isAnnounced, minimumDepth: agreed.minimumDepth,
            alias: .alias(agreed.local.basepoints, agreed.localPoint),
            waitingSince: context.height)
        link = .up
    }

    init(commitments: Commitments, life: ChannelLife) {
        peer = life.peer
        self.commitments = commitments
        self.life = life
    }

    /// Makes the channel durable, and says what may be said at once.
    mutating func begin(_ context: ChannelContext) -> ChannelStep {
        var step = ChannelStep(writes: commitments.openingWrites + [lifeWrite()])
        step.append(readyIfDue(context))
        return step
    }

    var channelID: ChannelID { commitments.parameters.channelID }

    /// Where the channel is in its life.
    public var state: ChannelState {
        if life.isSpent { return .spent }
        switch life.failure?.kind {
        case .outdated: return .outdated
        case .restored: return .restored
        case .failed: return .failed
        case nil: break
        }
        if commitments.canNegotiateClose || !life.closings.isEmpty { return .negotiating }
        if commitments.isShuttingDown { return .shuttingDown }
        return isReady ? .normal : .waitForReady
    }

    /// Whether the network may learn of the channel.
    public var isAnnounced: Bool { life.isAnnounced }

    /// The confirmations that this side waits for.
    public var minimumDepth: UInt32 { life.minimumDepth }

    /// The height from which the wait for the funding transaction counts.
    public var waitingSince: BlockHeight { life.waitingSince }

    /// The alias that the peer has given the channel; nil where it has not.
    public var peerAlias: ShortChannelID? { life.peerAlias }

    /// Where in the chain the funding transaction is; nil while it is not.
    public var position: FundingPosition? { life.position }

    /// Whether both sides have said `channel_ready`.
    public var isReady: Bool { life.sentReady && life.receivedReady }

    /// Whether the peer is connected and both sides have said where they stand.
    public var isConnected: Bool { link == .up }

    /// Whether HTLCs may be offered over the channel now: not where the user wants it closed.
    public var isUsable: Bool {
        state == .normal && isConnected && mayTakeRisk && life.closeRequest == nil
    }

    /// Whether an HTLC that the peer offers may be taken for money: the funding is in the chain, or the opener is trusted.
    public var mayTakeRisk: Bool { life.minimumDepth == 0 || life.position != nil }

    /// The user's wish to close, until it is carried out.
    public var closeRequest: CloseRequest? { life.closeRequest }

    /// The transactions that both sides have signed to close the channel, the latest last.
    public var closings: [Transaction] { life.closings }

    /// The peer's point that it named when this side was found to be behind.
    public var peerPoint: Point? { life.failure?.peerPoint }
}
