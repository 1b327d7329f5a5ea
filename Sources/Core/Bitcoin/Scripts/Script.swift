/// A script as it stands in a transaction: bytes that may or may not be well-formed.
public struct Script: Hashable, Sendable {
    /// The serialised script.
    public var bytes: [UInt8]

    /// A script of these bytes.
    @inlinable public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Parses hexadecimal digits.
    public init(hex: some StringProtocol) throws(DecodeError) {
        bytes = try Hex.decode(hex)
    }

    /// Whether the script has no bytes.
    @inlinable public var isEmpty: Bool { bytes.isEmpty }

    /// The bytes as lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
}

extension Script: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.readVariableBytes(field: "script")
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeVariableBytes(bytes)
    }
}
