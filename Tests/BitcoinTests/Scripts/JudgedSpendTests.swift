import Bitcoin
import TestSupport
import Testing

@Suite("Spends before two judges", .serialized) struct JudgedSpendTests {
    static let types: [SighashType] = [
        .all, .none, .single, .all.anyoneCanPay, .none.anyoneCanPay, .single.anyoneCanPay,
    ]

    @Test(
        "the second judge is there",
        .enabled(if: ScriptJudge.hasSecond, "run scripts/bitcoinkernel to fetch it"))
    func secondJudge() throws {
        var generator = SeededGenerator(seed: 1)
        let coin = try SpendKind.publicKeyHash.spendable(&generator)
        let transaction = try Transaction.spending(
            [coin], outputs: [coin.output], types: [.all])
        #expect(try ScriptJudge.verdicts(transaction, spending: [coin.output]) == [true])
    }

    @Test(
        "every type of output is spent under every type of signature hash",
        arguments: SpendKind.allCases)
    func everyKind(_ kind: SpendKind) throws {
        var generator = SeededGenerator(seed: 2)
        for type in Self.types {
            let coin = try kind.spendable(&generator)
            let outputs = [TransactionOutput(amount: Satoshi(1000), scriptPubKey: .payToAnchor)]
            let transaction = try Transaction.spending([coin], outputs: outputs, types: [type])
            #expect(
                try ScriptJudge.verdicts(transaction, spending: [coin.output]) == [true],
                "\(type)")
            if kind.isStandard {
                try ScriptJudge.verify(transaction, spending: [coin.output])
            } else {
                #expect(throws: ScriptFailure.self) {
                    try ScriptJudge.verify(transaction, spending: [coin.output])
                }
            }
        }
    }

    @Test("both judges say the same of transactions with flipped bits", arguments: 0..<24)
    func flippedBits(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: 1000 + seed)
        let (transaction, coins) = try Self.randomSpend(&generator)
        let spending = coins.map(\.output)
        #expect(
            try ScriptJudge.verdicts(transaction, spending: spending).allSatisfy { $0 },
            "seed \(seed)")
        let bytes = transaction.encoded
        var refused = 0
        for _ in 0..<60 {
            var flipped = bytes
            let bit = Int.random(in: 0..<bytes.count * 8, using: &generator)
            flipped[bit / 8] ^= 1 << (bit % 8)
            guard let other = try? Transaction(decoding: flipped),
                other.inputs.count == coins.count
            else { continue }
            let verdicts = try ScriptJudge.verdicts(other, spending: spending)
            refused += verdicts.allSatisfy { $0 } ? 0 : 1
        }
        #expect(refused > 10, "seed \(seed)")
    }

    @Test("a change to anything that is signed makes the spend invalid", arguments: 0..<8)
    func signedParts(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: 2000 + seed)
        for kind in SpendKind.allCases where kind.isSigned {
            let coin = try kind.spendable(&generator)
            let outputs = [TransactionOutput(amount: Satoshi(1000), scriptPubKey: .payToAnchor)]
            let transaction = try Transaction.spending([coin], outputs: outputs, types: [.all])
            for change in SignedPart.allCases {
                var (other, spending) = (transaction, [coin.output])
                change.apply(&other, &spending)
                if change == .spentAmount, !kind.coversAmount { continue }
                #expect(
                    try ScriptJudge.verdicts(other, spending: spending)[0] == false,
                    "\(kind): \(change)")
            }
        }
    }

    @Test("each bit of a signature and of a key counts", arguments: SpendKind.allCases)
    func signatureBits(_ kind: SpendKind) throws {
        guard kind.isSigned else { return }
        var generator = SeededGenerator(seed: 3000)
        let coin = try kind.spendable(&generator)
        let transaction = try Transaction.spending(
            [coin], outputs: [coin.output], types: [.all])
        let input = transaction.inputs[0]
        var places = [(item: -1, count: input.scriptSig.bytes.count)]
        for (item, bytes) in input.witness.enumerated() { places.append((item, bytes.count)) }
        for (item, count) in places {
            for position in stride(from: 0, to: count, by: 5) {
                let bit = UInt8(1 << Int.random(in: 0..<8, using: &generator))
                var other = transaction
                if item < 0 {
                    other.inputs[0].scriptSig.bytes[position] ^= bit
                } else {
                    other.inputs[0].witness[item][position] ^= bit
                }
                _ = try ScriptJudge.verdicts(other, spending: [coin.output])
            }
        }
    }

    /// A transaction with up to six inputs of any types, and as many outputs.
    private static func randomSpend(
        _ generator: inout SeededGenerator
    ) throws -> (Transaction, [SpendableOutput]) {
        let count = Int.random(in: 1...6, using: &generator)
        let coins = try (0..<count).map { _ in
            let kind = SpendKind.allCases.randomElement(using: &generator) ?? .taprootKey
            return try kind.spendable(&generator)
        }
        let types = coins.map { _ in Self.types.randomElement(using: &generator) ?? .all }
        let outputs = coins.map { coin in
            TransactionOutput(amount: Satoshi(5000), scriptPubKey: coin.output.scriptPubKey)
        }
        return (try .spending(coins, outputs: outputs, types: types), coins)
    }
}

/// What a signature over all of a transaction covers.
enum SignedPart: CaseIterable {
    case version, lockTime, previousOutput, sequence, outputAmount, outputScript, moreOutputs
    case moreInputs, spentAmount

    func apply(_ transaction: inout Transaction, _ spending: inout [TransactionOutput]) {
        switch self {
        case .version: transaction.version = 3
        case .lockTime: transaction.lockTime = LockTime(transaction.lockTime.value + 1)
        case .previousOutput:
            transaction.inputs[0].previousOutput = OutPoint(TransactionID(.zero), 0)
        case .sequence:
            let sequence = transaction.inputs[0].sequence.value
            transaction.inputs[0].sequence = InputSequence(sequence - 1)
        case .outputAmount: transaction.outputs[0].amount += Satoshi(1)
        case .outputScript: transaction.outputs[0].scriptPubKey.bytes.append(0x51)
        case .moreOutputs: transaction.outputs.append(transaction.outputs[0])
        case .moreInputs:
            transaction.inputs.append(
                TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 7)))
            spending.append(
                TransactionOutput(amount: Satoshi(1), scriptPubKey: Script([0x51])))
        case .spentAmount: spending[0].amount += Satoshi(1)
        }
    }
}

extension SpendKind {
    /// Whether a spend needs a signature.
    var isSigned: Bool {
        switch self {
        case .anchor, .futureProgram, .taprootFutureLeaf: false
        default: true
        }
    }

    /// Whether signatures cover the amount that is spent.
    var coversAmount: Bool {
        switch self {
        case .publicKey, .uncompressedPublicKey, .publicKeyHash, .bareMultisig,
            .scriptHashMultisig, .legacyLockTime:
            false
        default: true
        }
    }
}
