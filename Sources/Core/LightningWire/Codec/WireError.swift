import Bitcoin

/// Why bytes are not a message, or why a message must not be accepted.
public enum WireError: Error, Equatable, Sendable {
    /// Fewer than the two bytes of a type.
    case noType(count: Int)
    /// BOLT 1: "upon receiving a message of _even_, unknown type: MUST close the connection."
    case unknownEvenMessage(type: UInt16)
    /// A field of a message cannot be read.
    case malformedField(message: String, field: String, reason: DecodeError)
    /// A TLV stream cannot be read.
    case malformedStream(stream: String, reason: TLVError)
}

/// Why bytes are not a TLV stream (BOLT 1).
public enum TLVError: Error, Equatable, Sendable {
    /// A type or length is cut off or not in its shortest form.
    case malformedRecord(DecodeError)
    /// BOLT 1: "if decoded `type`s are not strictly-increasing ... MUST fail to parse the `tlv_stream`."
    case typesNotIncreasing(type: UInt64, after: UInt64)
    /// A record whose type is even and not known must be understood.
    case unknownEvenType(UInt64)
    /// A known record has a value that its type does not allow.
    case malformedValue(type: UInt64, field: String, reason: DecodeError)
    /// A known record is longer than its value.
    case trailingBytes(type: UInt64, count: Int)
}
