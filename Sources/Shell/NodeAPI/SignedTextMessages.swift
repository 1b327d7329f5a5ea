/// Asks for a signature of the node's key.
public struct SignMessageRequest: APIMessage {
    /// What is to be signed.
    public var msg: [UInt8] = []
    /// Whether it is hashed once and not twice.
    public var singleHash: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("msg", &msg)
        try fields.field("single_hash", &singleHash)
    }
}

/// A signature of the node's key.
public struct SignMessageResponse: APIMessage {
    /// The signature in zbase32.
    public var signature: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signature", &signature)
    }
}

/// Asks who signed.
public struct VerifyMessageRequest: APIMessage {
    /// What was signed.
    public var msg: [UInt8] = []
    /// The signature in zbase32.
    public var signature: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("msg", &msg)
        try fields.field("signature", &signature)
    }
}

/// Who signed.
public struct VerifyMessageResponse: APIMessage {
    /// Whether a node of the graph, or this one, signed.
    public var valid: Bool = false
    /// The key that signed, in hexadecimal.
    public var pubkey: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("valid", &valid)
        try fields.field("pubkey", &pubkey)
    }
}

/// Asks for a signature of an address's key.
public struct SignMessageWithAddrRequest: APIMessage {
    /// What is to be signed.
    public var msg: [UInt8] = []
    /// The address.
    public var addr: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("msg", &msg)
        try fields.field("addr", &addr)
    }
}

/// A signature of an address's key.
public struct SignMessageWithAddrResponse: APIMessage {
    /// The signature in base 64.
    public var signature: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signature", &signature)
    }
}

/// Asks whether an address's key signed.
public struct VerifyMessageWithAddrRequest: APIMessage {
    /// What was signed.
    public var msg: [UInt8] = []
    /// The signature in base 64.
    public var signature: String = ""
    /// The address.
    public var addr: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("msg", &msg)
        try fields.field("signature", &signature)
        try fields.field("addr", &addr)
    }
}

/// Whether an address's key signed.
public struct VerifyMessageWithAddrResponse: APIMessage {
    /// Whether it did.
    public var valid: Bool = false
    /// The key that signed.
    public var pubkey: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("valid", &valid)
        try fields.field("pubkey", &pubkey)
    }
}
