import Bitcoin

/// The keys of one commitment from basepoints (BOLT 3, "Key Derivation").
extension PublicKey {
    /// BOLT 3: "pubkey = basepoint + SHA256(per_commitment_point || basepoint) * G"
    public func derived(for perCommitmentPoint: PublicKey) throws(KeyError) -> PublicKey {
        try adding(Tweak.of(perCommitmentPoint, self))
    }

    /// The revocation key of the holder of `perCommitmentPoint`, where this is the other side's revocation basepoint.
    /// BOLT 3: "revocationpubkey = revocation_basepoint * SHA256(revocation_basepoint || per_commitment_point) +
    /// per_commitment_point * SHA256(per_commitment_point || revocation_basepoint)"
    public func revocationKey(for perCommitmentPoint: PublicKey) throws(KeyError) -> PublicKey {
        let fromBasepoint = try multiplying(by: Tweak.of(self, perCommitmentPoint))
        let fromPoint = try perCommitmentPoint.multiplying(by: Tweak.of(perCommitmentPoint, self))
        return try fromBasepoint.adding(fromPoint)
    }
}

extension PrivateKey {
    /// BOLT 3: "privkey = basepoint_secret + SHA256(per_commitment_point || basepoint)"
    public func derived(for perCommitmentPoint: PublicKey) throws(KeyError) -> PrivateKey {
        try derived(for: perCommitmentPoint, basepoint: publicKey)
    }

    /// The same where the public key is known already, which saves a multiplication.
    func derived(
        for perCommitmentPoint: PublicKey, basepoint: PublicKey
    ) throws(KeyError) -> PrivateKey {
        try adding(Tweak.of(perCommitmentPoint, basepoint))
    }

    /// The private key of a revoked commitment, where this is the revocation basepoint's secret.
    public func revocationKey(for perCommitmentSecret: PrivateKey) throws(KeyError) -> PrivateKey {
        let (basepoint, point) = (publicKey, perCommitmentSecret.publicKey)
        let fromBasepoint = try multiplying(by: Tweak.of(basepoint, point))
        let fromSecret = try perCommitmentSecret.multiplying(by: Tweak.of(point, basepoint))
        return try fromBasepoint.adding(fromSecret)
    }
}

private enum Tweak {
    /// The hash of two points in compressed form.
    static func of(_ first: PublicKey, _ second: PublicKey) -> Hash256 {
        SHA256.hash(first.compressed + second.compressed)
    }
}
