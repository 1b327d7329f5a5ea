import Bitcoin
import RegtestChain
import Testing

/// A chain under a virtual clock, with a key whose coins the tests spend.
struct Fixture {
    var chain: RegtestChain
    var now: UInt32 = 1_700_000_000
    let key: PrivateKey
    /// Coins of blocks deep enough to be spent, and outputs made by the tests.
    private(set) var coins: [(outPoint: OutPoint, output: TransactionOutput)] = []

    var script: Script { .payToWitnessPublicKeyHash(of: key.publicKey) }

    /// A chain whose first `spendable` blocks paid to the key and are deep enough.
    init(spendable: Int = 20, policy: RelayPolicy = RelayPolicy(), seed: UInt64 = 1) throws {
        chain = RegtestChain(policy: policy, seed: seed)
        key = try PrivateKey(SHA256.hash(Array("fixture \(seed)".utf8)))
        for height in 0..<(spendable + 100) {
            let hash = try mine(to: height < spendable ? script : .payToAnchor)
            if height < spendable { addCoinbase(of: hash) }
        }
        _ = chain.takeNotices()
    }

    /// Mines a block a minute after the last.
    @discardableResult mutating func mine(to script: Script? = nil) throws -> BlockHash {
        now += 60
        return try chain.mine(to: script ?? self.script, now: now)
    }

    /// A coin that no call has given yet.
    mutating func takeCoin() -> (outPoint: OutPoint, output: TransactionOutput) {
        coins.removeFirst()
    }

    private mutating func addCoinbase(of hash: BlockHash) {
        guard let stored = chain.block(hash) else { return }
        let output = stored.block.transactions[0].outputs[0]
        coins.append((OutPoint(stored.transactionIDs[0], 0), output))
    }

    /// A signed transaction from `spent` to `amounts` of the key's own script, or to `outputs`.
    func spend(
        _ spent: [(outPoint: OutPoint, output: TransactionOutput)],
        fee: Int64 = 1000, outputs: [TransactionOutput]? = nil, version: Int32 = 2,
        sequence: InputSequence = .replaceable, lockTime: LockTime = .none
    ) -> Transaction {
        let total = spent.reduce(Int64(0)) { $0 + $1.output.amount.value }
        var transaction = Transaction(
            version: version,
            inputs: spent.map {
                TransactionInput(previousOutput: $0.outPoint, sequence: sequence)
            },
            outputs: outputs ?? [
                TransactionOutput(amount: Satoshi(total - fee), scriptPubKey: script)
            ],
            lockTime: lockTime)
        sign(&transaction, spent.map(\.output))
        return transaction
    }

    /// Signs every input that spends an output of the key's script.
    func sign(_ transaction: inout Transaction, _ spent: [TransactionOutput]) {
        let code = Script.payToPublicKeyHash(of: key.publicKey)
        for (index, output) in spent.enumerated() where output.scriptPubKey == script {
            let hash = SignatureHash.segwitV0(
                transaction, input: index, scriptCode: code, amount: output.amount, type: .all)
            transaction.inputs[index].witness = [
                key.sign(hash).der + [1], key.publicKey.compressed,
            ]
        }
    }

    /// An output of a transaction, as a coin to spend.
    func coin(
        _ transaction: Transaction, _ index: Int = 0
    ) -> (outPoint: OutPoint, output: TransactionOutput) {
        (OutPoint(transaction.id, UInt32(index)), transaction.outputs[index])
    }

    /// Offers a transaction.
    @discardableResult
    mutating func submit(_ transaction: Transaction) throws(TransactionRejection)
        -> AcceptedTransaction
    {
        try chain.submit(transaction, now: now)
    }

    /// Offers a transaction and gives the reason why it was refused, `accepted` where it was not.
    mutating func verdict(on transaction: Transaction) -> String {
        do throws(TransactionRejection) {
            try submit(transaction)
            return "accepted"
        } catch {
            return error.reason
        }
    }

    /// An output of the key's own script.
    func output(_ amount: Int64, to script: Script? = nil) -> TransactionOutput {
        TransactionOutput(amount: Satoshi(amount), scriptPubKey: script ?? self.script)
    }
}
