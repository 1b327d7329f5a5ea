import Bitcoin
import LightningWire

/// What is durable of a channel besides its commitments.
struct ChannelLife: Hashable, Sendable {
    var peer: PublicKey
    var isAnnounced: Bool
    /// The confirmations that this side waits for; 0 where it trusts the opener, or is the opener.
    var minimumDepth: UInt32
    /// This side's name for the channel.
    var alias: ShortChannelID
    /// The peer's.
    var peerAlias: ShortChannelID?
    /// The height from which the wait for the funding transaction counts.
    var waitingSince: BlockHeight
    var position: FundingPosition?
    var sentReady = false
    var receivedReady = false
    var closeRequest: CloseRequest?
    /// The last closing transactions that both sides have signed, at most ``mostClosings``.
    var closings: [Transaction] = []
    var failure: Failure?
    /// A transaction in the chain spends the funding output.
    var isSpent = false

    /// Each side's transaction, and the one that it replaced.
    static let mostClosings = 4

    init(
        peer: PublicKey, isAnnounced: Bool, minimumDepth: UInt32, alias: ShortChannelID,
        waitingSince: BlockHeight
    ) {
        self.peer = peer
        self.isAnnounced = isAnnounced
        self.minimumDepth = minimumDepth
        self.alias = alias
        self.waitingSince = waitingSince
    }

    /// Why the channel ends without the peer's agreement.
    struct Failure: Hashable, Sendable {
        enum Kind: UInt8 {
            /// This side's commitment is to be published.
            case failed = 0
            /// This side has lost its latest state, and publishes nothing.
            case outdated = 1
            /// This side has only a backup of the channel, and publishes nothing.
            case restored = 2
        }

        var kind: Kind
        /// What the peer is told on each new connection; nil where it was the peer that failed the channel.
        var text: [UInt8]?
        var peerPoint: Point?
    }
}
