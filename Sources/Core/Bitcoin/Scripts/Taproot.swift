/// A script that can spend a taproot output, and the version of its language.
public struct TapLeaf: Hashable, Sendable {
    /// The language: 0xc0 is tapscript (BIP 342); the lowest bit is always clear.
    public let version: UInt8
    /// The script.
    public let script: Script

    /// The version of tapscript.
    public static let tapscript: UInt8 = 0xc0

    /// A leaf of that version; the lowest bit of `version` is cleared.
    public init(_ script: Script, version: UInt8 = TapLeaf.tapscript) {
        self.version = version & 0xfe
        self.script = script
    }

    /// The hash of the leaf, by which signatures and trees name it (BIP 341).
    public var hash: Hash256 {
        TapLeaf.hash(version: version, script: script.bytes)
    }

    static func hash(version: UInt8, script: [UInt8]) -> Hash256 {
        var writer = ByteWriter(capacity: script.count + 6)
        writer.writeByte(version)
        writer.writeVariableBytes(script)
        var hasher = leafTag
        hasher.update(writer.bytes)
        return hasher.finalize()
    }

    private static let leafTag = SHA256(tag: "TapLeaf")
}

/// The scripts of a taproot output, as the tree that its key commits to (BIP 341).
public indirect enum TapTree: Hashable, Sendable {
    case leaf(TapLeaf)
    case branch(TapTree, TapTree)

    /// The hash that the output's key commits to.
    public var root: Hash256 {
        switch self {
        case .leaf(let leaf): leaf.hash
        case .branch(let left, let right): Taproot.branchHash(left.root, right.root)
        }
    }

    /// The leaves from left to right, each with the hashes that lead from it to the root.
    public var paths: [(leaf: TapLeaf, path: [Hash256])] {
        switch self {
        case .leaf(let leaf): return [(leaf, [])]
        case .branch(let left, let right):
            let (leftRoot, rightRoot) = (left.root, right.root)
            return left.paths.map { ($0.leaf, $0.path + [rightRoot]) }
                + right.paths.map { ($0.leaf, $0.path + [leftRoot]) }
        }
    }
}

/// The commitments of a taproot output (BIP 341).
public enum Taproot {
    /// The hash of two nodes of a tree, the lesser first.
    public static func branchHash(_ left: Hash256, _ right: Hash256) -> Hash256 {
        var hasher = branchTag
        hasher.update(min(left, right))
        hasher.update(max(left, right))
        return hasher.finalize()
    }

    /// What is added to the internal key, times the generator, to give the output's key.
    ///
    /// `root` is nil where there are no scripts.
    public static func tweak(_ internalKey: XOnlyPublicKey, root: Hash256?) -> Hash256 {
        var hasher = tweakTag
        hasher.update(internalKey.x)
        if let root { hasher.update(root) }
        return hasher.finalize()
    }

    /// The output's key, and whether its y is odd.
    ///
    /// Throws ``KeyError/degenerateResult`` where the sum is no key.
    public static func outputKey(
        _ internalKey: XOnlyPublicKey, root: Hash256?
    ) throws(KeyError) -> (key: XOnlyPublicKey, isOdd: Bool) {
        try internalKey.adding(tweak(internalKey, root: root))
    }

    /// The private key of the output's key, for a spend without a script.
    ///
    /// Throws ``KeyError/degenerateResult`` where the sum is no key.
    public static func outputKey(
        _ internalKey: PrivateKey, root: Hash256?
    ) throws(KeyError) -> PrivateKey {
        try internalKey.taprootTweaked(
            by: tweak(internalKey.publicKey.xOnly.key, root: root))
    }

    /// The control block: the last item of the witness of a spend by script, an annex apart.
    ///
    /// `isOdd` tells of the output's key, `path` leads from the leaf to the root.
    public static func controlBlock(
        leafVersion: UInt8 = TapLeaf.tapscript, internalKey: XOnlyPublicKey, isOdd: Bool,
        path: [Hash256]
    ) -> [UInt8] {
        [leafVersion | (isOdd ? 1 : 0)] + internalKey.bytes + path.flatMap(\.bytes)
    }

    /// The most hashes that a control block may have.
    public static let maximumPathLength = 128

    private static let branchTag = SHA256(tag: "TapBranch")
    private static let tweakTag = SHA256(tag: "TapTweak")
}
