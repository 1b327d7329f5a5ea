/// A message without fields: the request or the answer of many calls.
public struct Empty: APIMessage {
    /// The message without fields.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {}
}

/// An output, whose transaction is named by text, by bytes, or both.
public struct OutPointMessage: APIMessage {
    /// The identifier in the order of bytes that is hashed.
    public var txidBytes: [UInt8] = []
    /// The identifier as people write it, in hexadecimal.
    public var txidStr: String = ""
    /// The position among the transaction's outputs.
    public var outputIndex: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("txid_bytes", &txidBytes)
        try fields.field("txid_str", &txidStr)
        try fields.field("output_index", &outputIndex)
    }
}
