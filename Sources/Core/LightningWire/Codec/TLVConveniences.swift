import Bitcoin

/// A type that is bytes with a meaning, such as a script or a set of features.
public protocol BytesWrapper: Sendable {
    /// The bytes as they stand in a record.
    var bytes: [UInt8] { get set }

    /// Gives `bytes` their meaning.
    init(_ bytes: [UInt8])
}

extension Script: BytesWrapper {}
extension Features: BytesWrapper {}

/// A type that is an unsigned number with a meaning, such as an amount.
protocol NumberWrapper: Sendable {
    associatedtype Number: FixedWidthInteger & UnsignedInteger & Sendable
    var value: Number { get }
    init(_ value: Number)
}

extension MilliSatoshi: NumberWrapper {}
extension BlockHeight: NumberWrapper {}

extension FieldCoder {
    /// An amount or height without leading zero bytes that fills the rest of a record.
    mutating func truncated<V: NumberWrapper>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        var number = value.value
        try truncated(name, &number)
        value = V(number)
    }
}

extension TLVCoder {
    /// A record that holds an amount or height without leading zero bytes.
    mutating func record<V: NumberWrapper>(
        _ type: UInt64, _ name: StaticString, truncated field: StaticString, _ value: inout V?
    ) throws(WireError) {
        try record(type, name, &value, blank: V(0)) {
            (fields: inout Fields, value: inout V) throws(WireError) in
            try fields.truncated(field, &value)
        }
    }

    /// A record whose bytes are a script or a set of features.
    public mutating func record<V: BytesWrapper>(
        _ type: UInt64, _ name: StaticString, bytesOf field: StaticString, _ value: inout V?
    ) throws(WireError) {
        try record(type, name, &value, blank: V([])) {
            (fields: inout Fields, value: inout V) throws(WireError) in
            try fields.remainingBytes(field, &value.bytes)
        }
    }

    /// A record that holds a text in UTF-8.
    public mutating func record(
        _ type: UInt64, _ name: StaticString, text field: StaticString, _ value: inout String?
    ) throws(WireError) {
        try record(type, name, &value, blank: "") {
            (fields: inout Fields, value: inout String) throws(WireError) in
            var bytes = Array(value.utf8)
            try fields.remainingBytes(field, &bytes)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .malformedField(
                    message: "\(name)", field: "\(field)", reason: .invalidValue(field: "UTF-8"))
            }
            value = text
        }
    }

    /// A record that holds a BigSize.
    public mutating func record(
        _ type: UInt64, _ name: StaticString, bigSize field: StaticString, _ value: inout UInt64?
    ) throws(WireError) {
        try record(type, name, &value, blank: 0) {
            (fields: inout Fields, value: inout UInt64) throws(WireError) in
            try fields.bigSize(field, &value)
        }
    }

    /// A record that holds an amount that may be negative.
    public mutating func record(
        _ type: UInt64, _ name: StaticString, signed field: StaticString, _ value: inout Satoshi?
    ) throws(WireError) {
        try record(type, name, &value, blank: .zero) {
            (fields: inout Fields, value: inout Satoshi) throws(WireError) in
            try fields.signed(field, &value)
        }
    }
}
