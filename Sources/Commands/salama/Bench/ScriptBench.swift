import Bitcoin
import CSecp256k1

extension Bench {
    /// The verification of inputs, beside what libsecp256k1 alone needs for their signatures.
    static let scriptVerification = Bench(
        name: "scripts",
        summary: "verified inputs per second, beside libsecp256k1's verification alone"
    ) {
        let bare = try BareVerification()
        return try SpendSample.all().flatMap { sample in
            let verified = try Stopwatch.measure(
                calls: 25,
                [
                    {
                        try ScriptVerifier(sample.transaction, spending: [sample.output])
                            .verify(input: 0)
                    },
                    { bare.run(sample.signatures) },
                ])
            return [
                verified[0].rate("\(sample.name) verified"),
                verified[1].rate("\(sample.name) libsecp256k1 alone"),
                verified[0].ratio("\(sample.name) ratio", to: verified[1]),
            ]
        }
    }
}

/// A transaction with one signed input.
private struct SpendSample {
    enum Signatures {
        case ecdsa(count: Int)
        case schnorr
    }

    let name: String
    let transaction: Transaction
    let output: TransactionOutput
    let signatures: Signatures

    static func all() throws -> [SpendSample] {
        let keys = try [3, 4].map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
        return [try publicKeyHash(keys[0]), try multisig(keys), try taproot(keys[0])]
    }

    private static func publicKeyHash(_ key: PrivateKey) throws -> SpendSample {
        let output = spent(.payToWitnessPublicKeyHash(of: key.publicKey))
        var transaction = spending()
        let hash = SignatureHash.segwitV0(
            transaction, input: 0, scriptCode: .payToPublicKeyHash(of: key.publicKey),
            amount: output.amount, type: .all)
        transaction.inputs[0].witness = [key.sign(hash).der + [1], key.publicKey.compressed]
        return SpendSample(
            name: "P2WPKH", transaction: transaction, output: output,
            signatures: .ecdsa(count: 1))
    }

    private static func multisig(_ keys: [PrivateKey]) throws -> SpendSample {
        let script = try Script.multisig(required: 2, keys.map(\.publicKey))
        let output = spent(.payToWitnessScriptHash(of: script))
        var transaction = spending()
        let hash = SignatureHash.segwitV0(
            transaction, input: 0, scriptCode: script, amount: output.amount, type: .all)
        transaction.inputs[0].witness =
            [[]] + keys.map { $0.sign(hash).der + [1] } + [script.bytes]
        return SpendSample(
            name: "P2WSH 2-of-2", transaction: transaction, output: output,
            signatures: .ecdsa(count: 2))
    }

    private static func taproot(_ key: PrivateKey) throws -> SpendSample {
        let outputKey = try Taproot.outputKey(key, root: nil)
        let output = spent(.payToTaproot(outputKey.publicKey.xOnly.key))
        var transaction = spending()
        let cache = SignatureHashCache(transaction, spending: [output])
        if let hash = SignatureHash.taproot(transaction, input: 0, type: .default, cache: cache) {
            transaction.inputs[0].witness = [outputKey.signSchnorr(hash)]
        }
        return SpendSample(
            name: "P2TR", transaction: transaction, output: output, signatures: .schnorr)
    }

    private static func spent(_ script: Script) -> TransactionOutput {
        TransactionOutput(amount: Satoshi(100_000), scriptPubKey: script)
    }

    private static func spending() -> Transaction {
        Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 0))],
            outputs: [
                TransactionOutput(amount: Satoshi(40_000), scriptPubKey: .payToAnchor),
                TransactionOutput(amount: Satoshi(50_000), scriptPubKey: .payToAnchor),
            ])
    }
}

/// The library's own verification of signatures that are already parsed.
private final class BareVerification {
    private let context: OpaquePointer
    private let message: [UInt8]
    private let schnorr: [UInt8]
    private var ecdsa = secp256k1_ecdsa_signature()
    private var key = secp256k1_pubkey()
    private var xOnlyKey = secp256k1_xonly_pubkey()

    init() throws {
        let flags = UInt32(SECP256K1_CONTEXT_VERIFY)
        guard let context = secp256k1_context_create(flags) else {
            throw CommandFailure("no memory for the context of libsecp256k1")
        }
        self.context = context
        let secret = try PrivateKey([UInt8](repeating: 3, count: 32))
        let hash = SHA256.hash([7])
        message = hash.bytes
        schnorr = secret.signSchnorr(hash)
        let compact = secret.sign(hash).compact
        let point = secret.publicKey.compressed
        guard secp256k1_ecdsa_signature_parse_compact(context, &ecdsa, compact) == 1,
            secp256k1_ec_pubkey_parse(context, &key, point, point.count) == 1,
            secp256k1_xonly_pubkey_parse(context, &xOnlyKey, Array(point.dropFirst())) == 1
        else { throw CommandFailure("libsecp256k1 does not read what it wrote") }
    }

    deinit { secp256k1_context_destroy(context) }

    func run(_ signatures: SpendSample.Signatures) {
        switch signatures {
        case .ecdsa(let count):
            for _ in 0..<count {
                let result = secp256k1_ecdsa_verify(context, &ecdsa, message, &key)
                precondition(result == 1, "the signature holds")
            }
        case .schnorr:
            let result = secp256k1_schnorrsig_verify(context, schnorr, message, 32, &xOnlyKey)
            precondition(result == 1, "the signature holds")
        }
    }
}
