import Bitcoin
import LightningCommitment
import LightningGraph
import LightningPayment
import LightningWallet
import LightningWire

/// Something that happened outside the core.
public enum NodeInput: Sendable {
    /// The best chain moved; the answer tells the follower whether the wallet could take it.
    case chain(RequestID, ChainInput)
    /// A mempool holds the transaction.
    case transactionSeen(Transaction)
    /// The mempool does not hold these transactions, and they are not mined.
    case transactionsEvicted([TransactionID])
    /// The backend answered an offer to broadcast a transaction.
    case broadcastAnswered(TransactionID, BroadcastOutcome)
    /// What waits to be mined is due to be offered again.
    case rebroadcastDue
    /// Somebody asks for something; the answer carries the same number.
    case request(RequestID, NodeRequest)
    /// A connection to the peer is there and its key is proven (BOLT 8). One that was there before has ended.
    case peerConnected(PublicKey)
    /// The peer sent these bytes, decrypted: a type and a payload.
    case peerMessage(PublicKey, [UInt8])
    /// The connection to the peer has ended, or could not be made to take what was to be sent.
    case peerDisconnected(PublicKey)
    /// The peer of a channel told its terms for forwarding to this node; the signature was checked.
    case peerTerms(ChannelUpdate)
    /// These are the addresses at which the node can be reached from now on, in place of those of ``NodeIdentity``.
    case reachable([AddressDescriptor])
    /// The backend's estimates of fee rates changed.
    case feeEstimates(FeeEstimates)
    /// The records that ``NodeEffect/load(_:_:prefix:)`` asked for, in the order of their keys.
    case loaded(LoadID, [(key: [UInt8], value: [UInt8])])
    /// The routes that ``NodeEffect/findRoutes(_:_:)`` asked for, which together carry the amount, or why there are none.
    case routesFound(RouteQueryID, Result<[FoundRoute], PathError>)
    /// Time went on; the moment of the step tells how far.
    case tick
}

/// A movement of the best chain, already reduced to what concerns the node.
public enum ChainInput: Sendable {
    /// Blocks were added, lowest first.
    case blocksConnected([BlockMatch])
    /// The block at the tip is no longer part of it.
    case blockDisconnected(BlockHash)
    /// Blocks up to the tip were scanned again, lowest first.
    case blocksRescanned([BlockMatch])
    /// Nothing moved: the follower asks where the wallet stands.
    case positionWanted
    /// The node has processed every block that the backend has. Before that nothing is decided that depends on the height.
    case caughtUp
    /// That holds no longer: the backend is away, or has many blocks more.
    case behind
}

/// Ties an answer to what asked for it; unique within one run of the process.
public struct RequestID: Hashable, Sendable {
    /// A running number.
    public let value: UInt64

    /// The request of that number.
    public init(_ value: UInt64) { self.value = value }
}

/// Ties records that were read beside the loop to what asked for them; unique within one run of the process.
public struct LoadID: Hashable, Sendable {
    /// A running number.
    public let value: UInt64

    /// The read of that number.
    public init(_ value: UInt64) { self.value = value }
}

/// What the chain made of an offered transaction.
public enum BroadcastOutcome: Sendable, Equatable {
    /// It is in the mempool, or mined.
    case accepted
    /// It was refused, with the backend's word for the reason.
    case rejected(reason: String)
    /// The backend did not answer: whether the transaction is out is not known.
    case unanswered(reason: String)
}

/// The world's part in a step that the core cannot compute: the time, and numbers that nobody can guess.
public struct Moment: Sendable {
    /// Seconds since 1970.
    public let time: UInt64
    /// How many milliseconds have passed since then, below 1,000.
    public let milliseconds: UInt64
    /// The seed of every random choice in the step: 32 bytes from the system's generator, or a test's.
    public let entropy: Hash256

    /// Milliseconds since 1970.
    public var inMilliseconds: UInt64 { time * 1_000 + milliseconds }

    /// The moment `time` with its own `entropy`.
    public init(time: UInt64, milliseconds: UInt64 = 0, entropy: Hash256) {
        self.time = time
        self.milliseconds = min(milliseconds, 999)
        self.entropy = entropy
    }
}
