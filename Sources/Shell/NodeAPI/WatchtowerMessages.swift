/// Something that is asked of a client of watchtowers.
public struct WatchtowerRequest: APIMessage {
    /// The tower's key.
    public var pubkey: [UInt8] = []
    /// Where the tower is reached.
    public var address: String = ""
    /// Whether its sessions are told, too.
    public var includeSessions: Bool = false
    /// Whether those are left out that are used up.
    public var excludeExhaustedSessions: Bool = false
    /// For which kind of channels.
    public var policyType: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pubkey", &pubkey)
        try fields.field("address", &address)
        try fields.field("include_sessions", &includeSessions)
        try fields.field("exclude_exhausted_sessions", &excludeExhaustedSessions)
        try fields.field("policy_type", &policyType)
    }
}
