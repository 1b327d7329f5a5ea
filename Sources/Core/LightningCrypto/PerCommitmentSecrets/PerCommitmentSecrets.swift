import Bitcoin
import LightningWire

/// The secrets of one side's commitments, from a seed (BOLT 3, "Per-commitment Secret Requirements").
///
/// Indexes count down from 2^48 - 1: that of commitment `n` is ``firstIndex`` less `n`.
public struct PerCommitmentSeed: Sendable {
    /// The index of the first commitment.
    public static let firstIndex: UInt64 = (1 << 48) - 1

    private let seed: SecretBytes

    /// Takes the 32 bytes of the seed.
    public init(_ seed: SecretBytes) { self.seed = seed }

    /// The secret at `index`.
    public func secret(index: UInt64) -> PerCommitmentSecret {
        PerCommitmentSecret(SecretTree.derive(seed.exposedCopy(), bits: 48, index: index))
    }

    /// The secret of commitment `number`, which is at most 2^48 - 1.
    public func secret(commitment number: UInt64) -> PerCommitmentSecret {
        secret(index: Self.firstIndex - number)
    }
}

/// The secrets that the other side has revealed, of which 49 suffice for all (BOLT 3, "Efficient Per-commitment Secret
/// Storage").
public struct RevealedSecrets: Hashable, Sendable {
    /// A secret that all those below it in the tree derive from.
    public struct Entry: Hashable, Sendable {
        public let index: UInt64
        public let secret: PerCommitmentSecret

        /// The secret at `index`.
        public init(index: UInt64, secret: PerCommitmentSecret) {
            self.index = index
            self.secret = secret
        }
    }

    /// The entries by the number of zero bits at the end of their index. At most 49.
    public private(set) var entries: [Entry] = []

    /// No secrets.
    public init() {}

    /// The secrets that were stored as `entries`.
    public init(entries: [Entry]) { self.entries = entries }

    /// Adds the next secret: indexes go down one by one from ``PerCommitmentSeed/firstIndex``.
    ///
    /// Answers the position at which the entry was put, which is all that has to be stored anew. Throws where the secret is
    /// not of the same tree as the others, which proves that the other side cheats.
    @discardableResult
    public mutating func insert(
        _ secret: PerCommitmentSecret, index: UInt64
    ) throws(RevealedSecretError) -> Int {
        let expected = nextIndex
        guard index == expected else {
            throw .wrongIndex(expected: expected, actual: index)
        }
        let position = SecretTree.bucket(of: index)
        for (lower, entry) in entries.prefix(position).enumerated() {
            let derived = SecretTree.derive(
                secret.hash.bytes, bits: position, index: entry.index)
            guard derived == entry.secret.hash else { throw .notDerived(bucket: lower) }
        }
        let entry = Entry(index: index, secret: secret)
        if position < entries.count {
            entries[position] = entry
        } else {
            entries.append(entry)
        }
        return position
    }

    /// The index of the secret that comes next.
    public var nextIndex: UInt64 {
        entries.map(\.index).min().map { $0 - 1 } ?? PerCommitmentSeed.firstIndex
    }

    /// The secret at `index`, or nil where it was not revealed yet.
    public func secret(index: UInt64) -> PerCommitmentSecret? {
        for (bits, entry) in entries.enumerated() {
            let mask = ~((UInt64(1) << UInt64(bits)) - 1)
            if index & mask == entry.index {
                return PerCommitmentSecret(
                    SecretTree.derive(entry.secret.hash.bytes, bits: bits, index: index))
            }
        }
        return nil
    }

    /// The secret of the other side's commitment `number`, or nil where it was not revoked yet.
    public func secret(commitment number: UInt64) -> PerCommitmentSecret? {
        guard number <= PerCommitmentSeed.firstIndex else { return nil }
        return secret(index: PerCommitmentSeed.firstIndex - number)
    }
}

/// Why a revealed secret is not acceptable.
public enum RevealedSecretError: Error, Equatable, Sendable {
    /// Secrets come one by one.
    case wrongIndex(expected: UInt64, actual: UInt64)
    /// The secret of that bucket does not derive from the new one.
    case notDerived(bucket: Int)
}

private enum SecretTree {
    /// BOLT 3's `generate_from_seed`: flips and hashes for each of the lowest `bits` bits that is set, highest first.
    ///
    /// All steps are made in the memory of `base`, which is wiped at the end: it began with the seed.
    static func derive(_ base: consuming [UInt8], bits: Int, index: UInt64) -> Hash256 {
        var bytes = base
        defer { bytes.wipe() }
        for bit in stride(from: bits - 1, through: 0, by: -1) where index >> UInt64(bit) & 1 == 1 {
            bytes[bit / 8] ^= 1 << (bit % 8)
            let hash = SHA256.hash(bytes)
            bytes.withUnsafeMutableBytes { target in
                hash.withUnsafeBytes { target.copyMemory(from: $0) }
            }
        }
        return Hash256(unsafeFilling: { $0.copyBytes(from: bytes) })
    }

    /// The number of zero bits at the end of an index of 48 bits.
    static func bucket(of index: UInt64) -> Int { min(48, index.trailingZeroBitCount) }
}
