import LightningCrypto
import LightningPayment
import LightningWire

// Stored record `channelPolicy`, by the number of the channel's keys:
//    2  the channel's own terms, where it has any
//    4  the terms before the last change, and
//    6  until when they are still taken, in seconds since 1970
//    8  this node's latest `channel_update`, with its type
//   10  the peer's latest `channel_update`, with its type
//   12  the peer's `announcement_signatures`, with their type, until
//   14  the `channel_announcement` that both sides have signed, with its type

/// What is durable of a channel's terms and announcement.
struct ChannelGossip: Hashable, Sendable {
    /// The channel's own terms; nil for those of all channels without any.
    var policy: ForwardingPolicy?
    /// The terms before the last change: payers may not have heard of it.
    var former: FormerPolicy?
    /// What this node last told.
    var update: ChannelUpdate?
    /// What the peer last told.
    var peerTerms: ChannelUpdate?
    /// What the peer signed. Where the place of the funding was not known when it came, it is not checked.
    var peerSignatures: AnnouncementSignatures?
    var announcement: ChannelAnnouncement?

    /// Terms that are no longer told.
    struct FormerPolicy: Hashable, Sendable {
        var policy: ForwardingPolicy
        /// In seconds since 1970.
        var until: UInt64
    }

    init() {}
}

extension ChannelGossip: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        policy = try record.takeBytes(2).map { bytes throws(RecordError) in
            try ForwardingPolicy(record: bytes)
        }
        if let bytes = try record.takeBytes(4) {
            former = FormerPolicy(
                policy: try ForwardingPolicy(record: bytes), until: try record.requireInteger(6))
        }
        if let message = try record.takeMessage(8) {
            guard case .channelUpdate(let update) = message else { throw .invalidField(type: 8) }
            self.update = update
        }
        if let message = try record.takeMessage(10) {
            guard case .channelUpdate(let update) = message else { throw .invalidField(type: 10) }
            peerTerms = update
        }
        if let message = try record.takeMessage(12) {
            guard case .announcementSignatures(let signatures) = message else {
                throw .invalidField(type: 12)
            }
            peerSignatures = signatures
        }
        if let message = try record.takeMessage(14) {
            guard case .channelAnnouncement(let announcement) = message else {
                throw .invalidField(type: 14)
            }
            self.announcement = announcement
        }
    }

    func write(to record: inout RecordWriter) {
        record.put(2, policy?.record)
        record.put(4, former?.policy.record)
        record.put(6, integer: former?.until)
        record.put(8, update?.encoded)
        record.put(10, peerTerms?.encoded)
        record.put(12, peerSignatures?.encoded)
        record.put(14, announcement?.encoded)
    }
}

extension RecordReader {
    /// Takes a message with its type, or nil where the record does not have it.
    mutating func takeMessage(_ type: UInt64) throws(RecordError) -> Message? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let message = try? Message(decoding: bytes) else { throw .invalidField(type: type) }
        return message
    }
}
