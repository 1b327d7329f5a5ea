/// The key of an entry of a PSBT: a type, and data that tells entries of one type apart.
public struct PSBTKey: Hashable, Sendable {
    /// The type, known or not.
    public let type: UInt64
    /// What follows the type.
    public let data: [UInt8]

    /// A key of these parts.
    public init(type: UInt64, data: [UInt8] = []) {
        self.type = type
        self.data = data
    }

    /// The encoding, without its length.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: data.count + 1)
        writer.writeCompactSize(Int(clamping: type))
        writer.write(data)
        return writer.bytes
    }
}

/// One of the maps of a PSBT: every entry is kept, known or not, and written in the order of the keys.
public struct PSBTMap: Hashable, Sendable {
    /// All entries.
    public internal(set) var entries: [PSBTKey: [UInt8]] = [:]

    /// An empty map.
    public init() {}

    /// The value under `key`. Set it for types that this module does not know; known ones have properties.
    public subscript(key: PSBTKey) -> [UInt8]? {
        get { entries[key] }
        set { entries[key] = newValue }
    }

    /// The entries of `type`: their key data and values.
    func entries(ofType type: UInt64) -> [(data: [UInt8], value: [UInt8])] {
        entries.compactMap { $0.key.type == type ? ($0.key.data, $0.value) : nil }
    }

    mutating func removeAll(ofType type: UInt64) {
        entries = entries.filter { $0.key.type != type }
    }

    init(from reader: inout ByteReader, scope: PSBTScope) throws(PSBTError) {
        while let (key, value) = try PSBTMap.entry(from: &reader) {
            guard entries.updateValue(value, forKey: key) == nil else {
                throw .duplicateKey(scope, key: key.encoded)
            }
        }
    }

    /// The next entry; nil at the end of the map.
    private static func entry(
        from reader: inout ByteReader
    ) throws(PSBTError) -> (PSBTKey, [UInt8])? {
        do throws(DecodeError) {
            let bytes = try reader.readVariableBytes(field: "PSBT key")
            guard !bytes.isEmpty else { return nil }
            var keyReader = ByteReader(bytes.span.bytes)
            let type = try keyReader.readCompactSize(field: "PSBT type", limit: UInt64(Int.max))
            let key = PSBTKey(type: UInt64(type), data: try keyReader.readRemainingBytes())
            return (key, try reader.readVariableBytes(field: "PSBT value"))
        } catch {
            throw .malformed(error)
        }
    }

    func write(to writer: inout ByteWriter) {
        let sorted = entries.map { (key: $0.key.encoded, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (key, value) in sorted {
            writer.writeVariableBytes(key)
            writer.writeVariableBytes(value)
        }
        writer.writeByte(0)
    }
}
