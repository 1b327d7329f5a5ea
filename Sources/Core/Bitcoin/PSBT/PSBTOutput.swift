/// What a PSBT says about one output.
public struct PSBTOutput: Hashable, Sendable {
    /// All entries, including those that have no property here.
    public var map = PSBTMap()

    /// An output of which nothing is known.
    public init() {}

    /// The script whose hash a P2SH output holds.
    public var redeemScript: Script? {
        get { map.value(PSBTOutputType.redeemScript).map { Script($0) } }
        set { map.set(PSBTOutputType.redeemScript, newValue?.bytes) }
    }

    /// The script whose hash a P2WSH program holds.
    public var witnessScript: Script? {
        get { map.value(PSBTOutputType.witnessScript).map { Script($0) } }
        set { map.set(PSBTOutputType.witnessScript, newValue?.bytes) }
    }

    /// Where the keys come from, by the public key as the script holds it.
    public var derivations: [[UInt8]: KeyOrigin] {
        get { map.decodedValues(PSBTOutputType.derivation) }
        set { map.setValues(PSBTOutputType.derivation, newValue.mapValues(\.encoded)) }
    }

    /// The amount; version 2 alone (BIP 370).
    public var amount: Satoshi? {
        get {
            map.value(PSBTOutputType.amount).flatMap { bytes in
                var reader = ByteReader(bytes.span.bytes)
                return (try? reader.readLittleEndian(Int64.self)).map { Satoshi($0) }
            }
        }
        set {
            map.set(
                PSBTOutputType.amount,
                newValue.map { amount in
                    var writer = ByteWriter(capacity: 8)
                    writer.writeLittleEndian(amount.value)
                    return writer.bytes
                })
        }
    }

    /// The output script; version 2 alone (BIP 370).
    public var script: Script? {
        get { map.value(PSBTOutputType.script).map { Script($0) } }
        set { map.set(PSBTOutputType.script, newValue?.bytes) }
    }

    /// The key that the output's key was made from (BIP 371).
    public var taprootInternalKey: XOnlyPublicKey? {
        get {
            map.value(PSBTOutputType.taprootInternalKey).flatMap { try? XOnlyPublicKey($0) }
        }
        set { map.set(PSBTOutputType.taprootInternalKey, newValue?.bytes) }
    }

    /// The scripts of the output with their depths, in depth-first order (BIP 371).
    public var taprootTree: [TaprootTreeLeaf]? {
        get { map.value(PSBTOutputType.taprootTree).flatMap { try? PSBTMap.tree($0) } }
        set { map.set(PSBTOutputType.taprootTree, newValue.map { PSBTMap.bytes(tree: $0) }) }
    }

    /// Where the keys of the output and of the leaves come from (BIP 371).
    public var taprootDerivations: [XOnlyPublicKey: TaprootKeyOrigin] {
        get { map.taprootDerivations(PSBTOutputType.taprootDerivation) }
        set { map.setTaprootDerivations(PSBTOutputType.taprootDerivation, newValue) }
    }
}
