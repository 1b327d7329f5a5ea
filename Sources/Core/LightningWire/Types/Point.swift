import Bitcoin

/// A point in compressed form as it stands in a message: 33 bytes whose x coordinate need not be on the curve.
///
/// Finding y costs a square root, so it is done where the point is used: messages that are refused or only stored never
/// pay. That the form is the compressed one is checked when it is read.
public struct Point: Hashable, Sendable, BitwiseCopyable {
    /// 2 or 3 for a point of the curve.
    public let prefix: UInt8
    /// The x coordinate, most significant byte first.
    public let x: Hash256

    /// The form of a point that is on the curve.
    public init(_ key: PublicKey) {
        let bytes = key.compressed
        prefix = bytes[0]
        x = Hash256(unsafeFilling: { $0.copyBytes(from: bytes[1...]) })
    }

    /// Takes exactly 33 bytes.
    public init(_ bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count >= 33 else { throw .truncated(needed: 33, available: bytes.count) }
        guard bytes.count == 33 else { throw .trailingBytes(count: bytes.count - 33) }
        guard bytes[0] == 2 || bytes[0] == 3 else { throw .invalidValue(field: "point") }
        prefix = bytes[0]
        x = try Hash256(bytes[1...])
    }

    /// The form whose parts were taken from one before: a prefix of 2 or 3 and an x coordinate.
    public init(prefix: UInt8, x: Hash256) {
        self.prefix = prefix
        self.x = x
    }

    /// The 33 bytes.
    public var bytes: [UInt8] { [prefix] + x.bytes }

    /// The point on the curve. Throws ``KeyError/invalidPublicKey`` where there is none.
    public func publicKey() throws(KeyError) -> PublicKey {
        try PublicKey(compressed: bytes)
    }
}

extension Point: WireValue {
    public static var wireName: StaticString { "point" }
    public static var blank: Point { Point(prefix: 0, x: .zero) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        let first = try reader.readByte()
        guard first == 2 || first == 3 else { throw .invalidValue(field: "point") }
        prefix = first
        x = try reader.readHash256()
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeByte(prefix)
        writer.write(x)
    }
}

extension Point: Comparable, CustomStringConvertible {
    /// Orders as the compressed bytes do (BOLT 7).
    public static func < (left: Point, right: Point) -> Bool {
        left.prefix == right.prefix ? left.x < right.x : left.prefix < right.prefix
    }

    /// The 33 bytes in hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}

/// The public key by which the network knows a node.
public struct NodeID: WireValue, Comparable, CustomStringConvertible, BitwiseCopyable {
    public static var wireName: StaticString { Point.wireName }
    public static var blank: NodeID { NodeID(Point.blank) }
    /// The key in compressed form.
    public let point: Point

    /// Names the node whose key is `point`.
    public init(_ point: Point) { self.point = point }

    /// Names the node whose key is `key`.
    public init(_ key: PublicKey) { point = Point(key) }

    /// Parses 66 hexadecimal digits. Does not check that the point is on the curve.
    public init(hex: some StringProtocol) throws(DecodeError) {
        point = try Point(Hex.decode(hex))
    }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        point = try Point(fromWire: &reader)
    }

    public func write(toWire writer: inout ByteWriter) { point.write(toWire: &writer) }

    /// Orders as the compressed bytes do; the lesser of two is `node_id_1` of their channel (BOLT 7).
    public static func < (left: NodeID, right: NodeID) -> Bool { left.point < right.point }

    public var description: String { point.description }
}

/// An ECDSA signature as it stands in a message: r and s, which need not be below the group's order.
public struct WireSignature: WireValue, BitwiseCopyable {
    public static var wireName: StaticString { "signature" }
    public static var blank: WireSignature { WireSignature(r: .zero, s: .zero) }
    public let r: Hash256
    public let s: Hash256

    private init(r: Hash256, s: Hash256) {
        self.r = r
        self.s = s
    }

    /// The form of a signature that is well-formed.
    public init(_ signature: ECDSASignature) {
        r = signature.r
        s = signature.s
    }

    /// The signature in its checked form. Throws ``KeyError/invalidSignature``.
    public func ecdsa() throws(KeyError) -> ECDSASignature {
        try ECDSASignature(compact: r.bytes + s.bytes)
    }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        r = try reader.readHash256()
        s = try reader.readHash256()
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.write(r)
        writer.write(s)
    }
}
