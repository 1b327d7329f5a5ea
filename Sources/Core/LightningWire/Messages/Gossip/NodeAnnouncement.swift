import Bitcoin

/// Tells how a node is called and where it listens (BOLT 7).
public struct NodeAnnouncement: LightningMessage {
    public static var type: UInt16 { 257 }
    public static var name: StaticString { "node_announcement" }

    public var signature: WireSignature = WireSignature.blank
    public var features: Features = Features()
    /// Seconds since 1970; a later one replaces an earlier one.
    public var timestamp: UInt32 = 0
    public var nodeID: NodeID = NodeID.blank
    /// Red, green and blue.
    public var color: [UInt8] = []
    /// UTF-8 padded with zeros: not to be printed unescaped.
    public var alias: [UInt8] = []
    /// Address descriptors, which ``AddressDescriptor`` reads.
    public var addresses: [UInt8] = []
    /// What follows the known fields, kept because signatures cover it.
    public var extensionBytes: [UInt8] = []

    public init() {}

    /// A message of these fields.
    public init(
        signature: WireSignature,
        features: Features,
        timestamp: UInt32,
        nodeID: NodeID,
        color: [UInt8],
        alias: [UInt8],
        addresses: [UInt8],
        extensionBytes: [UInt8]
    ) {
        self.signature = signature
        self.features = features
        self.timestamp = timestamp
        self.nodeID = nodeID
        self.color = color
        self.alias = alias
        self.addresses = addresses
        self.extensionBytes = extensionBytes
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("signature", &signature)
        try coder.bytes("features", length: "flen", &features.bytes)
        try coder.field("timestamp", &timestamp)
        try coder.field("node_id", &nodeID)
        try coder.bytes("rgb_color", count: 3, &color)
        try coder.bytes("alias", count: 32, &alias)
        try coder.bytes("addresses", length: "addrlen", &addresses)
        try coder.remainingBytes("extension", &extensionBytes)
    }
}
