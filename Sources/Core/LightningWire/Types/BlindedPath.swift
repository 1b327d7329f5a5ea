import Bitcoin

/// A node named by its key, or by its side of a channel where that is shorter (BOLT 1, `sciddir_or_pubkey`).
public enum NodeReference: Hashable, Sendable {
    case nodeID(NodeID)
    /// The node with the lesser key (direction 0) or the greater one (1) of a public channel.
    case channelSide(ShortChannelID, direction: UInt8)
}

extension NodeReference: WireValue {
    public static var wireName: StaticString { "sciddir_or_pubkey" }
    public static var blank: NodeReference { .channelSide(.zero, direction: 0) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        let first = try reader.peek(1).unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        switch first {
        case 0, 1:
            try reader.skip(1)
            self = .channelSide(try ShortChannelID(fromWire: &reader), direction: first)
        case 2, 3:
            self = .nodeID(try NodeID(fromWire: &reader))
        default:
            throw .invalidValue(field: "sciddir_or_pubkey")
        }
    }

    public func write(toWire writer: inout ByteWriter) {
        switch self {
        case .nodeID(let id): id.write(toWire: &writer)
        case .channelSide(let channel, let direction):
            writer.writeByte(direction)
            channel.write(toWire: &writer)
        }
    }
}

/// One node of a blinded path: a key that hides it, and what only it can read (BOLT 4, `blinded_path_hop`).
public struct BlindedHop: Hashable, Sendable {
    public var blindedNodeID: Point
    public var encryptedRecipientData: [UInt8]

    /// A hop of these parts.
    public init(blindedNodeID: Point, encryptedRecipientData: [UInt8]) {
        self.blindedNodeID = blindedNodeID
        self.encryptedRecipientData = encryptedRecipientData
    }
}

/// A way to a node that does not tell which node it is (BOLT 4, `blinded_path`).
public struct BlindedPath: Hashable, Sendable {
    /// Where the path begins: the introduction node.
    public var firstNode: NodeReference
    /// With which the introduction node reads its data.
    public var firstPathKey: Point
    /// At least one, at most 255; the last is the receiver.
    public var hops: [BlindedHop]

    /// A path of these parts.
    public init(firstNode: NodeReference, firstPathKey: Point, hops: [BlindedHop]) {
        self.firstNode = firstNode
        self.firstPathKey = firstPathKey
        self.hops = hops
    }
}

extension BlindedPath: WireValue {
    public static var wireName: StaticString { "blinded_path" }

    public static var blank: BlindedPath {
        BlindedPath(firstNode: .blank, firstPathKey: .blank, hops: [])
    }

    /// Throws where the path has no hop, which no reader may accept (BOLT 12).
    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        firstNode = try NodeReference(fromWire: &reader)
        firstPathKey = try Point(fromWire: &reader)
        let count = try reader.readByte()
        guard count > 0 else { throw .invalidValue(field: "num_hops") }
        hops = []
        for _ in 0..<count {
            let key = try Point(fromWire: &reader)
            let length = Int(try reader.readBigEndian(UInt16.self))
            hops.append(
                BlindedHop(
                    blindedNodeID: key, encryptedRecipientData: try reader.readBytes(length)))
        }
    }

    public func write(toWire writer: inout ByteWriter) {
        firstNode.write(toWire: &writer)
        firstPathKey.write(toWire: &writer)
        writer.writeByte(UInt8(truncatingIfNeeded: hops.count))
        for hop in hops {
            hop.blindedNodeID.write(toWire: &writer)
            writer.writeBigEndian(UInt16(truncatingIfNeeded: hop.encryptedRecipientData.count))
            writer.write(hop.encryptedRecipientData)
        }
    }
}
