import Bitcoin
import LightningWire

// Stored record `liquidity`, by short channel id and side:
//   2  the lower bound, in millisatoshi
//   4  the upper bound, where there is one
//   6  when it was seen, in seconds since 1970

extension LiquidityKnowledge.Observation: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        lower = try record.takeInteger(2) ?? 0
        upper = try record.takeInteger(4) ?? .max
        time = try record.requireInteger(6)
        failure = time
        guard upper > lower else { throw .invalidField(type: 4) }
    }

    func write(to record: inout RecordWriter) {
        record.put(2, integer: lower == 0 ? nil : lower)
        record.put(4, integer: upper == .max ? nil : upper)
        record.put(6, integer: time)
    }
}

extension LiquidityKnowledge {
    static func key(_ name: DirectedChannel) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.writeBigEndian(name.shortChannelID.value)
        writer.writeByte(name.side)
        return writer.bytes
    }

    /// Knows what these records hold; what cannot be read is left out, as if it had been forgotten.
    public init(
        records: some Sequence<(key: [UInt8], value: [UInt8])>, halfLife: UInt64 = 6 * 3600
    ) {
        self.init(halfLife: halfLife)
        for record in records.prefix(Self.limit) {
            guard let name = Self.name(record.key),
                let observation = try? Observation(record: record.value)
            else { continue }
            restore(name, observation)
        }
    }

    private static func name(_ key: [UInt8]) -> DirectedChannel? {
        var reader = ByteReader(key.span.bytes)
        guard key.count == 9, let id = try? reader.readBigEndian(UInt64.self),
            let side = try? reader.readByte(), side < 2
        else { return nil }
        return DirectedChannel(ShortChannelID(id), side: side)
    }
}
