/// Where a key comes from: a master key and the path from it (BIP 174).
public struct KeyOrigin: Hashable, Sendable {
    /// The fingerprint of the master key.
    public var fingerprint: KeyFingerprint
    /// The path from the master key to the key.
    public var path: DerivationPath

    /// An origin of these parts.
    public init(_ fingerprint: KeyFingerprint, _ path: DerivationPath) {
        self.fingerprint = fingerprint
        self.path = path
    }
}

/// Reads all that is left; the number of steps follows from the length.
extension KeyOrigin: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        fingerprint = try KeyFingerprint(from: &reader)
        path = DerivationPath()
        while !reader.isAtEnd {
            path.steps.append(ChildNumber(value: try reader.readLittleEndian()))
        }
    }

    public func write(to writer: inout ByteWriter) {
        fingerprint.write(to: &writer)
        for step in path.steps { writer.writeLittleEndian(step.value) }
    }
}

extension KeyOrigin: CustomStringConvertible {
    /// The form of descriptors without brackets, as in `d34db33f/84'/0'/0'` (BIP 380).
    public var description: String { path.steps.reduce("\(fingerprint)") { "\($0)/\($1)" } }
}

/// Where a taproot key comes from, and the scripts that it has a part in (BIP 371).
public struct TaprootKeyOrigin: Hashable, Sendable {
    /// The hashes of the leaves that hold the key; none for the internal key.
    public var leaves: [Hash256]
    /// The master key and the path.
    public var origin: KeyOrigin

    /// An origin of these parts.
    public init(leaves: [Hash256] = [], _ origin: KeyOrigin) {
        self.leaves = leaves
        self.origin = origin
    }
}

extension TaprootKeyOrigin: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let count = try reader.readCompactSize(field: "leaf hashes")
        leaves = []
        for _ in 0..<count { leaves.append(try reader.readHash256()) }
        origin = try KeyOrigin(from: &reader)
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeCompactSize(leaves.count)
        for leaf in leaves { writer.write(leaf) }
        origin.write(to: &writer)
    }
}

/// A key in a leaf, which a signature for a taproot script path belongs to (BIP 371).
public struct TaprootScriptKey: Hashable, Sendable {
    /// The key.
    public let key: XOnlyPublicKey
    /// The hash of the leaf.
    public let leaf: Hash256

    /// Names `key` in the leaf of that hash.
    public init(_ key: XOnlyPublicKey, leaf: Hash256) {
        self.key = key
        self.leaf = leaf
    }
}

/// A leaf of a taproot tree and its depth, in depth-first order (BIP 371).
public struct TaprootTreeLeaf: Hashable, Sendable {
    /// The number of branches above the leaf: 0 to 128.
    public let depth: UInt8
    /// The script and its version.
    public let leaf: TapLeaf

    /// A leaf at that depth.
    public init(depth: UInt8, _ leaf: TapLeaf) {
        self.depth = depth
        self.leaf = leaf
    }
}
