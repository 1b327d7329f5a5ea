/// A value with one binary encoding: the one of Bitcoin's network and block files.
public protocol BinaryCodable {
    /// Reads one value and leaves the reader behind it.
    init(from reader: inout ByteReader) throws(DecodeError)

    /// Appends the encoding.
    func write(to writer: inout ByteWriter)
}

extension BinaryCodable {
    /// Decodes a value that fills `bytes` exactly.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span.bytes)
        self = try Self(from: &reader)
        try reader.expectEnd()
    }

    /// The encoding as an array of its own.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }
}
