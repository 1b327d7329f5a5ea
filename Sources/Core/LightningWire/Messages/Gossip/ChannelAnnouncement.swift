import Bitcoin

/// Agrees to announce a channel (BOLT 7).
public struct AnnouncementSignatures: LightningMessage {
    public static var type: UInt16 { 259 }
    public static var name: StaticString { "announcement_signatures" }

    public var channelID: ChannelID = ChannelID.blank
    public var shortChannelID: ShortChannelID = ShortChannelID.blank
    public var nodeSignature: WireSignature = WireSignature.blank
    public var bitcoinSignature: WireSignature = WireSignature.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        shortChannelID: ShortChannelID,
        nodeSignature: WireSignature,
        bitcoinSignature: WireSignature,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.shortChannelID = shortChannelID
        self.nodeSignature = nodeSignature
        self.bitcoinSignature = bitcoinSignature
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("short_channel_id", &shortChannelID)
        try coder.field("node_signature", &nodeSignature)
        try coder.field("bitcoin_signature", &bitcoinSignature)
        try coder.stream(&tlvs)
    }
}

/// Proves that a channel of two nodes exists (BOLT 7).
public struct ChannelAnnouncement: LightningMessage {
    public static var type: UInt16 { 256 }
    public static var name: StaticString { "channel_announcement" }

    public var nodeSignature1: WireSignature = WireSignature.blank
    public var nodeSignature2: WireSignature = WireSignature.blank
    public var bitcoinSignature1: WireSignature = WireSignature.blank
    public var bitcoinSignature2: WireSignature = WireSignature.blank
    public var features: Features = Features()
    public var chainHash: BlockHash = BlockHash.blank
    public var shortChannelID: ShortChannelID = ShortChannelID.blank
    /// The lesser of the two.
    public var nodeID1: NodeID = NodeID.blank
    public var nodeID2: NodeID = NodeID.blank
    public var bitcoinKey1: Point = Point.blank
    public var bitcoinKey2: Point = Point.blank
    /// What follows the known fields, kept because signatures cover it.
    public var extensionBytes: [UInt8] = []

    public init() {}

    /// A message of these fields.
    public init(
        nodeSignature1: WireSignature,
        nodeSignature2: WireSignature,
        bitcoinSignature1: WireSignature,
        bitcoinSignature2: WireSignature,
        features: Features,
        chainHash: BlockHash,
        shortChannelID: ShortChannelID,
        nodeID1: NodeID,
        nodeID2: NodeID,
        bitcoinKey1: Point,
        bitcoinKey2: Point,
        extensionBytes: [UInt8]
    ) {
        self.nodeSignature1 = nodeSignature1
        self.nodeSignature2 = nodeSignature2
        self.bitcoinSignature1 = bitcoinSignature1
        self.bitcoinSignature2 = bitcoinSignature2
        self.features = features
        self.chainHash = chainHash
        self.shortChannelID = shortChannelID
        self.nodeID1 = nodeID1
        self.nodeID2 = nodeID2
        self.bitcoinKey1 = bitcoinKey1
        self.bitcoinKey2 = bitcoinKey2
        self.extensionBytes = extensionBytes
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("node_signature_1", &nodeSignature1)
        try coder.field("node_signature_2", &nodeSignature2)
        try coder.field("bitcoin_signature_1", &bitcoinSignature1)
        try coder.field("bitcoin_signature_2", &bitcoinSignature2)
        try coder.bytes("features", length: "len", &features.bytes)
        try coder.field("chain_hash", &chainHash)
        try coder.field("short_channel_id", &shortChannelID)
        try coder.field("node_id_1", &nodeID1)
        try coder.field("node_id_2", &nodeID2)
        try coder.field("bitcoin_key_1", &bitcoinKey1)
        try coder.field("bitcoin_key_2", &bitcoinKey2)
        try coder.remainingBytes("extension", &extensionBytes)
    }
}
