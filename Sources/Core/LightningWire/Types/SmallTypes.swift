import Bitcoin

/// What the opener wants of a channel (BOLT 2).
public struct ChannelFlags: OptionSet, WireValue {
    public static var wireName: StaticString { "byte" }
    public static var blank: ChannelFlags { [] }
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The channel is to be announced to the network.
    public static let announceChannel = ChannelFlags(rawValue: 1)

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        rawValue = try reader.readByte()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeByte(rawValue) }
}

/// A serialised witness with two bytes of length before it (BOLT 2).
public struct WitnessData: WireValue {
    public static var wireName: StaticString { "witness" }
    public static var blank: WitnessData { WitnessData([]) }
    /// The witness as it stands in a transaction: a count of items and the items.
    public var bytes: [UInt8]

    /// Wraps a serialised witness.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.readBytes(Int(reader.readBigEndian(UInt16.self)))
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeBigEndian(UInt16(truncatingIfNeeded: bytes.count))
        writer.write(bytes)
    }
}

/// The first four bytes of an authentication code (BOLT 4).
public struct TruncatedHMAC: WireValue, BitwiseCopyable {
    public static var wireName: StaticString { "sha256[..4]" }
    public static var blank: TruncatedHMAC { TruncatedHMAC(0) }
    /// The four bytes, most significant first.
    public let value: UInt32

    /// A code whose bytes are those of `value`.
    public init(_ value: UInt32) { self.value = value }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        value = try reader.readBigEndian()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}

/// The CRC-32C checksums of a channel's two updates (BOLT 7).
public struct ChannelUpdateChecksums: WireValue, BitwiseCopyable {
    public static var wireName: StaticString { "channel_update_checksums" }
    public static var blank: ChannelUpdateChecksums { ChannelUpdateChecksums(node1: 0, node2: 0) }
    /// Of the update by `node_id_1`; 0 where there is none.
    public let node1: UInt32
    /// Of the update by `node_id_2`; 0 where there is none.
    public let node2: UInt32

    /// A pair of checksums.
    public init(node1: UInt32, node2: UInt32) {
        self.node1 = node1
        self.node2 = node2
    }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        node1 = try reader.readBigEndian()
        node2 = try reader.readBigEndian()
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeBigEndian(node1)
        writer.writeBigEndian(node2)
    }
}
