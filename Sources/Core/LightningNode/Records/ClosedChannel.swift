import Bitcoin
import LightningOnChain
import LightningWire

/// What is kept of a channel that is closed for good.
public struct ClosedChannel: Hashable, Sendable {
    /// The node across.
    public let peer: PublicKey
    public let channelID: ChannelID
    /// The funding output.
    public let funding: OutPoint
    public let capacity: Satoshi
    /// How it ended.
    public let kind: Kind
    /// The transaction that spent the funding output.
    public let closing: TransactionID
    /// The height of its block.
    public let height: BlockHeight
    /// What this node has taken, before fees.
    public let taken: Satoshi
    /// What miners got of the closing transaction.
    public let closingFee: Satoshi
    /// What miners got of transactions that took outputs of the channel and nothing else.
    public let claimFees: Satoshi
    /// Whether this node opened it.
    public let isOpener: Bool
    /// When everything was final, in seconds since 1970.
    public let closedAt: UInt64
    /// Its place in the chain as a name; nil where it is not known.
    public let name: ShortChannelID?
    /// The alias that this side had given it; nil where it is not known.
    public let alias: ShortChannelID?
    /// Every output that this node had a claim to or watched, with its end.
    public let outputs: [ClosedOutput]

    /// How a channel ended. The raw value is part of the stored format.
    public enum Kind: UInt8, Hashable, Sendable {
        case mutual = 0
        /// By this node's commitment.
        case local = 1
        /// By the peer's commitment.
        case remote = 2
        /// By a commitment that the peer had revoked.
        case revoked = 3
        /// By a transaction that this node does not know.
        case unknown = 4
    }

    init(
        peer: PublicKey, channelID: ChannelID, funding: OutPoint, name: ShortChannelID?,
        alias: ShortChannelID?, summary: ClosingSummary, closedAt: UInt64
    ) {
        self.peer = peer
        self.channelID = channelID
        self.funding = funding
        capacity = summary.capacity
        kind = Kind(summary.spend)
        closing = summary.transactionID
        height = summary.height
        taken = summary.taken
        closingFee = summary.closingFee
        claimFees = summary.claimFees
        isOpener = summary.isOpener
        self.closedAt = closedAt
        self.name = name
        self.alias = alias
        outputs = summary.outputs
    }
}

extension ChannelReport {
    /// The channel as closed, where a transaction in the chain has closed it and this node has all that it gets, though a
    /// reorganisation might still change that; nil where it is not so far.
    public var closedSoFar: ClosedChannel? {
        closing?.progress?.isResolved == true ? closed : nil
    }

    /// The channel as closed, with what has become of its outputs so far; nil where no transaction in the chain has
    /// closed it.
    public var closed: ClosedChannel? {
        guard let progress = closing?.progress, let funding else { return nil }
        return ClosedChannel(
            peer: peer, channelID: channelID, funding: funding.outPoint, name: details?.name,
            alias: details?.alias, summary: progress.summary, closedAt: 0)
    }
}

extension ClosedChannel.Kind {
    init(_ spend: FundingSpend) {
        switch spend {
        case .mutual: self = .mutual
        case .local: self = .local
        case .remote, .remoteNext: self = .remote
        case .revoked: self = .revoked
        case .unknown: self = .unknown
        }
    }
}

extension ClosedChannel: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        func amount(_ value: UInt64, _ type: UInt64) throws(RecordError) -> Satoshi {
            guard let amount = Int64(exactly: value) else { throw .invalidField(type: type) }
            return Satoshi(amount)
        }
        let key = try record.requireBytes(0)
        do {
            peer = try PublicKey(compressed: key)
        } catch {
            throw .invalidField(type: 0)
        }
        guard let id = try? Hash256(try record.requireBytes(2)) else {
            throw .invalidField(type: 2)
        }
        channelID = ChannelID(id)
        funding = try record.require(4)
        capacity = try amount(try record.requireInteger(6), 6)
        guard let raw = UInt8(exactly: try record.requireInteger(8)), let kind = Kind(rawValue: raw)
        else { throw .invalidField(type: 8) }
        self.kind = kind
        closing = try record.require(10)
        guard let height = UInt32(exactly: try record.requireInteger(12)) else {
            throw .invalidField(type: 12)
        }
        self.height = BlockHeight(height)
        taken = try amount(try record.requireInteger(14), 14)
        closingFee = try amount(try record.requireInteger(16), 16)
        claimFees = try amount(try record.requireInteger(18), 18)
        isOpener = try record.takeInteger(20) != nil
        closedAt = try record.requireInteger(22)
        name = try record.takeInteger(23).map { ShortChannelID($0) }
        alias = try record.takeInteger(25).map { ShortChannelID($0) }
        outputs = try record.takeList(27)
    }

    public func write(to record: inout RecordWriter) {
        record.put(0, peer.compressed)
        record.put(2, channelID.hash.bytes)
        record.put(4, funding)
        record.put(6, integer: UInt64(clamping: capacity.value))
        record.put(8, integer: UInt64(kind.rawValue))
        record.put(10, closing)
        record.put(12, integer: UInt64(height.value))
        record.put(14, integer: UInt64(clamping: taken.value))
        record.put(16, integer: UInt64(clamping: closingFee.value))
        record.put(18, integer: UInt64(clamping: claimFees.value))
        record.put(20, integer: isOpener ? 1 : nil)
        record.put(22, integer: closedAt)
        record.put(23, integer: name?.value)
        record.put(25, integer: alias?.value)
        record.put(27, list: outputs)
    }
}
