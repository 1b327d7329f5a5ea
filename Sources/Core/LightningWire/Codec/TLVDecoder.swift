import Bitcoin

/// Reads the records of a stream.
public struct TLVDecoder: TLVCoder {
    public typealias Fields = WireDecoder

    private let stream: StaticString
    private let keepsUnknown: (UInt64) -> Bool
    private var records: [TLVRecord]
    private var next = 0
    private var unknownRecords: [TLVRecord] = []

    /// Splits `bytes` into records and checks that their types ascend.
    ///
    /// `keepsUnknown` tells which types that no call takes are kept, odd ones as a rule; the others are refused.
    public init(
        _ bytes: [UInt8], stream: StaticString,
        keepsUnknown: @escaping (UInt64) -> Bool = { $0 % 2 == 1 }
    ) throws(WireError) {
        self.stream = stream
        self.keepsUnknown = keepsUnknown
        do throws(TLVError) {
            records = try TLVDecoder.split(bytes)
        } catch {
            throw .malformedStream(stream: "\(stream)", reason: error)
        }
    }

    /// The records of a stream, whatever their types mean. BOLT 1: "MUST order `tlv_record`s in a `tlv_stream` by
    /// strictly-increasing `type`".
    public static func split(_ bytes: [UInt8]) throws(TLVError) -> [TLVRecord] {
        var records: [TLVRecord] = []
        var reader = ByteReader(bytes.span.bytes)
        while !reader.isAtEnd {
            let record: TLVRecord
            do throws(DecodeError) {
                let type = try reader.readBigSize()
                let length = try reader.readBigSize()
                guard length <= UInt64(reader.remaining) else {
                    throw .truncated(
                        needed: Int(clamping: length), available: reader.remaining)
                }
                record = TLVRecord(type: type, value: try reader.readBytes(Int(length)))
            } catch {
                throw .malformedRecord(error)
            }
            if let last = records.last, record.type <= last.type {
                throw .typesNotIncreasing(type: record.type, after: last.type)
            }
            records.append(record)
        }
        return records
    }

    /// Where the record of that type begins in a stream, as far as the stream can be read; nil where it has none.
    public static func offset(of type: UInt64, in bytes: [UInt8]) -> Int? {
        var reader = ByteReader(bytes.span.bytes)
        while !reader.isAtEnd {
            let start = reader.position
            guard let found = try? reader.readBigSize() else { return nil }
            if found == type { return start }
            guard let length = try? reader.readBigSize(), length <= UInt64(reader.remaining),
                (try? reader.skip(Int(length))) != nil
            else { return nil }
        }
        return nil
    }

    public mutating func record<V>(
        _ type: UInt64, _ name: StaticString, _ value: inout V?, blank: V,
        _ body: (inout WireDecoder, inout V) throws(WireError) -> Void
    ) throws(WireError) {
        try passUnknown(before: type)
        guard next < records.count, records[next].type == type else {
            value = nil
            return
        }
        var decoder = WireDecoder(records[next].value, context: stream)
        next += 1
        var decoded = blank
        do throws(WireError) {
            try body(&decoder, &decoded)
        } catch {
            guard case .malformedField(_, let field, let reason) = error else { throw error }
            throw .malformedStream(
                stream: "\(stream)",
                reason: .malformedValue(type: type, field: field, reason: reason))
        }
        guard decoder.remaining == 0 else {
            throw .malformedStream(
                stream: "\(stream)",
                reason: .trailingBytes(type: type, count: decoder.remaining))
        }
        value = decoded
    }

    /// The records that no call took; throws where one must be understood.
    public mutating func finish() throws(WireError) -> [TLVRecord] {
        try passUnknown(before: nil)
        return unknownRecords
    }

    private mutating func passUnknown(before type: UInt64?) throws(WireError) {
        while next < records.count, type.map({ records[next].type < $0 }) ?? true {
            let record = records[next]
            guard keepsUnknown(record.type) else {
                throw .malformedStream(
                    stream: "\(stream)", reason: .unknownEvenType(record.type))
            }
            unknownRecords.append(record)
            next += 1
        }
    }
}
