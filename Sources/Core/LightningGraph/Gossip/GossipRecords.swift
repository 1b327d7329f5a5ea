import Bitcoin
import LightningWire

// Stored record `gossipChannel`, by short channel id:
//   2  the `channel_announcement`, with its type
//   4  the value of the funding output, in satoshi
//   6  the funding output
// `gossipUpdate`, by short channel id and side, and `gossipNode`, by node id, are the messages with their type.
// `gossipClosing`, by short channel id:
//   2  the height at which the funding output was spent

/// An announcement with what the chain said of it.
public struct GossipChannelRecord: RecordCodable, Equatable {
    /// The `channel_announcement`, with its type.
    public var announcement: [UInt8]
    /// The value of the funding output.
    public var capacity: Satoshi
    public var funding: OutPoint

    init(announcement: [UInt8], capacity: Satoshi, funding: OutPoint) {
        self.announcement = announcement
        self.capacity = capacity
        self.funding = funding
    }

    public init(from record: inout RecordReader) throws(RecordError) {
        announcement = try record.requireBytes(2)
        let value = try record.requireInteger(4)
        guard let amount = Int64(exactly: value), Satoshi(amount).isValidOutputAmount else {
            throw .invalidField(type: 4)
        }
        capacity = Satoshi(amount)
        funding = try record.require(6)
    }

    public func write(to record: inout RecordWriter) {
        record.put(2, announcement)
        record.put(4, integer: UInt64(capacity.value))
        record.put(6, funding)
    }
}

/// When a channel's funding output was spent.
struct GossipClosingRecord: RecordCodable, Equatable {
    var height: BlockHeight

    init(height: BlockHeight) { self.height = height }

    init(from record: inout RecordReader) throws(RecordError) {
        height = BlockHeight(try record.requireNumber(2))
    }

    func write(to record: inout RecordWriter) {
        record.put(2, integer: UInt64(height.value))
    }
}

extension ChannelGraph {
    /// A graph from the messages that were stored, as where the graph's own file is lost; what cannot be read is left out.
    ///
    /// The messages were checked before they were stored, so no signature is checked again.
    public init(
        channels: some Sequence<[UInt8]>, updates: some Sequence<[UInt8]>,
        nodes: some Sequence<[UInt8]>, key: FundingFingerprintKey
    ) {
        self.init()
        for bytes in channels {
            guard let record = try? GossipChannelRecord(record: bytes),
                case .channelAnnouncement(let message)? = try? Message(
                    decoding: record.announcement)
            else { continue }
            _ = try? add(
                message, capacity: record.capacity,
                funding: FundingFingerprint(record.funding, key: key))
        }
        for bytes in updates {
            guard case .channelUpdate(let message)? = try? Message(decoding: bytes),
                let direction = direction(message.direction)
            else { continue }
            update(direction, message)
        }
        for bytes in nodes {
            guard case .nodeAnnouncement(let message)? = try? Message(decoding: bytes),
                let node = node(message.nodeID)
            else { continue }
            announce(
                node, timestamp: message.timestamp, isRoutable: message.features.areUnderstood)
        }
    }

    mutating func add(
        _ message: ChannelAnnouncement, capacity: Satoshi, funding: FundingFingerprint?
    ) throws(GraphError) -> ChannelIndex {
        try add(
            GraphChannel(
                id: message.shortChannelID, node1: message.nodeID1, node2: message.nodeID2,
                capacity: capacity, funding: funding,
                isRoutable: message.features.areUnderstood))
    }

    mutating func update(_ direction: DirectionIndex, _ message: ChannelUpdate) {
        update(
            direction, DirectionPolicy(message), inboundFee: message.inboundFee,
            checksum: message.checksum)
    }
}
