import Bitcoin
import TestSupport

/// A chain of blocks and a mempool, with no rule but the one against spending twice.
struct SimulatedChain {
    /// The blocks from height 1.
    private(set) var blocks: [Block] = []
    private(set) var mempool: [TransactionID: Transaction] = [:]
    private(set) var unspent: [OutPoint: TransactionOutput] = [:]
    private var spentByBlock: [[OutPoint: TransactionOutput]] = []
    private var nonce: UInt32 = 0

    static let genesis = BlockHash(.zero)

    var height: UInt32 { UInt32(blocks.count) }
    var tip: BlockHash { blocks.last?.hash ?? Self.genesis }

    /// What chain and mempool together leave unspent.
    var unspentWithMempool: [OutPoint: TransactionOutput] {
        var result = unspent
        for (id, transaction) in mempool {
            for (index, output) in transaction.outputs.enumerated() {
                result[OutPoint(id, UInt32(index))] = output
            }
        }
        for transaction in mempool.values {
            for input in transaction.inputs { result.removeValue(forKey: input.previousOutput) }
        }
        return result
    }

    /// The mempool in the order in which a node would have taken it.
    var mempoolParentsFirst: [Transaction] {
        var ordered: [Transaction] = []
        var waiting = mempool
        while !waiting.isEmpty {
            let ready = waiting.filter { entry in
                !entry.value.inputs.contains {
                    waiting[$0.previousOutput.transactionID] != nil
                }
            }
            for id in ready.keys.sorted() {
                if let transaction = waiting.removeValue(forKey: id) { ordered.append(transaction) }
            }
        }
        return ordered
    }

    /// An output of nobody's that a foreign transaction can spend.
    mutating func makeForeignOutPoint(_ amount: Int64 = 100_000_000) -> OutPoint {
        nonce += 1
        var writer = ByteWriter()
        writer.writeLittleEndian(nonce)
        let outPoint = OutPoint(TransactionID(SHA256.hash(writer.bytes)), 0)
        unspent[outPoint] = TransactionOutput(
            amount: Satoshi(amount), scriptPubKey: Self.foreignScript(nonce))
        return outPoint
    }

    static func foreignScript(_ number: UInt32) -> Script {
        var writer = ByteWriter()
        writer.writeLittleEndian(number)
        return .payToWitnessScriptHash(SHA256.hash(writer.bytes))
    }

    /// The mempool's transactions that spend an input of `transaction`, with their descendants.
    func rivals(of transaction: Transaction) -> Set<TransactionID> {
        let spent = Set(transaction.inputs.map(\.previousOutput))
        let id = transaction.id
        let direct = mempool.filter { entry in
            entry.key != id && entry.value.inputs.contains { spent.contains($0.previousOutput) }
        }
        return direct.keys.reduce(into: []) { $0.formUnion(descendants(of: $1)) }
    }

    func descendants(of id: TransactionID) -> Set<TransactionID> {
        var found: Set = [id]
        var grew = true
        while grew {
            grew = false
            for (child, transaction) in mempool where !found.contains(child) {
                if transaction.inputs.contains(where: {
                    found.contains($0.previousOutput.transactionID)
                }) {
                    found.insert(child)
                    grew = true
                }
            }
        }
        return found
    }

    /// Puts a transaction into the mempool in the place of its rivals; false where an input does not exist.
    mutating func accept(_ transaction: Transaction) -> Bool {
        let id = transaction.id
        if mempool[id] != nil { return true }
        for input in transaction.inputs {
            let outPoint = input.previousOutput
            let parent = mempool[outPoint.transactionID]
            guard
                unspent[outPoint] != nil
                    || parent.map({ Int(outPoint.index) < $0.outputs.count })
                        == true
            else { return false }
        }
        let rivals = rivals(of: transaction)
        // A replacement does not spend what it replaces.
        guard
            !transaction.inputs.contains(where: {
                rivals.contains($0.previousOutput.transactionID)
            })
        else { return false }
        for rival in rivals { mempool.removeValue(forKey: rival) }
        mempool[id] = transaction
        return true
    }

    mutating func evict(_ id: TransactionID) {
        for member in descendants(of: id) { mempool.removeValue(forKey: member) }
    }

    /// Mines a coinbase that pays `reward`, and those of `candidates` whose inputs exist by then.
    @discardableResult
    mutating func mine(
        reward: Script, candidates: [Transaction] = [], shuffledBy generator: inout SeededGenerator
    ) -> Block {
        nonce += 1
        var marker = ByteWriter()
        marker.writeLittleEndian(nonce)
        let coinbase = Transaction(
            inputs: [
                TransactionInput(previousOutput: .null, scriptSig: Script(marker.bytes))
            ], outputs: [TransactionOutput(amount: Satoshi(5_000_000_000), scriptPubKey: reward)])
        var transactions = [coinbase]
        var spent: [OutPoint: TransactionOutput] = [:]
        var waiting = candidates.shuffled(using: &generator)
        var grew = true
        while grew {
            grew = false
            for transaction in waiting {
                guard transaction.inputs.allSatisfy({ unspent[$0.previousOutput] != nil }) else {
                    continue
                }
                for input in transaction.inputs {
                    spent[input.previousOutput] = unspent.removeValue(forKey: input.previousOutput)
                }
                add(outputsOf: transaction)
                transactions.append(transaction)
                waiting.removeAll { $0 == transaction }
                grew = true
            }
        }
        add(outputsOf: coinbase)
        for transaction in transactions.dropFirst() {
            for rival in rivals(of: transaction) { mempool.removeValue(forKey: rival) }
            mempool.removeValue(forKey: transaction.id)
        }
        let block = Block(
            header: BlockHeader(
                version: 4, previousBlock: tip, merkleRoot: .zero,
                time: 1_700_000_000 + height * 600, bits: 0, nonce: nonce),
            transactions: transactions)
        blocks.append(block)
        spentByBlock.append(spent)
        return block
    }

    /// Takes the tip back; its transactions wait again, unless they were the miner's.
    mutating func disconnect() -> Block? {
        guard let block = blocks.popLast(), let spent = spentByBlock.popLast() else { return nil }
        for transaction in block.transactions {
            let id = transaction.id
            for index in transaction.outputs.indices {
                unspent.removeValue(forKey: OutPoint(id, UInt32(index)))
            }
        }
        let created = Set(block.transactions.map(\.id))
        for (outPoint, output) in spent where !created.contains(outPoint.transactionID) {
            unspent[outPoint] = output
        }
        for member in descendants(of: block.transactions[0].id) {
            mempool.removeValue(forKey: member)
        }
        for transaction in block.transactions.dropFirst() {
            // The parents are in the mempool by now or in the chain, unless they died of a rival.
            _ = accept(transaction)
        }
        return block
    }

    private mutating func add(outputsOf transaction: Transaction) {
        let id = transaction.id
        for (index, output) in transaction.outputs.enumerated() {
            unspent[OutPoint(id, UInt32(index))] = output
        }
    }
}
