/// Typed access to entries: what a map holds has passed the checks of its types, so that a nil means that it is not there.
extension PSBTMap {
    func value(_ type: some RawRepresentable<UInt64>) -> [UInt8]? {
        entries[PSBTKey(type: type.rawValue)]
    }

    mutating func set(_ type: some RawRepresentable<UInt64>, _ value: [UInt8]?) {
        entries[PSBTKey(type: type.rawValue)] = value
    }

    func decoded<Value: BinaryCodable>(_ type: some RawRepresentable<UInt64>) -> Value? {
        value(type).flatMap { try? Value(decoding: $0) }
    }

    func number(_ type: some RawRepresentable<UInt64>) -> UInt32? {
        value(type).flatMap { bytes in
            var reader = ByteReader(bytes.span.bytes)
            return try? reader.readLittleEndian(UInt32.self)
        }
    }

    func values(_ type: some RawRepresentable<UInt64>) -> [[UInt8]: [UInt8]] {
        Dictionary(
            entries(ofType: type.rawValue).map { ($0.data, $0.value) }, uniquingKeysWith: { $1 })
    }

    func decodedValues<Value: BinaryCodable>(
        _ type: some RawRepresentable<UInt64>
    ) -> [[UInt8]: Value] {
        values(type).compactMapValues { try? Value(decoding: $0) }
    }

    mutating func setValues(
        _ type: some RawRepresentable<UInt64>, _ values: [[UInt8]: [UInt8]]
    ) {
        removeAll(ofType: type.rawValue)
        for (data, value) in values { entries[PSBTKey(type: type.rawValue, data: data)] = value }
    }

    func taprootDerivations(
        _ type: some RawRepresentable<UInt64>
    ) -> [XOnlyPublicKey: TaprootKeyOrigin] {
        var all: [XOnlyPublicKey: TaprootKeyOrigin] = [:]
        for (data, value) in values(type) {
            guard let key = try? XOnlyPublicKey(data) else { continue }
            all[key] = try? TaprootKeyOrigin(decoding: value)
        }
        return all
    }

    mutating func setTaprootDerivations(
        _ type: some RawRepresentable<UInt64>, _ derivations: [XOnlyPublicKey: TaprootKeyOrigin]
    ) {
        removeAll(ofType: type.rawValue)
        for (key, value) in derivations {
            entries[PSBTKey(type: type.rawValue, data: key.bytes)] = value.encoded
        }
    }
}

extension PSBTMap {
    static func bytes(_ value: UInt32) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeLittleEndian(value)
        return writer.bytes
    }

    static func bytes(count: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.writeCompactSize(count)
        return writer.bytes
    }

    static func bytes(witness: [[UInt8]]) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeCompactSize(witness.count)
        for item in witness { writer.writeVariableBytes(item) }
        return writer.bytes
    }

    static func witness(_ bytes: [UInt8]) throws(DecodeError) -> [[UInt8]] {
        var reader = ByteReader(bytes.span.bytes)
        let count = try reader.readCompactSize(field: "witness items")
        var items: [[UInt8]] = []
        for _ in 0..<count { items.append(try reader.readVariableBytes(field: "witness item")) }
        try reader.expectEnd()
        return items
    }

    static func bytes(tree: [TaprootTreeLeaf]) -> [UInt8] {
        var writer = ByteWriter()
        for leaf in tree {
            writer.writeByte(leaf.depth)
            writer.writeByte(leaf.leaf.version)
            leaf.leaf.script.write(to: &writer)
        }
        return writer.bytes
    }

    /// The leaves of a tree; throws where they do not make one whole tree.
    static func tree(_ bytes: [UInt8]) throws(DecodeError) -> [TaprootTreeLeaf] {
        var reader = ByteReader(bytes.span.bytes)
        var leaves: [TaprootTreeLeaf] = []
        // The depths of complete subtrees that wait for their sibling, ever deeper to the right.
        var open: [UInt8] = []
        repeat {
            let depth = try reader.readByte()
            let version = try reader.readByte()
            let script = try Script(from: &reader)
            guard depth <= Taproot.maximumPathLength, version & 1 == 0 else {
                throw .invalidValue(field: "taproot leaf")
            }
            guard depth >= open.last ?? 0, leaves.isEmpty || !open.isEmpty else {
                throw .invalidValue(field: "taproot tree")
            }
            leaves.append(TaprootTreeLeaf(depth: depth, TapLeaf(script, version: version)))
            var joined = depth
            while joined > 0, open.last == joined {
                open.removeLast()
                joined -= 1
            }
            if joined > 0 { open.append(joined) }
        } while !reader.isAtEnd
        guard open.isEmpty else { throw .invalidValue(field: "taproot tree") }
        return leaves
    }
}
