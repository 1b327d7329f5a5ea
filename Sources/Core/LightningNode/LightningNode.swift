import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningPayment
import LightningWallet
import LightningWire

/// A whole node as a value: inputs go in, steps come out.
///
/// It does nothing by itself. ``receive(_:at:)`` and ``finish(at:)`` in Dispatch.swift are its only ways in; the runtime
/// makes the writes of a step durable before anything of its effects is seen.
public struct LightningNode: Sendable {
    /// The wallet and the keys that sign for it.
    var purse: NodeFeeWallet
    var policy: NodePolicy

    /// The channels, until their ends on the chain are final.
    var channels = ChannelTable()
    /// The number of the channel keys that come next.
    var nextKeys: UInt32 = 0
    /// The channels that end on the chain.
    var closings: [ChannelKeyNumber: OnChainChannel] = [:]
    /// What gets the transactions of those mined.
    var publisher: Publisher
    /// Funding transactions that others' coins pay, until no reorganisation takes them out of the chain any more.
    var foreignFundings: [TransactionID: Transaction] = [:]

    /// The removals of the past of closed channels that are under way.
    var pruning: [ChannelKeyNumber: PruningJob] = [:]
    /// What is told of the node and its channels, and what their peers tell.
    var gossip = NodeGossip()
    /// The peers that the node knows the way to.
    var peerBook = PeerBook()
    var invoices: Invoices
    var payments: Payments

    // What follows is not durable, or follows from what is.

    /// The height of the last block that the node has processed.
    var height: BlockHeight
    /// Whether that is the last block that there is, for all that the backend knows.
    var isCaughtUp = false
    /// What is said to whoever asks for something new before that: a deadline that is not seen may be missed.
    static let blindness = "the node has not caught up with the chain: try again in a moment"
    /// The HTLCs of peers that are decided about as soon as it is.
    var postponed: [PostponedHTLC] = []
    /// What is watched on the chain for channels.
    var watchers = Watchers()
    /// The connections.
    var links: [PublicKey: PeerLink] = [:]
    /// The fee rates last heard of.
    var feeEstimates: FeeEstimates?
    /// The fundings in the making.
    var fundings: [FundingID: FundingPlan] = [:]
    var fundingNumber: UInt64 = 0
    /// Who waits for the chain's word about a transaction.
    var awaitedBroadcasts: [TransactionID: [AwaitedBroadcast]] = [:]
    /// The channels of peers that the user is asked about.
    var offers = ChannelOffers()
    /// How many channels peers have begun to open.
    var openingCounts = OpeningCounts()
    /// Who waits for a channel to be closed.
    var closeAskers: [ChannelKeyNumber: [RequestID]] = [:]
    /// Who waits for an invoice with a hash of the user's.
    var invoiceAskers: [PaymentHash: RequestID] = [:]
    /// Who waits for what becomes of payments.
    var askers = PaymentAskers()
    /// Payments from before the start that want routes.
    var waitingSearches: Set<PaymentHash> = []
    /// Whether the channels have come back after a start, as far as they do.
    var hasSettled = true
    /// Since when the node knows the height after a start, in seconds since 1970.
    var settlingSince: UInt64?
    /// The place of the last forward that was recorded in this run.
    var forwardCount: UInt64 = 0
    /// The HTLCs that came in and go on.
    var forwarding: Forwarding
    /// The channels that something happened to in this batch.
    var touched: Set<ChannelKeyNumber> = []
    /// The channels in which something waits to be signed in company, and until when, in milliseconds since 1970.
    var holding: [ChannelKeyNumber: UInt64] = [:]
    /// How many HTLCs that came in by a channel were forwarded with success since the start.
    var forwarded: [ChannelKeyNumber: Int] = [:]
    /// The channels whose next commitments can be prepared.
    var unprepared: Set<ChannelKeyNumber> = []
    /// The channels that have to be told of blocks.
    var awake: Set<ChannelKeyNumber> = []
    /// The channels whose peers have not answered a `commitment_signed`.
    var unanswered: [ChannelKeyNumber: UnansweredCommitment] = [:]
    /// The channels of which subscribers were told that they can be used.
    var activeChannels: Set<ChannelKeyNumber> = []
    /// What is being read beside the loop.
    var reads: [LoadID: PendingRead] = [:]
    var loadNumber: UInt64 = 0
    /// Whether what was under way when the records were written is taken up.
    var isStarted = true
}

extension LightningNode {
    /// The wallet's bookkeeping.
    public internal(set) var wallet: Wallet {
        get { purse.wallet }
        _modify { yield &purse.wallet }
    }

    var keys: WalletKeys { purse.keys }
}
