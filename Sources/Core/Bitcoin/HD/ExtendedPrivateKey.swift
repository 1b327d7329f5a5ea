/// A private key from which the keys of all children follow (BIP 32). Key and chain code are wiped after their last use.
public struct ExtendedPrivateKey: Sendable, Equatable {
    /// The key.
    public let key: PrivateKey
    /// Where the key stands in its tree.
    public let lineage: ExtendedKeyLineage
    private let chainCode: SecretBytes

    private init(key: PrivateKey, chainCode: SecretBytes, lineage: ExtendedKeyLineage) {
        self.key = key
        self.chainCode = chainCode
        self.lineage = lineage
    }

    /// The master key of `seed`, which has 16 to 64 bytes.
    ///
    /// Throws ``DerivationError/invalidSeedLength(_:)`` or ``DerivationError/unusableSeed``.
    public init(seed: SecretBytes) throws(DerivationError) {
        guard (16...64).contains(seed.count) else { throw .invalidSeedLength(seed.count) }
        let hash = HMAC.sha512(key: SecretBytes(Array("Bitcoin seed".utf8)), seed)
        guard let key = try? PrivateKey(hash.part(0..<32)) else { throw .unusableSeed }
        self.init(key: key, chainCode: hash.part(32..<64), lineage: .master)
    }

    /// The same place in the tree without the private part.
    public var publicKey: ExtendedPublicKey {
        let chainCode = Hash256(unsafeFilling: { target in
            self.chainCode.withUnsafeBytes { target.copyMemory(from: $0) }
        })
        return ExtendedPublicKey(key: key.publicKey, chainCode: chainCode, lineage: lineage)
    }

    /// The fingerprint by which paths name the key.
    public var fingerprint: KeyFingerprint { KeyFingerprint(key.publicKey) }

    /// The child of that number.
    public func child(_ number: ChildNumber) throws(DerivationError) -> ExtendedPrivateKey {
        let point = key.publicKey
        let lineage = try lineage.child(number, of: point)
        let hash = HMAC.sha512(key: chainCode, preimage(number, point: point))
        guard let child = try? key.adding(hash.part(0..<32)) else { throw .noKeyAtNumber(number) }
        return ExtendedPrivateKey(
            key: child, chainCode: hash.part(32..<64), lineage: lineage)
    }

    /// The descendant at the end of `path`.
    public func derive(_ path: DerivationPath) throws(DerivationError) -> ExtendedPrivateKey {
        var key = self
        for step in path.steps { key = try key.child(step) }
        return key
    }

    /// What is hashed for a child: the private key where it is hardened, else the public one, then the number.
    private func preimage(_ number: ChildNumber, point: PublicKey) -> SecretBytes {
        SecretBytes(
            count: 37,
            unsafeFilling: { target in
                if number.isHardened {
                    key.secret.withUnsafeBytes {
                        UnsafeMutableRawBufferPointer(rebasing: target[1..<33]).copyMemory(from: $0)
                    }
                } else {
                    target.copyBytes(from: point.compressed)
                }
                target.storeBytes(of: number.value.bigEndian, toByteOffset: 33, as: UInt32.self)
            })
    }
}

extension ExtendedPrivateKey {
    /// Reads the text form of any version that belongs to `network`.
    public init(_ text: some StringProtocol, network: Network) throws(DerivationError) {
        let (key, version) = try ExtendedPrivateKey.parse(text)
        guard version.isMainnet == (network == .mainnet) else {
            throw .wrongNetwork(expected: network)
        }
        self = key
    }

    /// Reads the text form and tells its version.
    public static func parse(
        _ text: some StringProtocol
    ) throws(DerivationError) -> (key: ExtendedPrivateKey, version: ExtendedKeyVersion) {
        var fields = try ExtendedKeyFields(text, isPrivate: true)
        defer { fields.material.wipe() }
        guard fields.material[32] == 0 else {
            throw .invalidPrivateKeyPrefix(fields.material[32])
        }
        let secret: PrivateKey
        do {
            secret = try PrivateKey(fields.material[33...])
        } catch {
            throw .key(error)
        }
        let key = ExtendedPrivateKey(
            key: secret, chainCode: SecretBytes(fields.material[..<32]), lineage: fields.lineage)
        return (key, fields.version)
    }

    /// The text form, as in `xprv…`: an ordinary string, which is not wiped.
    public func text(_ version: ExtendedKeyVersion) -> String {
        var material: [UInt8] = []
        defer { material.wipe() }
        material.reserveCapacity(65)
        chainCode.append(to: &material)
        material.append(0)
        key.secret.append(to: &material)
        return ExtendedKeyFields.text(version.privateBytes, lineage, material)
    }
}

extension SecretBytes {
    /// A copy of some of the bytes.
    fileprivate func part(_ range: Range<Int>) -> SecretBytes {
        SecretBytes(
            count: range.count,
            unsafeFilling: { target in
                withUnsafeBytes {
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range]))
                }
            })
    }
}
