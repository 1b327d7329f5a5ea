import Bitcoin

/// A value in the stored form that releases old and new share: a stream of type, length and value like BOLT 1's.
///
/// An odd type that a release does not know is ignored; an unknown even type refuses the record, so that an older
/// release never guesses at what a newer one wrote.
public protocol RecordCodable: Sendable {
    /// Reads the fields; each must take its own with ``RecordReader``.
    init(from record: inout RecordReader) throws(RecordError)

    /// Writes the fields in ascending order of their types.
    func write(to record: inout RecordWriter)
}

extension RecordCodable {
    /// Decodes a stored record.
    public init(record bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes)
        self = try Self(from: &reader)
        try reader.finish()
    }

    /// The stored form.
    public var record: [UInt8] {
        var writer = RecordWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// Why a stored record cannot be read.
public enum RecordError: Error, Equatable, Sendable {
    /// The bytes are not a stream of ascending types.
    case malformed(DecodeError)
    /// Types do not ascend.
    case outOfOrder(type: UInt64, after: UInt64)
    /// A field without which the record means nothing is not there.
    case missingField(type: UInt64)
    /// A newer release wrote a field that must be understood.
    case unknownEvenField(type: UInt64)
    /// A field has a value that this release has no meaning for.
    case invalidField(type: UInt64)
}

/// The fields of one record on their way in.
public struct RecordReader: Sendable {
    private var fields: [(type: UInt64, value: [UInt8])] = []

    /// Splits `bytes` into fields.
    public init(_ bytes: [UInt8]) throws(RecordError) {
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            while !reader.isAtEnd {
                let type = try reader.readBigSize()
                let length = try reader.readBigSize()
                guard let count = Int(exactly: length) else {
                    throw .truncated(needed: .max, available: reader.remaining)
                }
                fields.append((type, try reader.readBytes(count)))
            }
        } catch {
            throw .malformed(error)
        }
        for (earlier, later) in zip(fields, fields.dropFirst()) where later.type <= earlier.type {
            throw .outOfOrder(type: later.type, after: earlier.type)
        }
        fields.reverse()
    }

    /// Takes the bytes of field `type`, or nil where the record does not have it. Call in ascending order of types.
    public mutating func takeBytes(_ type: UInt64) throws(RecordError) -> [UInt8]? {
        while let field = fields.last, field.type < type {
            guard field.type % 2 == 1 else { throw .unknownEvenField(type: field.type) }
            fields.removeLast()
        }
        guard let field = fields.last, field.type == type else { return nil }
        fields.removeLast()
        return field.value
    }

    /// Takes the bytes of field `type`, which must be there.
    public mutating func requireBytes(_ type: UInt64) throws(RecordError) -> [UInt8] {
        guard let bytes = try takeBytes(type) else { throw .missingField(type: type) }
        return bytes
    }

    /// Takes an unsigned number, or nil where the record does not have it.
    public mutating func takeInteger(_ type: UInt64) throws(RecordError) -> UInt64? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard bytes.count <= 8, bytes.first != 0 else { throw .invalidField(type: type) }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Takes an unsigned number, which must be there.
    public mutating func requireInteger(_ type: UInt64) throws(RecordError) -> UInt64 {
        guard let value = try takeInteger(type) else { throw .missingField(type: type) }
        return value
    }

    /// Takes a value with a binary encoding, or nil where the record does not have it.
    public mutating func take<T: BinaryCodable>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T? {
        guard let bytes = try takeBytes(type) else { return nil }
        do {
            return try T(decoding: bytes)
        } catch {
            throw .malformed(error)
        }
    }

    /// Takes a value with a binary encoding, which must be there.
    public mutating func require<T: BinaryCodable>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T {
        guard let value = try take(type, as: T.self) else { throw .missingField(type: type) }
        return value
    }

    /// Throws where a field is left that must be understood.
    public mutating func finish() throws(RecordError) {
        for field in fields.reversed() where field.type % 2 == 0 {
            throw .unknownEvenField(type: field.type)
        }
    }
}

/// The fields of one record on their way out.
public struct RecordWriter: Sendable {
    private var writer = ByteWriter(capacity: 128)
    private var lastType: UInt64?

    /// Starts a record without fields.
    public init() {}

    /// What has been written so far.
    public var bytes: [UInt8] { writer.bytes }

    /// Appends a field of bytes; nil appends nothing. Types must ascend.
    public mutating func put(_ type: UInt64, _ value: [UInt8]?) {
        guard let value else { return }
        start(type, count: value.count)
        writer.bytes.append(contentsOf: value)
    }

    /// Appends a hash; nil appends nothing.
    public mutating func put(_ type: UInt64, _ hash: Hash256?) {
        guard let hash else { return }
        start(type, count: 32)
        writer.write(hash)
    }

    /// Appends an unsigned number in as few bytes as it needs; nil appends nothing.
    public mutating func put(_ type: UInt64, integer value: UInt64?) {
        guard let value else { return }
        start(type, count: ByteWriter.shortLength(value))
        writer.writeShort(value)
    }

    /// Appends a value with a binary encoding; nil appends nothing.
    public mutating func put(_ type: UInt64, _ value: (some BinaryCodable)?) {
        put(type, value?.encoded)
    }

    private mutating func start(_ type: UInt64, count: Int) {
        precondition(lastType.map { $0 < type } ?? true, "the types of a record ascend")
        lastType = type
        if type < 0xfd, count < 0xfd {
            // Nearly always: both sizes in one piece.
            writer.writeBigEndian(UInt16(type) << 8 | UInt16(count))
        } else {
            writer.writeBigSize(type)
            writer.writeBigSize(UInt64(count))
        }
    }
}
