import Bitcoin

/// Why a block of chosen transactions was not mined.
public enum MiningError: Error, Sendable, Equatable {
    /// The block breaks a rule.
    case rejected(BlockRejection)
}

extension RegtestChain {
    /// Mines a block on top of the best chain with what the mempool offers, and follows it.
    public mutating func mine(
        to script: Script, now: UInt32
    ) throws(MiningError) -> BlockHash {
        let block = assembleBlock(
            to: script, transactions: selectTransactions(), now: now)
        return try connect(block, now: now)
    }

    /// Mines a block of exactly `transactions`, in their order.
    public mutating func mine(
        to script: Script, transactions: [Transaction], now: UInt32
    ) throws(MiningError) -> BlockHash {
        try connect(
            block(to: script, transactions: transactions, now: now),
            now: now)
    }

    /// A valid block of exactly `transactions` on top of the best chain, which does not follow it.
    public mutating func block(
        to script: Script, transactions: [Transaction], now: UInt32
    ) -> Block {
        let fees = fees(of: transactions)
        return assembleBlock(
            to: script, transactions: (transactions, fees), now: now)
    }

    /// Whether `block` would be valid on top of the best chain; its proof of work does not matter.
    public mutating func checkOnTip(_ block: Block, now: UInt32) throws(BlockRejection) {
        try state.wouldConnect(block, now: now, isVerified: { _ in false })
    }

    private mutating func connect(_ block: Block, now: UInt32) throws(MiningError) -> BlockHash {
        do throws(BlockRejection) {
            return try submit(block, now: now)
        } catch {
            throw .rejected(error)
        }
    }

    /// What a miner who wants the highest fees takes from the mempool, parents before their children.
    private func selectTransactions() -> (transactions: [Transaction], fees: Satoshi) {
        var assembler = BlockAssembler(mempool: mempool)
        // Room for header, count and coinbase, as Bitcoin Core reserves it.
        var weight = Weight(8_000)
        var sigOpsCost = 400
        var chosen: [Transaction] = []
        var fees = Satoshi.zero
        let height = state.tip.height + 1
        func fits(_ package: BlockAssembler.Package) -> Bool {
            guard package.fees >= policy.minimumBlockFeerate.fee(for: package.virtualSize) else {
                return false
            }
            let entries = package.ids.compactMap { mempool[$0] }
            let total = entries.reduce(weight) { $0 + $1.weight }
            let cost = entries.reduce(sigOpsCost) { $0 + $1.sigOpsCost }
            return total < .maximumBlock && cost < RegtestRules.maximumSigOpsCost
                && entries.allSatisfy {
                    $0.transaction.isFinal(height: height, time: state.tip.medianTime)
                }
        }
        while let package = assembler.next(where: fits) {
            for entry in package.ids.compactMap({ mempool[$0] }) {
                chosen.append(entry.transaction)
                weight += entry.weight
                sigOpsCost += entry.sigOpsCost
                fees += entry.fee
            }
        }
        return (chosen, fees)
    }

    /// The fees of transactions that spend from the chain or each other; what cannot be known counts as nothing.
    private func fees(of transactions: [Transaction]) -> Satoshi {
        var made: [OutPoint: Satoshi] = [:]
        var fees = Satoshi.zero
        for transaction in transactions {
            let id = transaction.id
            var total = Satoshi.zero
            for input in transaction.inputs {
                let amount = state.coins[input.previousOutput]?.output.amount
                total += amount ?? made[input.previousOutput] ?? .zero
            }
            for (index, output) in transaction.outputs.enumerated() {
                made[OutPoint(id, UInt32(index))] = output.amount
                total -= output.amount
            }
            fees += max(total, .zero)
        }
        return fees
    }

    private mutating func assembleBlock(
        to script: Script, transactions: (transactions: [Transaction], fees: Satoshi),
        now: UInt32
    ) -> Block {
        let height = state.tip.height + 1
        // A coinbase must differ from others to the same script at the same height, as after `invalidateblock`.
        extraNonce = (extraNonce &+ 1) & 0x7fff_ffff_ffff_ffff
        var coinbase = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: .null,
                    scriptSig: ScriptBuilder(Script(BlockChecks.coinbasePrefix(height)))
                        .push(Int64(extraNonce)).script,
                    sequence: .lockTimeOnly, witness: [[UInt8](repeating: 0, count: 32)])
            ],
            outputs: [
                TransactionOutput(
                    amount: RegtestRules.subsidy(at: height) + transactions.fees,
                    scriptPubKey: script)
            ], lockTime: LockTime(height.value - 1))
        var block = Block(
            header: BlockHeader(
                version: 0x2000_0000, previousBlock: state.tip.hash, merkleRoot: .zero,
                time: max(now, state.tip.medianTime + 1), bits: RegtestRules.bits, nonce: 0),
            transactions: [coinbase] + transactions.transactions)
        coinbase.outputs.append(
            TransactionOutput(amount: .zero, scriptPubKey: WitnessCommitment.script(for: block)))
        block.transactions[0] = coinbase
        block.header.merkleRoot = block.computeMerkleRoot().root
        block.header.solve()
        return block
    }
}

extension BlockHeader {
    /// Tries nonces until the hash meets the network's target: two tries on average.
    public mutating func solve() {
        while !RegtestRules.meetsTarget(hash) { nonce &+= 1 }
    }
}
