import Bitcoin
import LightningInvoice
import LightningPayment
import LightningWallet
import LightningWire

/// Something that a user or program asks of the node.
public enum NodeRequest: Sendable {
    /// How far the node has come.
    case status
    /// Something about the wallet's addresses, coins and transactions.
    case books(BookRequest)
    /// A transaction to build.
    case spend(SpendingRequest)
    /// Something about channels.
    case channel(ChannelRequest)
    /// Something about invoices or payments.
    case payment(PaymentRequest)
    /// Something about the peers to stay connected with.
    case peer(PeerRequest)
    /// Something about backups of the channels.
    case backup(BackupRequest)
}

/// What is asked of the wallet's books.
public enum BookRequest: Sendable {
    /// An address to be paid at: a fresh one, or with `reuse` the last one where nobody has paid it yet.
    case newAddress(AccountKind, reuse: Bool)
    /// The sums of the wallet's coins.
    case balance
    /// The coins that nothing spends.
    case coins
    /// The accounts.
    case accounts
    /// Give a transaction a name; an empty one removes it. The caller has made sure that the wallet has the transaction.
    case label(TransactionID, String)
    /// Keep coins for one use until a time, in seconds since 1970.
    case lease([OutPoint], id: Hash256, until: UInt64)
    /// End the lease of a coin.
    case release(OutPoint, id: Hash256)
    /// Take a transaction as the wallet's own and offer it to the network.
    case publish(Transaction)
    /// Give up a transaction that waits to be mined.
    case abandon(TransactionID)
    /// Sign a message with the key of an address of the wallet.
    case signMessage([UInt8], Script)
    /// Scan the blocks from a height on again.
    case rescan(from: BlockHeight)
}

/// A transaction that the wallet is asked to build.
public enum SpendingRequest: Sendable {
    /// Pay outputs in one transaction and publish it; `label` names it unless it is empty.
    case send(SpendRequest, label: String)
    /// Pay all that the request's coins hold to a script; the request's outputs do not count.
    case sendAll(to: Script, SpendRequest, label: String)
    /// What ``send(_:label:)`` would build, without doing it.
    case plan(SpendRequest)
    /// Compose a transaction that is signed later, and lease its coins until a time, in seconds since 1970.
    case fund(SpendRequest, leaseID: Hash256, until: UInt64)
    /// Pay for a transaction that others began, and lease the coins until a time, in seconds since 1970.
    case fundTemplate(TemplateRequest, leaseID: Hash256, until: UInt64)
    /// Add the wallet's signatures to a transaction.
    case sign(PSBT)
    /// Replace a transaction that waits to be mined by one with a higher fee.
    case bumpFee(TransactionID, BumpRequest)
    /// Spend an unconfirmed output with so high a fee that miners take its transaction along.
    case speedUp(OutPoint, FeeratePerKw, FeePolicy)
}

/// The answer to a request that was granted.
public enum NodeReply: Sendable {
    case done
    case status(NodeStatus)
    case address(Address, WalletKeyPath)
    case balance(WalletBalance)
    case coins([CoinState])
    case accounts([AccountReport])
    /// The transaction that was published.
    case published(Transaction)
    case plan(SpendPlan)
    /// What was composed and leased, in the form in which others sign it.
    case funded(FundedTransaction)
    /// With the wallet's signatures, and how many those are.
    case signed(PSBT, count: Int)
    /// A signature of a message, as its kind of key writes it.
    case signature([UInt8])
    /// Where the wallet stands in the chain.
    case position(FollowedPosition)
    /// These channels are funded by a transaction that the chain has, or will be offered until it does.
    case opened([ChannelID], Transaction)
    /// The outputs that the funding transaction must have, in the order of the channels.
    case fundingWanted(FundingID, [TransactionOutput])
    /// The transaction that closes the channel, once it is mined.
    case closing(Transaction)
    /// This side's commitment, which is being published to close the channel.
    case closingAlone(TransactionID)
    case channels([ChannelReport])
    case backups(NodeBackups)
    /// The channels in backups, or those of them that are new now.
    case backedUp([OutPoint])
    /// The invoice that was made, and its number among all of the node's.
    case invoice(Invoice, number: UInt64)
    case invoices([InvoiceEntry])
    /// A payment that has ended, one way or the other.
    case payment(PastPayment)
    case payments([PaymentProgress])
    /// A part of a payment that has ended, one way or the other.
    case attempt(PaymentAttempt)
}

/// One of the wallet's accounts.
public struct AccountReport: Sendable, Equatable {
    /// The kind of its addresses.
    public let kind: AccountKind
    /// The key from which its addresses follow.
    public let key: ExtendedPublicKey
    /// Where that key comes from.
    public let origin: KeyOrigin
    /// How many addresses of each branch were handed out, or passed over because a later one was paid.
    public let addressCounts: [AccountBranch: UInt32]
}

/// How far the node has come along the chain.
public struct NodeStatus: Sendable, Equatable {
    /// The node's identity.
    public let nodeKey: PublicKey
    /// The last block processed; nil before the first.
    public let tip: BlockReference?
    /// The height of the block that comes next.
    public let nextHeight: BlockHeight
    /// The height of the next block to scan again; nil while no rescan is under way.
    public let rescanHeight: BlockHeight?
    /// The name, colour and addresses that the node tells the network.
    public let identity: NodeIdentity
    /// The features that the node tells peers of.
    public let features: Features
}

/// Where the wallet stands in the chain, and what it watches from there on.
public struct FollowedPosition: Sendable {
    /// The height of the block that comes next.
    public let nextHeight: BlockHeight
    /// The height of the next block to scan again; nil while no rescan is under way.
    public let rescanHeight: BlockHeight?
    /// The last blocks processed, lowest first; told only when asked for.
    public let recentBlocks: [BlockReference]
    /// The transactions that wait to be mined.
    public let unconfirmed: Set<TransactionID>
    /// What finds in blocks what the wallet watches at present.
    public let scanner: WalletScanner
}

/// Why a request was not granted.
public enum NodeFailure: Error, Sendable, Equatable {
    /// The wallet refuses.
    case wallet(WalletError)
    /// The wallet does not build the transaction that was asked for.
    case spend(SpendError)
    /// Nothing is done about channels.
    case channel(ChannelRequestError)
    /// Nothing is done about invoices.
    case invoice(InvoiceRefusal)
    /// Nothing is paid.
    case payment(OrderRefusal)
    /// Backups are of no use.
    case backup(BackupError)
    /// The node takes no requests now; `reason` tells why and what it means.
    case unavailable(reason: String)
    /// The node is stopping.
    case stopping
}
