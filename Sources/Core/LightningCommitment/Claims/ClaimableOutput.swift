import Bitcoin
import LightningWire

/// An output of a commitment or HTLC transaction on the chain that this node can take alone, and all that a transaction
/// needs to take it (BOLT 5).
public struct ClaimableOutput: Hashable, Sendable {
    /// Why the node can take an output, which decides the witness.
    public enum Path: Hashable, Sendable {
        /// Our own commitment's `to_local`, or what our HTLC transaction made: ours after `delay` blocks.
        case delayed(script: Script, delay: UInt16)
        /// The `to_remote` of the other side's commitment.
        case toRemote(CommitmentFormat, key: PublicKey)
        /// An HTLC that the other side offered, on its own commitment: ours with the preimage.
        case preimage(script: Script, PaymentPreimage, CommitmentFormat)
        /// An HTLC that we offered, on the other side's commitment: ours from `expiry` on.
        case timeout(script: Script, expiry: BlockHeight, CommitmentFormat)
        /// `to_local` of a revoked commitment, or what a revoked commitment's HTLC transaction made.
        case revokedDelayed(script: Script)
        /// An HTLC of a revoked commitment.
        case revokedHTLC(script: Script, revocationKey: PublicKey)
        /// Our anchor, which brings a fee to the commitment transaction.
        case anchor(script: Script)
        /// An anchor that nobody took for 16 blocks: anybody's, without a signature.
        case abandonedAnchor(script: Script)
    }

    public let outPoint: OutPoint
    public let output: TransactionOutput
    public let path: Path
    /// The key that has to sign; nil where none has to.
    public let key: ClaimKey?

    /// The output at `outPoint`, which `key` can take along `path`.
    public init(outPoint: OutPoint, output: TransactionOutput, path: Path, key: ClaimKey?) {
        self.outPoint = outPoint
        self.output = output
        self.path = path
        self.key = key
    }

    /// The blocks for which an anchor waits for its owner.
    public static let anchorDelay: UInt16 = 16

    /// The sequence number that the input must have.
    public var sequence: InputSequence {
        switch path {
        case .delayed(_, let delay):
            .relative(blocks: Mutation.isOn(.wrongDelay) ? delay - 1 : delay)
        case .abandonedAnchor: .relative(blocks: Self.anchorDelay)
        case .toRemote(.anchors, _): .relative(blocks: 1)
        case .preimage(_, _, .anchors), .timeout(_, _, .anchors): .relative(blocks: 1)
        case .toRemote(.staticRemoteKey, _), .preimage(_, _, .staticRemoteKey),
            .timeout(_, _, .staticRemoteKey), .revokedDelayed, .revokedHTLC, .anchor:
            .replaceable
        }
    }

    /// The height that the transaction's lock time must reach; nil where it may be anything.
    public var lockHeight: BlockHeight? {
        guard case .timeout(_, let expiry, _) = path else { return nil }
        return expiry
    }

    /// The script that the signature covers.
    public var scriptCode: Script {
        switch path {
        case .delayed(let script, _), .preimage(let script, _, _), .timeout(let script, _, _),
            .revokedDelayed(let script), .revokedHTLC(let script, _), .anchor(let script),
            .abandonedAnchor(let script):
            script
        case .toRemote(.staticRemoteKey, let key): .payToPublicKeyHash(of: key)
        case .toRemote(.anchors, let key): CommitmentScripts.toRemoteWithAnchors(key)
        }
    }

    /// What the key signs where input `index` of `transaction` takes the output.
    public func signatureHash(
        _ transaction: Transaction, input index: Int, _ cache: SignatureHashCache? = nil
    ) -> Hash256 {
        SignatureHash.segwitV0(
            transaction, input: index, scriptCode: scriptCode, amount: output.amount, type: .all,
            cache: cache)
    }

    /// The witness that takes the output. `signature` covers everything, and is there exactly where ``key`` is.
    public func witness(_ signature: ECDSASignature?) -> [[UInt8]] {
        precondition((signature == nil) == (key == nil), "a key signs")
        let signature = signature?.witnessItem() ?? []
        switch path {
        case .delayed(let script, _): return [signature, [], script.bytes]
        case .toRemote(.staticRemoteKey, let key): return [signature, key.compressed]
        case .toRemote(.anchors, _): return [signature, scriptCode.bytes]
        case .preimage(let script, let preimage, _):
            return [signature, preimage.hash.bytes, script.bytes]
        case .timeout(let script, _, _): return [signature, [], script.bytes]
        case .revokedDelayed(let script): return [signature, [1], script.bytes]
        case .revokedHTLC(let script, let key): return [signature, key.compressed, script.bytes]
        case .anchor(let script), .abandonedAnchor(let script):
            return [signature, script.bytes]
        }
    }

    /// The most weight that the witness has, the marker and flag of the transaction aside: signatures are made with a small
    /// r and have at most 70 bytes and one for what they cover.
    public var maximumWitnessWeight: Weight {
        let signature = 1 + 71
        let items =
            switch path {
            case .delayed(let script, _), .timeout(let script, _, _):
                signature + 1 + Self.itemSize(script)
            case .toRemote(.staticRemoteKey, _): signature + 34
            case .toRemote(.anchors, _): signature + Self.itemSize(scriptCode)
            case .preimage(let script, _, _): signature + 33 + Self.itemSize(script)
            case .revokedDelayed(let script): signature + 2 + Self.itemSize(script)
            case .revokedHTLC(let script, _): signature + 34 + Self.itemSize(script)
            case .anchor(let script): signature + Self.itemSize(script)
            case .abandonedAnchor(let script): 1 + Self.itemSize(script)
            }
        let count = 1
        return Weight(UInt64(count + items))
    }

    private static func itemSize(_ script: Script) -> Int {
        ByteWriter.compactSizeLength(script.bytes.count) + script.bytes.count
    }
}
