import Bitcoin

/// Revokes the sender's last commitment transaction (BOLT 2).
public struct RevokeAndAck: LightningMessage {
    public static var type: UInt16 { 133 }
    public static var name: StaticString { "revoke_and_ack" }

    public var channelID: ChannelID = ChannelID.blank
    public var perCommitmentSecret: PerCommitmentSecret = PerCommitmentSecret.blank
    public var nextPerCommitmentPoint: Point = Point.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        perCommitmentSecret: PerCommitmentSecret,
        nextPerCommitmentPoint: Point,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.perCommitmentSecret = perCommitmentSecret
        self.nextPerCommitmentPoint = nextPerCommitmentPoint
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("per_commitment_secret", &perCommitmentSecret)
        try coder.field("next_per_commitment_point", &nextPerCommitmentPoint)
        try coder.stream(&tlvs)
    }
}

/// Changes the fee rate of the commitment transactions (BOLT 2).
public struct UpdateFee: LightningMessage {
    public static var type: UInt16 { 134 }
    public static var name: StaticString { "update_fee" }

    public var channelID: ChannelID = ChannelID.blank
    public var feerate: FeeratePerKw = FeeratePerKw.blank
    public var tlvs: EmptyTLVs = EmptyTLVs()

    public init() {}

    /// A message of these fields.
    public init(
        channelID: ChannelID,
        feerate: FeeratePerKw,
        tlvs: EmptyTLVs = EmptyTLVs()
    ) {
        self.channelID = channelID
        self.feerate = feerate
        self.tlvs = tlvs
    }

    public mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("channel_id", &channelID)
        try coder.field("feerate_per_kw", &feerate)
        try coder.stream(&tlvs)
    }
}
