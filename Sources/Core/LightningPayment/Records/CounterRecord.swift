import LightningWire

/// Two numbers that only grow.
struct CounterRecord: RecordCodable {
    var first: UInt64
    var second: UInt64

    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    init(from record: inout RecordReader) throws(RecordError) {
        first = try record.requireInteger(0)
        second = try record.requireInteger(2)
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: first)
        record.put(2, integer: second)
    }
}
