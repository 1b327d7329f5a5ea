import Bitcoin

/// Blocks made up for measurements: of mainnet's size, each with scripts, inputs and a hash of its own.
enum SyntheticBlock {
    /// A block of transactions with two inputs and two outputs up to the limit of weight; the first pays `payee`, if there
    /// is one.
    static func full(number: UInt32, payee: Script? = nil) throws -> Block {
        let witness = [[UInt8](repeating: 6, count: 71), [UInt8](repeating: 2, count: 33)]
        var transactions: [Transaction] = []
        var weight = Weight(400)
        while true {
            let hash = SHA256.hash(Array("\(number)/\(transactions.count)".utf8))
            let first = transactions.isEmpty ? payee : nil
            let outputs = [
                TransactionOutput(
                    amount: Satoshi(50_000),
                    scriptPubKey: try first
                        ?? .payToWitnessPublicKeyHash(Hash160(hash.bytes.prefix(20)))),
                TransactionOutput(
                    amount: Satoshi(60_000),
                    scriptPubKey: try .witness(version: 1, program: hash.bytes)),
            ]
            let inputs = (0..<2).map {
                TransactionInput(
                    previousOutput: OutPoint(TransactionID(hash), $0), witness: witness)
            }
            let next = Transaction(inputs: inputs, outputs: outputs)
            weight += next.weight
            if weight > .maximumBlock { break }
            transactions.append(next)
        }
        let header = BlockHeader(
            version: 4, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: number, bits: 0,
            nonce: number)
        return Block(header: header, transactions: transactions)
    }
}
