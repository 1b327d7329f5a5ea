import Bitcoin
import LightningWire

/// The text of an invoice in five eighths of its bytes: its groups of five bits without the checksum, which follows from
/// them, and without the payment hash, which stands beside it. Another text is stored as it is.
struct StoredRequest: BinaryCodable {
    private enum Form {
        case plain(String)
        /// The groups behind `prefix`; those of the hash have stood before the group number `gap`, where they are left out.
        case packed(prefix: String, values: [UInt8], gap: Int?)
    }

    private enum Kind {
        static let plain: UInt8 = 0
        static let packed: UInt8 = 1
        static let packedWithoutHash: UInt8 = 2
    }

    private let form: Form

    /// A text that is stored for a short while, as it is.
    init(plain text: String) { form = .plain(text) }

    /// The text of an invoice for payments of `hash`.
    init(_ text: String, of hash: PaymentHash) {
        // Of several texts with the same groups, the one in lower case is given back.
        guard let code = try? Bech32(decoding: text, limit: nil), code.variant == .bech32,
            !text.utf8.contains(where: { (0x41...0x5A).contains($0) })
        else {
            form = .plain(text)
            return
        }
        var values = code.values
        let gap = Self.place(of: hash, in: values)
        if let gap { values.removeSubrange(gap..<gap + Self.hashLength) }
        form = .packed(prefix: code.prefix, values: values, gap: gap)
    }

    /// How many groups of five bits a hash has.
    private static let hashLength = 52
    /// What stands before the hash: its tag and the number of its groups in two groups (BOLT 11, `p`).
    private static let hashTag: [UInt8] = [1, 1, 20]

    /// Where the groups of the hash begin; nil where they are not there.
    private static func place(of hash: PaymentHash, in values: [UInt8]) -> Int? {
        let wanted = hashTag + Bech32.values(of: hash.hash.bytes)
        guard values.count >= wanted.count else { return nil }
        return (0...values.count - wanted.count)
            .first { values[$0..<$0 + wanted.count].elementsEqual(wanted) }
            .map { $0 + hashTag.count }
    }

    /// The text, of an invoice for payments of `hash`.
    func text(_ hash: PaymentHash) -> String {
        switch form {
        case .plain(let text): return text
        case .packed(let prefix, var values, let gap):
            if let gap { values.insert(contentsOf: Bech32.values(of: hash.hash.bytes), at: gap) }
            return Bech32.encode(prefix: prefix, values: values, variant: .bech32)
        }
    }

    init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.readByte()
        guard kind != Kind.plain else {
            form = .plain(String(decoding: try reader.readRemainingBytes(), as: UTF8.self))
            return
        }
        let prefix = try reader.readBytes(Int(reader.readByte()))
        let count = try reader.readBigSize()
        let gap = kind == Kind.packedWithoutHash ? try reader.readBigSize() : nil
        let values = Bech32.values(of: try reader.readRemainingBytes())
        guard count <= UInt64(values.count), gap ?? 0 <= count else {
            throw .truncated(needed: Int(clamping: count), available: values.count)
        }
        form = .packed(
            prefix: String(decoding: prefix, as: UTF8.self),
            values: Array(values.prefix(Int(count))), gap: gap.map { Int($0) })
    }

    func write(to writer: inout ByteWriter) {
        switch form {
        case .plain(let text):
            writer.writeByte(Kind.plain)
            writer.write(text.utf8)
        case .packed(let prefix, let values, let gap):
            writer.writeByte(gap == nil ? Kind.packed : Kind.packedWithoutHash)
            writer.writeByte(UInt8(prefix.utf8.count))
            writer.write(prefix.utf8)
            writer.writeBigSize(UInt64(values.count))
            if let gap { writer.writeBigSize(UInt64(gap)) }
            // Eight groups are five bytes.
            let padding = [UInt8](repeating: 0, count: (8 - values.count % 8) % 8)
            writer.write((try? Bech32.bytes(of: values + padding)) ?? [])
        }
    }
}
