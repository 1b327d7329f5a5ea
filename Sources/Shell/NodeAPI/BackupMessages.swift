/// The backup of one channel.
public struct ChannelBackup: APIMessage {
    /// The channel.
    public var chanPoint: ChannelPoint?
    /// The encrypted backup.
    public var chanBackup: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_point", &chanPoint)
        try fields.field("chan_backup", &chanBackup)
    }
}

/// Backups of single channels.
public struct ChannelBackups: APIMessage {
    /// One for each channel.
    public var chanBackups: [ChannelBackup] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_backups", &chanBackups)
    }
}

/// The backup of several channels.
public struct MultiChanBackup: APIMessage {
    /// The channels.
    public var chanPoints: [ChannelPoint] = []
    /// The encrypted backup.
    public var multiChanBackup: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_points", &chanPoints)
        try fields.field("multi_chan_backup", &multiChanBackup)
    }
}

/// Backups of channels, in both forms.
public struct ChanBackupSnapshot: APIMessage {
    /// One for each channel.
    public var singleChanBackups: ChannelBackups?
    /// One for all.
    public var multiChanBackup: MultiChanBackup?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("single_chan_backups", &singleChanBackups)
        try fields.field("multi_chan_backup", &multiChanBackup)
    }
}

/// Names a channel.
public struct ChannelPointRequest: APIMessage {
    /// The channel.
    public var chanPoint: ChannelPoint?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_point", &chanPoint)
    }
}

/// Restores channels from a backup.
public struct RestoreChanBackupRequest: APIMessage {
    /// One for each channel.
    public var chanBackups: ChannelBackups?
    /// One for all.
    public var multiChanBackup: [UInt8]?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("chan_backups", &chanBackups)
        try fields.choice("multi_chan_backup", &multiChanBackup)
    }
}

/// The channels that were restored.
public struct RestoreBackupResponse: APIMessage {
    /// How many there were.
    public var numRestored: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("num_restored", &numRestored)
    }
}

/// The channels of a backup that holds.
public struct VerifyChanBackupResponse: APIMessage {
    /// The channels: transaction, colon, position.
    public var chanPoints: [String] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_points", &chanPoints)
    }
}
