import Bitcoin

extension FuzzTarget {
    /// The decoders of Bitcoin's own bytes, and the script interpreter.
    static let bitcoin: [FuzzTarget] = [
        codec("transaction", of: Transaction.self, seeds: [legacy, segwit]),
        codec("block-header", of: BlockHeader.self, seeds: [header]),
        codec(
            "block", of: Block.self, seeds: [Block(header: header, transactions: [legacy, segwit])]),
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
    private static func constant<Value>(_ make: () throws -> Value) -> Value {
        do { return try make() } catch { preconditionFailure("\(error)") }
    }
}
