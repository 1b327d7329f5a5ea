import Bitcoin

/// Opens a connection: what each side supports and demands (BOLT 1).
public struct Init: LightningMessage {
    public static var type: UInt16 { 16 }
    public static var name: StaticString { "init" }

    /// Features of an older encoding; only read, joined with `features`.
    public var globalFeatures: Features = Features()
    /// What the sender supports (odd bits) and demands (even bits).
    public var features: Features = Features()
    public var tlvs: InitTLVs = InitTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        globalFeatures: Features,
        features: Features,
        tlvs: InitTLVs = InitTLVs()
    ) {
        self.globalFeatures = globalFeatures
        self.features = features
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.bytes("globalfeatures", length: "gflen", &globalFeatures.bytes)
        try coder.bytes("features", length: "flen", &features.bytes)
        try coder.stream(&tlvs)
    }
}

/// The records of ``Init``.
public struct InitTLVs: TLVStream {
    public static var name: StaticString { "init_tlvs" }

    /// The chains that the sender will gossip or open channels for, by their genesis blocks.
    public var networks: [BlockHash]?
    /// The address from which the receiver appears to connect, as an address descriptor of BOLT
    /// 7.
    public var remoteAddress: [UInt8]?
    public var unknownRecords: [TLVRecord] = []

    public init() {}

    /// A stream of these records.
    public init(
        networks: [BlockHash]? = nil,
        remoteAddress: [UInt8]? = nil
    ) {
        self.networks = networks
        self.remoteAddress = remoteAddress
    }

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "networks", list: "chains", &networks)
        try coder.record(3, "remote_addr", bytes: "data", &remoteAddress)
    }
}
