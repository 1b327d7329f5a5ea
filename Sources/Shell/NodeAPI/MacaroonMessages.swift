/// What a macaroon allows.
public struct MacaroonPermission: APIMessage {
    /// On what, for example `onchain`, or `uri` for a single call.
    public var entity: String = ""
    /// Which action: `read`, `write` or `generate`, or the call's name.
    public var action: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("entity", &entity)
        try fields.field("action", &action)
    }
}

/// Asks for a macaroon.
public struct BakeMacaroonRequest: APIMessage {
    /// What it is to allow, at least one.
    public var permissions: [MacaroonPermission] = []
    /// The root key that it is to depend on, made where it is new.
    public var rootKeyId: UInt64 = 0
    /// Whether entities that the node does not know are let pass.
    public var allowExternalPermissions: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("permissions", &permissions)
        try fields.field("root_key_id", &rootKeyId)
        try fields.field("allow_external_permissions", &allowExternalPermissions)
    }
}

/// A macaroon.
public struct BakeMacaroonResponse: APIMessage {
    /// The macaroon in hexadecimal.
    public var macaroon: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("macaroon", &macaroon)
    }
}

/// The root keys.
public struct ListMacaroonIDsResponse: APIMessage {
    /// Their numbers.
    public var rootKeyIds: [UInt64] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("root_key_ids", &rootKeyIds)
    }
}

/// Makes all macaroons of a root key void.
public struct DeleteMacaroonIDRequest: APIMessage {
    /// The root key's number; 0, the default one's, is refused.
    public var rootKeyId: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("root_key_id", &rootKeyId)
    }
}

/// Whether there was such a root key.
public struct DeleteMacaroonIDResponse: APIMessage {
    /// Whether it is gone.
    public var deleted: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("deleted", &deleted)
    }
}

/// What a call needs.
public struct MacaroonPermissionList: APIMessage {
    /// All of these.
    public var permissions: [MacaroonPermission] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("permissions", &permissions)
    }
}

/// What each call needs.
public struct ListPermissionsResponse: APIMessage {
    /// By the call's name.
    public var methodPermissions: [String: MacaroonPermissionList] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("method_permissions", &methodPermissions)
    }
}

/// Asks whether a macaroon allows something.
public struct CheckMacPermRequest: APIMessage {
    /// The macaroon.
    public var macaroon: [UInt8] = []
    /// What it is to allow.
    public var permissions: [MacaroonPermission] = []
    /// The call that it is to be used for.
    public var fullMethod: String = ""
    /// Whether what that call needs is checked in place of `permissions`.
    public var checkDefaultPermsFromFullMethod: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("macaroon", &macaroon)
        try fields.field("permissions", &permissions)
        try fields.field("fullMethod", &fullMethod)
        try fields.field("check_default_perms_from_full_method", &checkDefaultPermsFromFullMethod)
    }
}

/// Whether the macaroon allows it.
public struct CheckMacPermResponse: APIMessage {
    /// Whether it does.
    public var valid: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("valid", &valid)
    }
}
