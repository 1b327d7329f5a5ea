import Bitcoin
import ChainBackend
import FoundationEssentials
import TestSupport
import Testing

/// A chain on which transactions are built, refused, accepted and mined, and judged by two script interpreters besides.
final class WalkChain {
    let backend: any ChainBackend
    private let mineBlocks: (Int) throws -> Void
    /// Every output that was made, so that what spends it can be judged.
    private var outputs: [OutPoint: TransactionOutput] = [:]
    /// What was accepted since the last block.
    private var unmined: [Transaction] = []
    private var feeCoins: [OutPoint] = []

    /// A chain of the process.
    init(_ chain: EmbeddedChain) {
        backend = chain
        mineBlocks = { _ = try chain.mine($0, to: Coin.script) }
    }

    /// A bitcoind.
    init(_ process: BitcoindProcess) throws {
        backend = try BitcoindBackend(
            BitcoindConfiguration(
                network: .regtest, port: process.rpcPort,
                authentication: .cookie(path: process.cookiePath)))
        let address = try #require(Address(script: Coin.script, network: .regtest))
        mineBlocks = { try process.call("generatetoaddress", "\($0)", "\(address)") }
    }

    var height: BlockHeight { get throws { try backend.status().height } }

    /// Mines one block, which has to hold everything that was accepted, and `count` - 1 more.
    func mine(_ count: Int = 1) throws {
        try mineBlocks(count)
        for transaction in unmined {
            #expect(try backend.mempoolTransaction(transaction.id) == nil)
            for input in transaction.inputs {
                #expect(
                    try backend.unspentOutput(input.previousOutput, includingMempool: false)
                        == nil)
            }
        }
        #expect(try backend.mempool().isEmpty)
        unmined = []
    }

    /// Mines until the next block has this height.
    func mine(untilNext target: UInt32) throws {
        let missing = Int(target) - 1 - Int(try height.value)
        if missing > 0 { try mine(missing) }
    }

    /// Makes `outputs`, and coins for fees, in one transaction that is mined.
    func fund(_ outputs: [TransactionOutput]) throws -> Transaction {
        try mineBlocks(101)
        guard let hash = try backend.blockHash(at: BlockHeight(1)) else { throw WalkError.noCoin }
        let coinbase = try backend.block(hash).transactions[0]
        let coins = [TransactionOutput](repeating: Coin.output(Satoshi(20_000)), count: 60)
        var rest = coinbase.outputs[0].amount - Satoshi(100_000)
        for output in outputs + coins { rest -= output.amount }
        var transaction = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(coinbase.id, 0))],
            outputs: outputs + coins + [Coin.output(rest)])
        transaction.inputs[0].witness = Coin.witness
        register(coinbase)
        try accept(transaction)
        try mine()
        feeCoins = coins.indices.map { OutPoint(transaction.id, UInt32(outputs.count + $0)) }
        return transaction
    }

    /// Adds a coin and change to `transaction`, so that it pays `fee` more.
    func addFee(_ fee: Int64, to transaction: inout Transaction) throws {
        guard let coin = feeCoins.popLast() else { throw WalkError.noCoin }
        transaction.inputs.append(
            TransactionInput(previousOutput: coin, sequence: .replaceable, witness: Coin.witness))
        transaction.outputs.append(Coin.output(Satoshi(20_000 - fee)))
    }

    /// Offers a transaction that every judge has to accept.
    func accept(
        _ transaction: Transaction, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try judge(transaction)
        #expect(
            try backend.testAccept(transaction) == .accepted, sourceLocation: sourceLocation)
        #expect(try backend.broadcast(transaction) == .accepted, sourceLocation: sourceLocation)
        register(transaction)
        unmined.append(transaction)
    }

    /// Offers a transaction with its child, whose fees count together.
    func accept(
        package: [Transaction], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for transaction in package {
            try judge(transaction)
            register(transaction)
        }
        #expect(
            try backend.broadcast(package: package) == .accepted, sourceLocation: sourceLocation)
        unmined += package
    }

    /// Offers a transaction that the chain has to refuse for that reason.
    func refuse(
        _ transaction: Transaction, _ refusal: Refusal,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try backend.broadcast(transaction)
        guard case .rejected(let actual) = answer else {
            Issue.record("accepted: \(transaction.id)", sourceLocation: sourceLocation)
            return
        }
        #expect(
            refusal.endings.contains { actual.hasSuffix($0) }, "\(actual)",
            sourceLocation: sourceLocation)
        if refusal.isOfScript {
            #expect(throws: (any Error).self, sourceLocation: sourceLocation) {
                try judge(transaction)
            }
        }
    }

    /// Whether an output is in the chain and no transaction spends it.
    func isUnspent(_ outPoint: OutPoint) throws -> Bool {
        try backend.unspentOutput(outPoint, includingMempool: true) != nil
    }

    private func judge(_ transaction: Transaction) throws {
        let spending = try transaction.inputs.map { input in
            try #require(outputs[input.previousOutput])
        }
        try ScriptJudge.verify(transaction, spending: spending)
    }

    private func register(_ transaction: Transaction) {
        let id = transaction.id
        for (index, output) in transaction.outputs.enumerated() {
            outputs[OutPoint(id, UInt32(index))] = output
        }
    }
}

/// Outputs that anyone can spend who shows the script OP_TRUE.
enum Coin {
    private static let witnessScript = Script([0x51])
    static let script = Script.payToWitnessScriptHash(of: witnessScript)
    static let witness = [witnessScript.bytes]

    static func output(_ amount: Satoshi) -> TransactionOutput {
        TransactionOutput(amount: amount, scriptPubKey: script)
    }
}

enum WalkError: Error { case noCoin }

/// Why a node refuses a transaction.
enum Refusal {
    case nonFinal
    case tooYoung
    case lockTime
    case signature
    case hash

    /// How the node's reason ends. Where a rule of relay fails before a rule of consensus, versions of bitcoind tell of the
    /// one or of the other.
    var endings: [String] {
        switch self {
        case .nonFinal: ["non-final"]
        case .tooYoung: ["non-BIP68-final"]
        case .lockTime: ["(Locktime requirement not satisfied)"]
        case .signature:
            [
                "(Signature must be zero for failed CHECK(MULTI)SIG operation)",
                "(Script evaluated without error but finished with a false/empty top stack element)",
                "(Script failed an OP_CHECKSIGVERIFY operation)",
            ]
        case .hash: ["(Script failed an OP_EQUALVERIFY operation)"]
        }
    }

    /// Whether a script refuses, so that the judges of scripts have to as well.
    var isOfScript: Bool {
        switch self {
        case .nonFinal, .tooYoung: false
        case .lockTime, .signature, .hash: true
        }
    }
}
