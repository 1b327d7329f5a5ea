import Bitcoin
import LightningWire

extension CoinLease: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        let bytes = try record.requireBytes(0)
        guard let id = try? Hash256(bytes) else { throw .invalidField(type: 0) }
        self.init(id: id, expiry: try record.requireInteger(2))
    }

    public func write(to record: inout RecordWriter) {
        record.put(0, id.bytes)
        record.put(2, integer: expiry)
    }
}
