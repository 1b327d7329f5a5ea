import Bitcoin

/// A record of a TLV stream whose type the receiver does not know.
public struct TLVRecord: Hashable, Sendable {
    public var type: UInt64
    public var value: [UInt8]

    /// A record of `type`.
    public init(type: UInt64, value: [UInt8]) {
        self.type = type
        self.value = value
    }
}

/// The optional fields at the end of a message (BOLT 1).
///
/// Records of odd types that are not known survive a round trip in ``unknownRecords``.
public protocol TLVStream: Hashable, Sendable {
    /// The stream's name in the specification, such as `init_tlvs`.
    static var name: StaticString { get }

    /// A stream without records.
    init()

    /// The records that this stream does not list and may keep.
    var unknownRecords: [TLVRecord] { get set }

    /// Whether a record of that type may be kept where the stream does not list it; of odd types, unless the stream
    /// says otherwise.
    static func keepsUnknown(_ type: UInt64) -> Bool

    /// Lists the records in ascending order of their types.
    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError)
}

extension TLVStream {
    public static func keepsUnknown(_ type: UInt64) -> Bool { type % 2 == 1 }

    /// Decodes a stream that fills `bytes`.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        var decoder = try TLVDecoder(
            bytes, stream: Self.name, keepsUnknown: { Self.keepsUnknown($0) })
        self.init()
        try code(&decoder)
        unknownRecords = try decoder.finish()
    }

    /// The encoding, with the unknown records in their places.
    public var encoded: [UInt8] {
        var copy = self
        var encoder = TLVEncoder(unknownRecords: unknownRecords)
        do {
            try copy.code(&encoder)
        } catch {
            preconditionFailure("writing a stream cannot fail: \(error)")
        }
        return encoder.finish()
    }
}

/// The stream of a message for which the specification defines no records.
public struct EmptyTLVs: TLVStream {
    public static var name: StaticString { "extension" }
    public var unknownRecords: [TLVRecord] = []

    /// A stream without records.
    public init() {}

    public mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {}
}

/// One pass over the records of a stream.
public protocol TLVCoder {
    /// What passes over the fields of one record.
    associatedtype Fields: FieldCoder

    /// A record whose fields `body` lists; `blank` is what decoding starts from.
    mutating func record<V>(
        _ type: UInt64, _ name: StaticString, _ value: inout V?, blank: V,
        _ body: (inout Fields, inout V) throws(WireError) -> Void
    ) throws(WireError)
}

extension TLVCoder {
    /// A record that holds one value.
    public mutating func record<V: WireValue>(
        _ type: UInt64, _ name: StaticString, field: StaticString, _ value: inout V?
    ) throws(WireError) {
        try record(type, name, &value, blank: V.blank) {
            (fields: inout Fields, value: inout V) throws(WireError) in
            try fields.field(field, &value)
        }
    }

    /// A record that holds bytes.
    public mutating func record(
        _ type: UInt64, _ name: StaticString, bytes field: StaticString, _ value: inout [UInt8]?
    ) throws(WireError) {
        try record(type, name, &value, blank: []) {
            (fields: inout Fields, value: inout [UInt8]) throws(WireError) in
            try fields.remainingBytes(field, &value)
        }
    }

    /// A record that holds a list of values.
    public mutating func record<V: WireValue>(
        _ type: UInt64, _ name: StaticString, list field: StaticString, _ value: inout [V]?
    ) throws(WireError) {
        try record(type, name, &value, blank: []) {
            (fields: inout Fields, value: inout [V]) throws(WireError) in
            try fields.remainingList(field, &value)
        }
    }

    /// A record that holds a number without leading zeros.
    public mutating func record<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ type: UInt64, _ name: StaticString, truncated field: StaticString, _ value: inout V?
    ) throws(WireError) {
        try record(type, name, &value, blank: 0) {
            (fields: inout Fields, value: inout V) throws(WireError) in
            try fields.truncated(field, &value)
        }
    }

    /// A record that holds nothing and means something by being there.
    public mutating func flag(
        _ type: UInt64, _ name: StaticString, _ value: inout Bool
    ) throws(WireError) {
        var present: Bool? = value ? true : nil
        try record(type, name, &present, blank: true) { (_, _) throws(WireError) in }
        value = present != nil
    }

    /// A record that is a structure of its own.
    public mutating func record<V: TLVStructure>(
        _ type: UInt64, _ name: StaticString, structure value: inout V?
    ) throws(WireError) {
        try record(type, name, &value, blank: V()) {
            (fields: inout Fields, value: inout V) throws(WireError) in
            try value.code(&fields)
        }
    }
}

/// The value of a record with several fields.
public protocol TLVStructure: Hashable, Sendable {
    /// A value to start decoding from, which decoding always replaces.
    init()

    /// Lists the fields in order.
    mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError)
}
