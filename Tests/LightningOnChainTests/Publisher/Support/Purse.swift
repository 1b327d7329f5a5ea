import Bitcoin
import LightningOnChain
import RegtestChain

/// A wallet of one key that follows the chain by looking at it.
struct Purse: FeeWallet {
    let key: PrivateKey
    /// The confirmed coins.
    private(set) var coins: [OutPoint: TransactionOutput] = [:]
    /// What the best chain spends, and with what.
    private(set) var spends: [OutPoint: TransactionID] = [:]
    /// What the publisher has adopted and not given up, mined or not.
    private(set) var adopted: [TransactionID: Transaction] = [:]
    /// What was handed over: the wallet's own from then on.
    private(set) var handedOver: Set<TransactionID> = []
    private var blocks:
        [(spends: [OutPoint], made: [OutPoint], spent: [OutPoint: TransactionOutput])] = []

    init(seed: String) throws {
        key = try PrivateKey(SHA256.hash(Array(seed.utf8)))
    }

    var script: Script { .payToWitnessPublicKeyHash(of: key.publicKey) }

    /// The adopted transactions that wait to be mined and can be.
    var waiting: [TransactionID: Transaction] {
        adopted.filter { _, transaction in
            transaction.inputs.allSatisfy { spends[$0.previousOutput] == nil }
        }
    }

    /// What is held back from other uses.
    var held: Set<OutPoint> {
        Set(waiting.values.flatMap { $0.inputs.map(\.previousOutput) }).intersection(coins.keys)
    }

    var balance: Satoshi { coins.values.reduce(.zero) { $0 + $1.amount } }

    // MARK: The publisher's

    func feeCoins(beside claimed: Set<OutPoint>) -> [FeeCoin] {
        var used: Set<OutPoint> = []
        var mine: Set<OutPoint> = []
        for transaction in waiting.values {
            let inputs = transaction.inputs.map(\.previousOutput)
            if claimed.isDisjoint(with: inputs) {
                used.formUnion(inputs)
            } else {
                mine.formUnion(inputs)
            }
        }
        return coins.filter { !used.contains($0.key) }.sorted { $0.key < $1.key }.map {
            FeeCoin(
                outPoint: $0.key, output: $0.value, inputWeight: Weight(41 * 4 + 108),
                isInUse: mine.contains($0.key))
        }
    }

    mutating func newScript() -> Script? { script }

    func sign(
        _ transaction: Transaction, coins: [Int: FeeCoin], spent: [TransactionOutput]
    ) -> Transaction? {
        var signed = transaction
        let code = Script.payToPublicKeyHash(of: key.publicKey)
        for (index, coin) in coins {
            let hash = SignatureHash.segwitV0(
                transaction, input: index, scriptCode: code, amount: coin.output.amount, type: .all)
            signed.inputs[index].witness = [key.sign(hash).der + [1], key.publicKey.compressed]
        }
        return signed
    }

    mutating func adopt(_ transaction: Transaction) {
        let inputs = Set(transaction.inputs.map(\.previousOutput))
        forget { !inputs.isDisjoint(with: $0) }
        adopted[transaction.id] = transaction
    }

    mutating func release(_ claimed: Set<OutPoint>) { forget { !claimed.isDisjoint(with: $0) } }

    mutating func handOver(_ claimed: Set<OutPoint>) {
        for (id, transaction) in waiting
        where transaction.inputs.contains(where: { claimed.contains($0.previousOutput) }) {
            handedOver.insert(id)
        }
    }

    private mutating func forget(_ isMeant: (Set<OutPoint>) -> Bool) {
        for (id, transaction) in waiting
        where isMeant(Set(transaction.inputs.map(\.previousOutput))) {
            adopted.removeValue(forKey: id)
        }
    }

    // MARK: The chain's

    mutating func connect(_ block: Block) {
        var spent: [OutPoint: TransactionOutput] = [:]
        var made: [OutPoint] = []
        var inputs: [OutPoint] = []
        for transaction in block.transactions {
            let id = transaction.id
            for input in transaction.inputs where !transaction.isCoinbase {
                inputs.append(input.previousOutput)
                spends[input.previousOutput] = id
                if let coin = coins.removeValue(forKey: input.previousOutput) {
                    spent[input.previousOutput] = coin
                }
            }
            for (index, output) in transaction.outputs.enumerated()
            where output.scriptPubKey == script && !transaction.isCoinbase {
                coins[OutPoint(id, UInt32(index))] = output
                made.append(OutPoint(id, UInt32(index)))
            }
        }
        blocks.append((inputs, made, spent))
    }

    mutating func disconnect() {
        guard let block = blocks.popLast() else { return }
        for outPoint in block.spends { spends.removeValue(forKey: outPoint) }
        coins.merge(block.spent) { $1 }
        for outPoint in block.made { coins.removeValue(forKey: outPoint) }
    }
}
