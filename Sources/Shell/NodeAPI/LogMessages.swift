/// Asks for or sets the levels of the log.
public struct DebugLevelRequest: APIMessage {
    /// Whether the subsystems are asked for.
    public var show: Bool = false
    /// The level of all, or of each subsystem: `info`, `peer=debug,chain=warn`.
    public var levelSpec: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("show", &show)
        try fields.field("level_spec", &levelSpec)
    }
}

/// The subsystems of the log.
public struct DebugLevelResponse: APIMessage {
    /// Their names, or their levels after a change.
    public var subSystems: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("sub_systems", &subSystems)
    }
}
