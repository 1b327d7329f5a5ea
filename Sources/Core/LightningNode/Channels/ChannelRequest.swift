import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningPayment
import LightningWallet
import LightningWire

/// What is asked of the node's channels.
public enum ChannelRequest: Sendable {
    /// Open channels with one funding transaction that the wallet pays, at that fee rate or at the present one, from those
    /// coins; all of them or none. Answered when the chain has the transaction, or with what went wrong.
    case open([ChannelOpening], feerate: FeeratePerKw?, coins: CoinChoice = CoinChoice())
    /// Open channels with one funding transaction that somebody else makes; answered with the outputs that it must have.
    case openFromOutside([ChannelOpening])
    /// The transaction that funds channels, signed or not; its identifier must not change any more. From now on the peers
    /// sign for it, and it must not be published by anybody else.
    case verifyFunding(FundingID, PSBT)
    /// The same transaction with all signatures; answered when the chain has it.
    case finalizeFunding(FundingID, Transaction)
    /// Give up channels whose funding has not been published.
    case cancelFunding(FundingID)
    /// Close a channel in agreement with the peer, and pay this side to a script or to the wallet. Answered with the
    /// transaction that both have signed, when the chain has it.
    case close(ChannelID, to: Script?, feerate: FeeratePerKw?)
    /// Close a channel without the peer; answered when the chain has this side's commitment.
    case forceClose(ChannelID)
    /// Have the commitment by which this side closes the channel of that funding output pay more, if it can, for at most
    /// `budget` in fees; nil for as much as the node would pay by itself.
    case raiseClosingFee(OutPoint, to: FeeratePerKw, budget: Satoshi?)
    /// Forget a channel whose funding transaction is not in the chain and, for all that the user knows, never will be.
    case abandon(ChannelID)
    /// Whether the user is asked about each channel that a peer wants to open, from now on.
    case askAboutOffers(Bool)
    /// Take or refuse the channel that the peer wants to open under that temporary id.
    case answerOffer(ChannelID, of: PublicKey, OfferAnswer)
    /// Change the terms on which this node forwards.
    case setPolicy(PolicyScope, ForwardingPolicyChange)
    /// The channels that are not closed for good.
    case list
}

/// A channel to be opened.
public struct ChannelOpening: Hashable, Sendable {
    /// The node across.
    public var peer: PublicKey
    /// What this side puts in.
    public var amount: Satoshi
    /// Whether this side puts in all that the coins can give, and `amount` is the least that is wanted; only for a channel
    /// that is opened alone and that the wallet pays.
    public var takesAll = false
    /// What of it is the peer's from the start.
    public var pushed = MilliSatoshi.zero
    /// Whether the network may learn of the channel.
    public var isAnnounced = true
    /// The form of its commitments.
    public var format = CommitmentFormat.anchors
    /// Whether the channel is used before its funding transaction is mined, if the peer trusts this node.
    public var isZeroConfirmation = false
    /// Whether payments name the channel by aliases alone.
    public var isAliasOnly = false
    /// The fee rate of the first commitments; nil for the present target.
    public var feerate: FeeratePerKw?
    /// What this side demands; nil for the node's usual terms.
    public var terms: ChannelTerms?
    /// What the peer may demand; nil for the node's usual limits.
    public var limits: PeerLimits?
    /// How the terms for forwarding over it differ from those of all channels; nil where they do not.
    public var policy: ForwardingPolicyChange?

    /// A channel of `amount` with `peer`.
    public init(peer: PublicKey, amount: Satoshi) {
        self.peer = peer
        self.amount = amount
    }
}

/// Why a request about channels was not granted.
public enum ChannelRequestError: Error, Equatable, Sendable {
    case notConnected(PublicKey)
    case unknownChannel(ChannelID)
    case unknownFunding(FundingID)
    /// The opening breaks a rule, or the peer's answer does.
    case opening(OpeningError)
    /// The channel does not allow it.
    case channel(ChannelError)
    /// The channel was given up before it was open.
    case forgotten(ForgottenReason)
    /// No output of the transaction is the one that a channel needs.
    case fundingOutputMissing(TransactionOutput)
    /// Signing the transaction would change its identifier.
    case fundingNotFinal(TransactionID)
    /// It is another transaction than the one that the peers have signed for.
    case wrongFunding(expected: TransactionID, actual: TransactionID)
    /// An input's signature does not hold.
    case fundingNotSigned(PSBTError)
    /// The chain did not take the transaction. Where the channels are given up, the wallet's coins are free again; where not,
    /// the transaction is offered again until it is mined or the user abandons its channels.
    case fundingRefused(TransactionID, reason: String, isGivenUp: Bool)
    /// That is not possible now: `reason` tells why.
    case notNow(reason: String)
    /// The terms for forwarding cannot be such.
    case policy(PolicyProblem)
    /// The key of a channel cannot be derived.
    case noKeys
}

/// A channel as it stands.
public struct ChannelReport: Hashable, Sendable {
    /// The number of its keys.
    public let number: ChannelKeyNumber
    public let peer: PublicKey
    /// The id; the temporary one while the channel has no funding.
    public let channelID: ChannelID
    public let state: ChannelState
    /// Whether this node opened it.
    public let isOpener: Bool
    /// Whether the peer is connected and both sides have said where they stand.
    public let isConnected: Bool
    /// The funding output; nil while there is none.
    public let funding: ChannelFunding?
    /// What each side has, HTLCs aside; nil while nothing is signed.
    public let balances: Balances?
    /// The HTLCs on their way.
    public let htlcCount: Int
    /// All else; nil while nothing is signed.
    public let details: ChannelDetails?
    /// The fee rate of the commitments.
    public let feerate: FeeratePerKw?
    /// The names by which payments may speak of it.
    public let names: [ShortChannelID]
    /// Whether the network may learn of it, and does.
    public let announcement: AnnouncementState
    /// The terms on which this node forwards over it.
    public let policy: ForwardingPolicy
    /// What this node last told of them; nil before the channel is open.
    public let terms: ChannelUpdate?
    /// The terms on which the peer forwards over it to this node; nil where it has not told them.
    public let peerTerms: ChannelUpdate?
    /// Where the money is being taken to on the chain; nil while the channel lives.
    public let closing: ClosingReport?
}

/// How far a channel's end on the chain has come.
public struct ClosingReport: Hashable, Sendable {
    /// Whether this side wants its commitment mined.
    public let isPublishing: Bool
    /// What this side is about to take.
    public let claimed: Satoshi
    /// This side's commitment.
    public let local: ClosingCommitment
    /// The peer's commitment.
    public let remote: ClosingCommitment
    /// The peer's commitment after that, where this side has signed it and the peer has not revoked the one before.
    public let remoteNext: ClosingCommitment?
    /// To which scripts a close in agreement pays.
    public let scripts: ChannelSnapshot.ClosingScripts
    /// What has become of the channel since a transaction in the chain closed it; nil where none has.
    public let progress: ClosingProgress?
}

/// A commitment transaction that may close a channel.
public struct ClosingCommitment: Hashable, Sendable {
    public let id: TransactionID
    public let fee: Satoshi
}
