/// Where an extended key stands in its tree (BIP 32).
public struct ExtendedKeyLineage: Hashable, Sendable {
    /// The number of steps from the master key.
    public let depth: UInt8
    /// The fingerprint of the parent; ``KeyFingerprint/none`` for a master key.
    public let parent: KeyFingerprint
    /// Which child of the parent the key is; 0 for a master key.
    public let number: ChildNumber

    static let master = ExtendedKeyLineage(
        depth: 0, parent: .none, number: ChildNumber(value: 0))

    func child(_ number: ChildNumber, of key: PublicKey) throws(DerivationError)
        -> ExtendedKeyLineage
    {
        guard depth < DerivationPath.maximumDepth else { throw .tooDeep(steps: Int(depth) + 1) }
        return ExtendedKeyLineage(depth: depth + 1, parent: KeyFingerprint(key), number: number)
    }
}

/// The 78 bytes of an extended key in parts (BIP 32's serialisation format).
struct ExtendedKeyFields {
    static let length = 78

    let version: ExtendedKeyVersion
    let lineage: ExtendedKeyLineage
    /// The 32 bytes of the chain code, then the 33 of the key.
    var material: [UInt8]

    init(_ text: some StringProtocol, isPrivate expected: Bool) throws(DerivationError) {
        var payload: [UInt8]
        do {
            payload = try Base58Check.decode(text)
        } catch {
            throw .base58(error)
        }
        defer { payload.wipe() }
        guard payload.count == ExtendedKeyFields.length else {
            throw .invalidLength(expected: ExtendedKeyFields.length, actual: payload.count)
        }
        let bytes = ExtendedKeyFields.number(payload[..<4])
        guard let (version, isPrivate) = ExtendedKeyVersion.find(bytes) else {
            throw .unknownVersion(bytes)
        }
        guard isPrivate == expected else { throw .wrongKind(expectedPrivate: expected) }
        self.version = version
        lineage = ExtendedKeyLineage(
            depth: payload[4],
            parent: KeyFingerprint(value: ExtendedKeyFields.number(payload[5..<9])),
            number: ChildNumber(value: ExtendedKeyFields.number(payload[9..<13])))
        if lineage.depth == 0, lineage != .master { throw .masterKeyWithParent }
        material = Array(payload[13...])
    }

    /// The text of these parts.
    static func text(_ version: UInt32, _ lineage: ExtendedKeyLineage, _ material: [UInt8])
        -> String
    {
        var writer = ByteWriter(capacity: length)
        defer { writer.bytes.wipe() }
        writer.writeBigEndian(version)
        writer.writeByte(lineage.depth)
        lineage.parent.write(to: &writer)
        writer.writeBigEndian(lineage.number.value)
        writer.write(material)
        return Base58Check.encode(writer.bytes)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
