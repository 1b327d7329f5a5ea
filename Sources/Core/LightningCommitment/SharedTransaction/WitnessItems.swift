import Bitcoin
import LightningWire

extension WitnessData {
    /// The witness of these items.
    public init(items: [[UInt8]]) {
        var writer = ByteWriter()
        writer.writeCompactSize(items.count)
        for item in items { writer.writeVariableBytes(item) }
        self.init(writer.bytes)
    }

    /// The items of the witness.
    ///
    /// Throws ``DecodeError`` where the bytes are not those of a witness.
    public func items() throws(DecodeError) -> [[UInt8]] {
        var reader = ByteReader(bytes.span.bytes)
        let count = try reader.readCompactSize(field: "witness items", limit: UInt64(bytes.count))
        var items: [[UInt8]] = []
        for _ in 0..<count { items.append(try reader.readVariableBytes(field: "witness item")) }
        try reader.expectEnd()
        return items
    }
}
