import Bitcoin

extension Bench {
    /// How fast a full block is read.
    static let blockParsing = Bench(
        name: "blocks", summary: "parsing of a full block, with its transactions' identifiers"
    ) {
        let block = try fullBlock()
        let bytes = block.encoded
        let megabytes = Double(bytes.count) / 1e6
        let times = try Stopwatch.best(
            rounds: 10, calls: 1,
            [
                { _ = try Block(decoding: bytes) },
                { _ = try Block(decoding: bytes).transactions.map(\.id) },
            ])
        return [
            BenchFigure("block", megabytes, "MB"),
            BenchFigure("parsed", megabytes / (times[0] / 1e9), "MB/s"),
            BenchFigure("parsed with identifiers", megabytes / (times[1] / 1e9), "MB/s"),
        ]
    }

    /// A block of the size that mainnet's have: transactions of two inputs and two outputs up to the limit of weight.
    private static func fullBlock() throws -> Block {
        let output = TransactionOutput(
            amount: Satoshi(50_000),
            scriptPubKey: try .witness(version: 0, program: [UInt8](repeating: 5, count: 20)))
        let witness = [[UInt8](repeating: 6, count: 71), [UInt8](repeating: 2, count: 33)]
        var transactions: [Transaction] = []
        var weight = Weight(400)
        while true {
            let id = TransactionID(SHA256.hash(Array("\(transactions.count)".utf8)))
            let inputs = (0..<2).map {
                TransactionInput(previousOutput: OutPoint(id, $0), witness: witness)
            }
            let next = Transaction(inputs: inputs, outputs: [output, output])
            weight += next.weight
            if weight > .maximumBlock { break }
            transactions.append(next)
        }
        let header = BlockHeader(
            version: 4, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: 0, bits: 0,
            nonce: 0)
        return Block(header: header, transactions: transactions)
    }
}
