import Bitcoin
import TestSupport

extension FuzzTarget {
    /// The decoders of Bitcoin's own bytes, and the script interpreter.
    static let bitcoin: [FuzzTarget] = [
        codec("transaction", of: Transaction.self, seeds: [legacy, segwit]),
        codec("block-header", of: BlockHeader.self, seeds: [header]),
        codec(
            "block", of: Block.self, seeds: [Block(header: header, transactions: [legacy, segwit])]),
        FuzzTarget("transaction-checks", seeds: spends.map(\.transaction.encoded), run: check),
        codec(
            "psbt", seeds: psbts, decode: { try PSBT(decoding: $0) }, encode: \.encoded),
        FuzzTarget("psbt-roles", seeds: psbts, run: finish),
        codec(
            "signature-der", seeds: [signature.der], decode: { try ECDSASignature(der: $0) },
            encode: \.der),
        codec(
            "signature-compact", seeds: [signature.compact], isCanonical: true,
            decode: { try ECDSASignature(compact: $0) }, encode: \.compact),
        codec(
            "public-key", seeds: [publicKey.compressed],
            decode: { try PublicKey($0) }, encode: \.compressed),
        FuzzTarget("script-template", seeds: [Script.payToWitnessPublicKeyHash(hash).bytes]) {
            let script = Script($0)
            _ = try? script.instructions()
            let template = script.template
            for network in Network.allCases {
                guard let address = Address(script: script, network: network) else { continue }
                guard address.script == script else {
                    throw FuzzFailure("the address of \(template) pays to another script")
                }
            }
        },
        FuzzTarget("script-verifier", seeds: scriptSeeds, run: verify),
    ]

    /// Checks without a context, and sizes against those of the encoding.
    private static func check(_ bytes: [UInt8]) throws {
        guard let transaction = try? Transaction(decoding: bytes) else { return }
        try? transaction.checkContextFree()
        let size = transaction.encoded.count
        guard transaction.totalSize == size,
            transaction.weight.value == UInt64(transaction.baseSize * 3 + size)
        else { throw FuzzFailure("the size is \(size), not \(transaction.totalSize)") }
    }

    /// What is done with a PSBT from outside, up to its transaction.
    private static func finish(_ bytes: [UInt8]) throws {
        guard var psbt = try? PSBT(decoding: bytes) else { return }
        _ = try? psbt.identity()
        if let other = try? psbt.converted(to: psbt.version == .v0 ? .v2 : .v0) {
            guard (try? PSBT(decoding: other.encoded)) == other else {
                throw FuzzFailure("the other version of the PSBT is not read back")
            }
        }
        try? psbt.finalize()
        guard let transaction = try? psbt.extractTransaction() else { return }
        guard transaction.inputs.count == psbt.inputs.count else {
            throw FuzzFailure("the transaction has other inputs than its PSBT")
        }
    }

    /// One signed spend of every type of output.
    static let spends: [(transaction: Transaction, spending: [TransactionOutput])] = constant {
        var generator = SeededGenerator(seed: 1)
        return try SpendKind.allCases.map { kind in
            let spendable = try kind.spendable(&generator)
            let transaction = try Transaction.spending(
                [spendable], outputs: [spendable.output], types: [.all])
            return (transaction, [spendable.output])
        }
    }

    private static let psbts: [[UInt8]] = constant {
        try spends.flatMap { spend in
            var psbt = PSBT(spend.transaction)
            psbt.inputs[0].witnessOutput = spend.spending[0]
            psbt.inputs[0].finalScriptSig = spend.transaction.inputs[0].scriptSig
            psbt.inputs[0].finalWitness = spend.transaction.inputs[0].witness
            return [psbt.encoded, try psbt.converted(to: .v2).encoded]
        }
    }

    /// Flags, the script that locks every input's output, and the transaction that spends them.
    private static func verify(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.span.bytes)
        let flags: UInt32
        let script: Script
        let transaction: Transaction
        do {
            flags = try reader.readLittleEndian()
            script = try Script(from: &reader)
            transaction = try Transaction(from: &reader)
        } catch {
            return
        }
        let output = TransactionOutput(amount: legacy.outputs[0].amount, scriptPubKey: script)
        // Witnesses and a clean stack have a meaning only together with what they build on.
        var rules = ScriptFlags(rawValue: flags & 0x1f_ffff)
        if rules.contains(.cleanStack) { rules.insert(.witness) }
        if rules.contains(.witness) { rules.insert(.p2sh) }
        let verifier = ScriptVerifier(
            transaction, spending: Array(repeating: output, count: transaction.inputs.count),
            flags: rules)
        for index in transaction.inputs.indices { try? verifier.verify(input: index) }
    }

    private static let scriptSeeds: [[UInt8]] = [legacy, segwit].map {
        var writer = ByteWriter()
        writer.writeLittleEndian(ScriptFlags.consensus.rawValue)
        Script([0x51, 0x76, 0x63, 0x52, 0x67, 0x68, 0xac]).write(to: &writer)
        $0.write(to: &writer)
        return writer.bytes
    }

    private static let hash = Hash160(hashing: [1, 2, 3])
    private static let key: PrivateKey = constant { try PrivateKey(Array(repeating: 7, count: 32)) }
    private static let publicKey = key.publicKey
    private static let signature = key.sign(SHA256.hash([1]))

    private static let header = BlockHeader(
        version: 4, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: 1_700_000_000,
        bits: 0x207f_ffff, nonce: 3)

    private static let legacy = Transaction(
        inputs: [
            TransactionInput(
                previousOutput: OutPoint(TransactionID(.zero), 1),
                scriptSig: Script([0x51]))
        ],
        outputs: [TransactionOutput(amount: .zero, scriptPubKey: .payToWitnessPublicKeyHash(hash))])

    private static let segwit: Transaction = {
        var transaction = legacy
        transaction.inputs[0].witness = [signature.der + [1], publicKey.compressed]
        return transaction
    }()

    /// The value of an expression that cannot fail.
    static func constant<Value>(_ make: () throws -> Value) -> Value {
        do { return try make() } catch { preconditionFailure("\(error)") }
    }
}
