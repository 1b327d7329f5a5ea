import Bitcoin

/// Carries a message of any length of route between nodes that need no channel (BOLT 4).
public struct OnionMessage: LightningMessage {
    public static var type: UInt16 { 513 }
    public static var name: StaticString { "onion_message" }

    /// The key with which the receiver reads its layer of the blinded path.
    public var pathKey: Point = Point.blank
    /// The route and the content, encrypted in layers.
    public var packet: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        pathKey: Point,
        packet: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.pathKey = pathKey
        self.packet = packet
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("path_key", &pathKey)
        try coder.bytes("onion_message_packet", length: "len", &packet)
        try coder.stream(&tlvs)
    }
}
