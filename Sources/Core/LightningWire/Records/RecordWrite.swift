/// A table of the durable state. The raw value is part of the stored format and is never reused.
public enum RecordTable: UInt8, CaseIterable, Sendable {
    /// Single values: the format's version, network, node identity, counters.
    case meta = 1
    /// Wallet: the next index of each chain of addresses, by account.
    case walletAccount = 2
    /// Wallet: the seed, encrypted with the password.
    case walletSeed = 3
    /// Wallet: how far it has followed the chain, and the blocks that it last processed, by height.
    case walletChain = 4
    /// Wallet: transactions that matter to the present, by identifier.
    case walletTransaction = 5
    /// Wallet: leases of coins, by outpoint.
    case walletLease = 6
    /// The blocks that were last processed, by height, for finding the fork after a reorganisation.
    case chainBlock = 7
    /// Wallet: transactions of the past, by height, position in the block and identifier.
    case walletHistory = 8
    /// Wallet: the key in ``walletHistory`` of a transaction of the past, by identifier.
    case walletHistoryIndex = 9
    /// Wallet: what the user calls a transaction, by identifier.
    case walletLabel = 10
    /// Channels: numbers, balances and points. The key of each table of channels starts with the number of its keys.
    case channelState = 11
    /// Channels: what was fixed at the opening.
    case channelParameters = 12
    /// Channels: active fundings, by position.
    case channelFunding = 13
    /// Channels: the peer's signatures of this side's latest commitment, by position of the funding.
    case channelSignatures = 14
    /// Channels: HTLCs that are in a commitment, by offerer and id.
    case channelHTLC = 15
    /// Channels: the peer's messages about such HTLCs, by offerer and id.
    case channelMessage = 16
    /// Channels: the updates of the last `commitment_signed` while it is not acknowledged, by position.
    case channelSignedUpdate = 17
    /// Channels: the secrets that the peer has revealed, by position.
    case channelSecret = 18
    /// Channels: HTLCs of revoked commitments, for penalties, by offerer and id.
    case channelPastHTLC = 19
    /// Channels: what is decided about HTLCs of the peer while no signature has brought it, by offerer and id.
    case channelResolution = 20
    /// Channels: funding, readiness, names and the way to the end, of each channel whose commitments are signed.
    case channelLife = 21
    /// Channels: funding transactions that others' coins pay and that wait to be mined, by identifier.
    case fundingTransaction = 22
    /// On the chain: a channel that is closed there or to be, by the number of its keys.
    case onChain = 23
    /// On the chain: what has happened to such a channel, by the number of its keys, the kind, and what tells it apart.
    case onChainEntry = 24
    /// Publisher: claims that are spent in the best chain or stand alone, by channel and outpoint.
    case publisherClaim = 25
    /// Publisher: what was published last for which claims, by a running number.
    case publisherTransaction = 26
    /// Payments: invoices that can still be paid, by number.
    case invoice = 27
    /// Payments: invoices that were paid, cancelled or let expire, by number.
    case pastInvoice = 28
    /// Payments: payments that are being made, by number.
    case payment = 29
    /// Payments: attempts that may be on their way, by number.
    case paymentAttempt = 30
    /// Peers: where those are reached that stay connected, by their keys.
    case nodePeer = 31
    /// Channels: how those that are closed for good ended, by the number of their keys.
    case channelClosed = 32
    /// Payments: payments that were made or failed, by number.
    case pastPayment = 33
    /// Payments: the numbers of past invoices, by a part of the payment hash.
    case invoiceHash = 34
    /// Payments: the numbers of past payments, by a part of the payment hash; 1 where one was made.
    case paymentHash = 35
    /// Routing: what directions of channels were seen to hold, by short channel id and side.
    case liquidity = 36
    /// Gossip: announcements of channels, by short channel id.
    case gossipChannel = 37
    /// Gossip: the latest updates of channels, by short channel id and side.
    case gossipUpdate = 38
    /// Gossip: the latest announcements of nodes, by id.
    case gossipNode = 39
    /// Gossip: the heights at which fundings of channels were spent, by short channel id, until they are forgotten.
    case gossipClosing = 40
    /// Channels: their forwarding terms and announcements, by the number of their keys; the terms of those that have none of
    /// their own at the empty key.
    case channelPolicy = 41
    /// Payments: what this node has forwarded, by the time in milliseconds since 1970 and a running number.
    case forward = 42
}

/// One change of durable state: a record put in its place, or removed.
///
/// The core decides what is written and how it is encoded; storage knows tables of keys and values and nothing else.
/// Keys sort as bytes, so numbers in keys are big-endian.
public struct RecordWrite: Hashable, Sendable {
    /// The table that is changed.
    public let table: RecordTable
    /// What the record is found by in its table.
    public let key: [UInt8]
    /// The encoded record, or nil to remove it.
    public let value: [UInt8]?

    /// Puts `value` at `key`, replacing what is there; nil removes it.
    public init(_ table: RecordTable, key: [UInt8], value: [UInt8]?) {
        self.table = table
        self.key = key
        self.value = value
    }
}
