import Bitcoin
import CZlib

/// Lists as the gossip queries of BOLT 7 carry them: a byte for the encoding, then the elements one after the other.
public enum EncodedList {
    /// The elements as they are; the only encoding that this node writes.
    public static let uncompressed: UInt8 = 0
    /// The elements compressed with zlib; only read, for peers of older releases.
    public static let zlib: UInt8 = 1

    /// The most bytes that a compressed list may unfold to: what 65,535 bytes of message could hold of 8-byte ids, twice.
    static let limit = 1 << 17

    /// The bytes of the elements. Throws where the encoding is not known or a compressed list is damaged or too long.
    public static func unpack(
        encoding: UInt8, _ payload: [UInt8]
    ) throws(DecodeError) -> [UInt8] {
        switch encoding {
        case uncompressed: return payload
        case zlib where payload.isEmpty: return []
        case zlib: return try inflate(payload)
        default: throw .invalidValue(field: "encoding_type")
        }
    }

    private static func inflate(_ payload: [UInt8]) throws(DecodeError) -> [UInt8] {
        var status = Z_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            var length = uLong(buffer.count)
            status = uncompress(buffer.baseAddress, &length, payload, uLong(payload.count))
            count = status == Z_OK ? Int(length) : 0
        }
        guard status == Z_OK else { throw .invalidValue(field: "compressed list") }
        return bytes
    }
}

/// The ids in `encoded_short_ids` (BOLT 7), in ascending order.
public struct ShortChannelIDList: Hashable, Sendable {
    public var ids: [ShortChannelID]

    /// A list of `ids`, which ascend.
    public init(_ ids: [ShortChannelID]) { self.ids = ids }

    /// Reads the field with its byte of encoding.
    public init(decoding field: [UInt8]) throws(DecodeError) {
        guard let encoding = field.first else { throw .truncated(needed: 1, available: 0) }
        let bytes = try EncodedList.unpack(encoding: encoding, Array(field[1...]))
        guard bytes.count % 8 == 0 else { throw .trailingBytes(count: bytes.count % 8) }
        var reader = ByteReader(bytes.span.bytes)
        ids = []
        while !reader.isAtEnd { ids.append(try ShortChannelID(fromWire: &reader)) }
        // BOLT 7: "uncompressed array of `short_channel_id` types, in ascending order."
        for (earlier, later) in zip(ids, ids.dropFirst()) where later <= earlier {
            throw .invalidValue(field: "order of short channel ids")
        }
    }

    /// The field with its byte of encoding, uncompressed.
    public var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 1 + ids.count * 8)
        writer.writeByte(EncodedList.uncompressed)
        for id in ids { id.write(toWire: &writer) }
        return writer.bytes
    }
}

extension QueryFlags {
    /// What of a channel is wanted.
    public struct Wanted: OptionSet, Hashable, Sendable {
        public let rawValue: UInt64

        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// The announcement of the channel.
        public static let channelAnnouncement = Wanted(rawValue: 1)
        /// The update of the node with the lesser id.
        public static let channelUpdate1 = Wanted(rawValue: 2)
        /// The update of the node with the greater id.
        public static let channelUpdate2 = Wanted(rawValue: 4)
        /// The announcement of the node with the lesser id.
        public static let nodeAnnouncement1 = Wanted(rawValue: 8)
        /// The announcement of the node with the greater id.
        public static let nodeAnnouncement2 = Wanted(rawValue: 16)
    }

    /// Flags for each channel of the query, in its order.
    public init(_ flags: [Wanted]) {
        var writer = ByteWriter()
        for flag in flags { writer.writeBigSize(flag.rawValue) }
        self.init(encodingType: EncodedList.uncompressed, encodedFlags: writer.bytes)
    }

    /// The flags for each channel of the query, in its order.
    public func flags() throws(DecodeError) -> [Wanted] {
        let bytes = try EncodedList.unpack(encoding: encodingType, encodedFlags)
        var reader = ByteReader(bytes.span.bytes)
        var flags: [Wanted] = []
        while !reader.isAtEnd { flags.append(Wanted(rawValue: try reader.readBigSize())) }
        return flags
    }
}

extension EncodedTimestamps {
    /// The times of a channel's two updates in seconds since 1970; 0 where there is none.
    public struct Pair: Hashable, Sendable {
        public var node1: UInt32
        public var node2: UInt32

        /// A pair of times.
        public init(node1: UInt32, node2: UInt32) {
            self.node1 = node1
            self.node2 = node2
        }
    }

    /// The times for each channel of the reply, in its order.
    public init(_ pairs: [Pair]) {
        var writer = ByteWriter(capacity: pairs.count * 8)
        for pair in pairs {
            writer.writeBigEndian(pair.node1)
            writer.writeBigEndian(pair.node2)
        }
        self.init(encodingType: EncodedList.uncompressed, encodedTimestamps: writer.bytes)
    }

    /// The times for each channel of the reply, in its order.
    public func pairs() throws(DecodeError) -> [Pair] {
        let bytes = try EncodedList.unpack(encoding: encodingType, encodedTimestamps)
        var reader = ByteReader(bytes.span.bytes)
        var pairs: [Pair] = []
        while !reader.isAtEnd {
            pairs.append(
                Pair(node1: try reader.readBigEndian(), node2: try reader.readBigEndian()))
        }
        return pairs
    }
}
