import LightningWire

/// The stored form of what the user calls a transaction.
struct LabelRecord: RecordCodable {
    let text: String

    init(_ text: String) { self.text = text }

    init(from record: inout RecordReader) throws(RecordError) {
        guard let text = String(validating: try record.requireBytes(0), as: UTF8.self) else {
            throw .invalidField(type: 0)
        }
        self.text = text
    }

    func write(to record: inout RecordWriter) { record.put(0, Array(text.utf8)) }
}
