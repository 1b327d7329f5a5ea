import Bitcoin

/// Asks the peer to keep a backup for the sender (BOLT 1).
public struct PeerStorage: LightningMessage {
    public static var type: UInt16 { 7 }
    public static var name: StaticString { "peer_storage" }

    /// At most 65,531 encrypted bytes.
    public var blob: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        blob: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.blob = blob
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.bytes("blob", length: "length", &blob)
        try coder.stream(&tlvs)
    }
}

/// Gives the backup back (BOLT 1).
public struct PeerStorageRetrieval: LightningMessage {
    public static var type: UInt16 { 9 }
    public static var name: StaticString { "peer_storage_retrieval" }

    /// What the receiver had last sent in ``PeerStorage``.
    public var blob: [UInt8] = []
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        blob: [UInt8],
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.blob = blob
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.bytes("blob", length: "length", &blob)
        try coder.stream(&tlvs)
    }
}
