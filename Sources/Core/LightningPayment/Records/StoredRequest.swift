import Bitcoin
import LightningWire

/// The text of an invoice in five eighths of its bytes: its groups of five bits without the checksum, which follows from
/// them. Another text is stored as it is.
struct StoredRequest: BinaryCodable {
    let text: String

    init(text: String) { self.text = text }

    private static let plain: UInt8 = 0
    private static let bech32: UInt8 = 1

    init(from reader: inout ByteReader) throws(DecodeError) {
        if try reader.readByte() == Self.plain {
            text = String(decoding: try reader.readRemainingBytes(), as: UTF8.self)
            return
        }
        let prefix = try reader.readBytes(Int(reader.readByte()))
        let count = try reader.readBigSize()
        let values = Bech32.values(of: try reader.readRemainingBytes())
        guard count <= UInt64(values.count) else {
            throw .truncated(needed: Int(clamping: count), available: values.count)
        }
        text = Bech32.encode(
            prefix: String(decoding: prefix, as: UTF8.self),
            values: Array(values.prefix(Int(count))), variant: .bech32)
    }

    func write(to writer: inout ByteWriter) {
        guard let packed else {
            writer.writeByte(Self.plain)
            writer.write(text.utf8)
            return
        }
        writer.writeByte(Self.bech32)
        writer.writeByte(UInt8(packed.prefix.utf8.count))
        writer.write(packed.prefix.utf8)
        writer.writeBigSize(UInt64(packed.count))
        writer.write(packed.bytes)
    }

    /// The parts, where they give the same text again.
    private var packed: (prefix: String, count: Int, bytes: [UInt8])? {
        guard let code = try? Bech32(decoding: text, limit: nil), code.variant == .bech32,
            Bech32.encode(prefix: code.prefix, values: code.values, variant: .bech32) == text
        else { return nil }
        // Eight groups are five bytes.
        let padding = [UInt8](repeating: 0, count: (8 - code.values.count % 8) % 8)
        guard let bytes = try? Bech32.bytes(of: code.values + padding) else { return nil }
        return (code.prefix, code.values.count, bytes)
    }
}
