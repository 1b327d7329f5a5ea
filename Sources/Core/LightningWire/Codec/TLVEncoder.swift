import Bitcoin

/// Writes the records of a stream.
public struct TLVEncoder: TLVCoder {
    public typealias Fields = WireEncoder

    private var writer = ByteWriter()
    private var unknownRecords: ArraySlice<TLVRecord>

    /// Starts a stream; `unknownRecords` ascend and are put in their places.
    public init(unknownRecords: [TLVRecord] = []) {
        self.unknownRecords = unknownRecords[...]
    }

    public mutating func record<V>(
        _ type: UInt64, _ name: StaticString, _ value: inout V?, blank: V,
        _ body: (inout WireEncoder, inout V) throws(WireError) -> Void
    ) throws(WireError) {
        guard var present = value else { return }
        writeUnknown(before: type)
        var encoder = WireEncoder()
        try body(&encoder, &present)
        append(TLVRecord(type: type, value: encoder.bytes))
    }

    /// The encoding of all records.
    public mutating func finish() -> [UInt8] {
        writeUnknown(before: nil)
        return writer.bytes
    }

    private mutating func writeUnknown(before type: UInt64?) {
        while let record = unknownRecords.first, type.map({ record.type < $0 }) ?? true {
            append(record)
            unknownRecords.removeFirst()
        }
    }

    private mutating func append(_ record: TLVRecord) {
        writer.writeBigSize(record.type)
        writer.writeBigSize(UInt64(record.value.count))
        writer.write(record.value)
    }
}
