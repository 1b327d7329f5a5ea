import Bitcoin

/// Asks for a ``Pong`` (BOLT 1).
public struct Ping: LightningMessage {
    public static var type: UInt16 { 18 }
    public static var name: StaticString { "ping" }

    /// The number of bytes to answer with; from 65,532 on no answer is wanted.
    public var pongByteCount: UInt16 = 0
    /// Padding.
    public var ignored: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        pongByteCount: UInt16,
        ignored: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.pongByteCount = pongByteCount
        self.ignored = ignored
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("num_pong_bytes", &pongByteCount)
        try coder.bytes("ignored", length: "byteslen", &ignored)
        try coder.stream(&tlvs)
    }
}

/// Answers a ``Ping`` (BOLT 1).
public struct Pong: LightningMessage {
    public static var type: UInt16 { 19 }
    public static var name: StaticString { "pong" }

    /// Padding, as long as was asked for.
    public var ignored: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        ignored: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.ignored = ignored
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.bytes("ignored", length: "byteslen", &ignored)
        try coder.stream(&tlvs)
    }
}
