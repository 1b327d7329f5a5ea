import Bitcoin
import RegtestChain

/// The keys of a wallet that exists to hand out coins on the network: P2WPKH alone, no history, no backup.
///
/// It keeps no list of its coins but finds them in the chain when it needs them, so no reorganisation can confuse it.
public struct Faucet: Sendable {
    /// What all keys are derived from.
    public let seed: SecretBytes
    /// The number of addresses given so far.
    public private(set) var addressCount = 0
    private var keys: [Script: PrivateKey] = [:]

    /// A wallet with the first `addressCount` addresses of `seed`.
    public init(seed: SecretBytes, addressCount: Int = 0) {
        self.seed = seed
        for _ in 0..<addressCount { _ = nextScript() }
    }

    /// The output script of an address that has not been given before.
    public mutating func nextScript() -> Script {
        while true {
            let tag = withUnsafeBytes(of: UInt64(addressCount).bigEndian) { Array($0) }
            addressCount += 1
            let hash = HMAC.sha256(key: seed.exposedCopy(), tag)
            // A hash that is no key is as likely as guessing one.
            guard let key = try? PrivateKey(hash) else { continue }
            let script = Script.payToWitnessPublicKeyHash(of: key.publicKey)
            keys[script] = key
            return script
        }
    }

    /// The coins that can be spent now: deep enough, or the wallet's own in the mempool, and not spent there.
    public func coins(in chain: RegtestChain) -> [(outPoint: OutPoint, output: TransactionOutput)] {
        var found: [(outPoint: OutPoint, output: TransactionOutput)] = []
        let height = chain.tip.height
        chain.coins.forEach { outPoint, coin in
            // One block more than consensus asks for, as wallets count it.
            let isDeep = height - coin.height >= Int64(RegtestRules.coinbaseMaturity)
            guard keys[coin.output.scriptPubKey] != nil, !coin.isCoinbase || isDeep,
                chain.mempool.spender(of: outPoint) == nil
            else { return }
            found.append((outPoint, coin.output))
        }
        for (id, entry) in chain.mempool.entries {
            for (index, output) in entry.transaction.outputs.enumerated() {
                let outPoint = OutPoint(id, UInt32(index))
                guard keys[output.scriptPubKey] != nil,
                    chain.mempool.spender(of: outPoint) == nil
                else { continue }
                found.append((outPoint, output))
            }
        }
        return found.sorted {
            ($1.output.amount, $0.outPoint) < ($0.output.amount, $1.outPoint)
        }
    }

    /// A signed transaction that pays `outputs` at `feerate`; nil where the coins do not suffice.
    public mutating func pay(
        _ outputs: [TransactionOutput], feerate: FeeratePerKvB, from chain: RegtestChain
    ) -> Transaction? {
        let needed = outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        let change = nextScript()
        var transaction = Transaction(
            inputs: [],
            outputs: outputs + [TransactionOutput(amount: .zero, scriptPubKey: change)],
            lockTime: LockTime(chain.tip.height.value))
        var spent: [TransactionOutput] = []
        var total = Satoshi.zero
        for (outPoint, output) in coins(in: chain).prefix(Self.maximumInputs) {
            transaction.inputs.append(
                TransactionInput(previousOutput: outPoint, sequence: .replaceable))
            spent.append(output)
            total += output.amount
            let size = transaction.baseSize + Self.witnessSize * spent.count
            let fee = feerate.fee(for: UInt64(size))
            guard total >= needed + fee else { continue }
            let rest = total - needed - fee
            if rest >= Self.leastChange {
                transaction.outputs[outputs.count].amount = rest
            } else {
                transaction.outputs.removeLast()
            }
            sign(&transaction, spending: spent)
            return transaction
        }
        return nil
    }

    /// More addresses than a faucet ever gives.
    static let maximumAddresses = 1_000_000
    /// More inputs would make the transaction too large to be relayed.
    private static let maximumInputs = 1000
    /// What a signature and key weigh, in virtual bytes, with the count of items and the marker.
    private static let witnessSize = 28
    /// Less than this is left to the miner.
    private static let leastChange = Satoshi(1000)

    private func sign(_ transaction: inout Transaction, spending spent: [TransactionOutput]) {
        let cache = SignatureHashCache(transaction, spending: spent)
        for (index, output) in spent.enumerated() {
            guard let key = keys[output.scriptPubKey] else { continue }
            let hash = SignatureHash.segwitV0(
                transaction, input: index,
                scriptCode: .payToPublicKeyHash(of: key.publicKey), amount: output.amount,
                type: .all, cache: cache)
            transaction.inputs[index].witness = [
                key.sign(hash).der + [SighashType.all.byte], key.publicKey.compressed,
            ]
        }
    }
}
