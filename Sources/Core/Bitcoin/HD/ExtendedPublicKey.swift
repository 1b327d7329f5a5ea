/// A public key from which the public keys of children without hardening follow (BIP 32).
public struct ExtendedPublicKey: Hashable, Sendable {
    /// The key.
    public let key: PublicKey
    /// What makes the children differ from those of another tree with the same key.
    public let chainCode: Hash256
    /// Where the key stands in its tree.
    public let lineage: ExtendedKeyLineage

    init(key: PublicKey, chainCode: Hash256, lineage: ExtendedKeyLineage) {
        self.key = key
        self.chainCode = chainCode
        self.lineage = lineage
    }

    /// The fingerprint by which paths name the key.
    public var fingerprint: KeyFingerprint { KeyFingerprint(key) }

    /// The child of that number, which must not be hardened.
    public func child(_ number: ChildNumber) throws(DerivationError) -> ExtendedPublicKey {
        guard !number.isHardened else { throw .hardenedChildOfPublicKey(number) }
        let lineage = try lineage.child(number, of: key)
        var writer = ByteWriter(capacity: 37)
        writer.write(key.compressed)
        writer.writeBigEndian(number.value)
        let hash = HMAC.sha512(key: chainCode.bytes, writer.bytes)
        guard let tweak = try? Hash256(hash[..<32]), let chainCode = try? Hash256(hash[32...]),
            let child = try? key.adding(tweak)
        else { throw .noKeyAtNumber(number) }
        return ExtendedPublicKey(key: child, chainCode: chainCode, lineage: lineage)
    }

    /// The descendant at the end of `path`.
    public func derive(_ path: DerivationPath) throws(DerivationError) -> ExtendedPublicKey {
        var key = self
        for step in path.steps { key = try key.child(step) }
        return key
    }
}

extension ExtendedPublicKey {
    /// Reads the text form of any version that belongs to `network`.
    public init(_ text: some StringProtocol, network: Network) throws(DerivationError) {
        let (key, version) = try ExtendedPublicKey.parse(text)
        guard version.isMainnet == (network == .mainnet) else {
            throw .wrongNetwork(expected: network)
        }
        self = key
    }

    /// Reads the text form and tells its version.
    public static func parse(
        _ text: some StringProtocol
    ) throws(DerivationError) -> (key: ExtendedPublicKey, version: ExtendedKeyVersion) {
        let fields = try ExtendedKeyFields(text, isPrivate: false)
        let point: PublicKey
        do {
            point = try PublicKey(compressed: Array(fields.material[32...]))
        } catch {
            throw .key(error)
        }
        guard let chainCode = try? Hash256(fields.material[..<32]) else {
            throw .invalidLength(expected: 65, actual: fields.material.count)
        }
        let key = ExtendedPublicKey(key: point, chainCode: chainCode, lineage: fields.lineage)
        return (key, fields.version)
    }

    /// The text form, as in `xpub…`.
    public func text(_ version: ExtendedKeyVersion) -> String {
        ExtendedKeyFields.text(
            version.publicBytes, lineage, chainCode.bytes + key.compressed)
    }
}
