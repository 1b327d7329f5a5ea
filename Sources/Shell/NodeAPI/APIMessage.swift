/// A request or an answer: a list of fields, named as lnd names them, from which reading, writing and the description
/// for programs are derived.
public protocol APIMessage: Sendable, Equatable {
    /// A message whose fields have their defaults.
    init()

    /// Shows each field to `fields`, once and in order.
    mutating func visit(_ fields: inout some FieldVisitor) throws(APIError)
}

/// An enumeration that goes by its names; the first case is the default.
public protocol APIEnum: RawRepresentable<String>, CaseIterable, Sendable, Equatable {
    /// The number that stands for the name.
    var number: Int32 { get }
}

extension APIEnum {
    /// Numbers count from 0 in the order of the cases, unless the type says otherwise.
    public var number: Int32 {
        Int32(Self.allCases.prefix { $0 != self }.count)
    }
}

/// What is done with each field of a message.
public protocol FieldVisitor {
    /// A truth value.
    mutating func field(_ name: String, _ value: inout Bool) throws(APIError)
    /// A number of 32 bits.
    mutating func field(_ name: String, _ value: inout Int32) throws(APIError)
    /// A number of 32 bits.
    mutating func field(_ name: String, _ value: inout UInt32) throws(APIError)
    /// A number of 64 bits, in JSON a string.
    mutating func field(_ name: String, _ value: inout Int64) throws(APIError)
    /// A number of 64 bits, in JSON a string.
    mutating func field(_ name: String, _ value: inout UInt64) throws(APIError)
    /// A number with a fraction: a rate or a preference, never an amount.
    mutating func field(_ name: String, _ value: inout Double) throws(APIError)
    /// A text.
    mutating func field(_ name: String, _ value: inout String) throws(APIError)
    /// Bytes, in JSON base 64.
    mutating func field(_ name: String, _ value: inout [UInt8]) throws(APIError)
    /// One of several names.
    mutating func field<Value: APIEnum>(_ name: String, _ value: inout Value) throws(APIError)
    /// One of several fields, of which no more than one is there: a number.
    mutating func choice(_ name: String, _ value: inout UInt32?) throws(APIError)
    /// One of several fields, of which no more than one is there: a number of 64 bits.
    mutating func choice(_ name: String, _ value: inout UInt64?) throws(APIError)
    /// One of several fields, of which no more than one is there: a truth value.
    mutating func choice(_ name: String, _ value: inout Bool?) throws(APIError)
    /// One of several fields, of which no more than one is there: a text.
    mutating func choice(_ name: String, _ value: inout String?) throws(APIError)
    /// One of several fields, of which no more than one is there: bytes.
    mutating func choice(_ name: String, _ value: inout [UInt8]?) throws(APIError)
    /// One of several fields, of which no more than one is there: a message.
    mutating func choice<Value: APIMessage>(_ name: String, _ value: inout Value?) throws(APIError)
    /// A message, or `null`.
    mutating func field<Value: APIMessage>(_ name: String, _ value: inout Value?) throws(APIError)
    /// Texts.
    mutating func field(_ name: String, _ value: inout [String]) throws(APIError)
    /// Numbers of 32 bits.
    mutating func field(_ name: String, _ value: inout [UInt32]) throws(APIError)
    /// Numbers of 64 bits.
    mutating func field(_ name: String, _ value: inout [UInt64]) throws(APIError)
    /// Several times bytes, in JSON base 64.
    mutating func field(_ name: String, _ value: inout [[UInt8]]) throws(APIError)
    /// Several of several names.
    mutating func field<Value: APIEnum>(_ name: String, _ value: inout [Value]) throws(APIError)
    /// Messages.
    mutating func field<Value: APIMessage>(_ name: String, _ value: inout [Value]) throws(APIError)
    /// Bytes by number, in JSON base 64 by decimal digits.
    mutating func field(_ name: String, _ value: inout [UInt64: [UInt8]]) throws(APIError)
    /// Numbers by name.
    mutating func field(_ name: String, _ value: inout [String: Int64]) throws(APIError)
    /// Messages by name.
    mutating func field<Value: APIMessage>(
        _ name: String, _ value: inout [String: Value]
    ) throws(APIError)
}
