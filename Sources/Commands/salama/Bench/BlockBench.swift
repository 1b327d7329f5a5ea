import Bitcoin

extension Bench {
    /// How fast a full block is read.
    static let blockParsing = Bench(
        name: "blocks", summary: "parsing of a full block, with its transactions' identifiers"
    ) {
        let bytes = try SyntheticBlock.full(number: 1).encoded
        let megabytes = Double(bytes.count) / 1e6
        let times = try Stopwatch.measure(
            rounds: 3, calls: 1,
            [
                { _ = try Block(decoding: bytes) },
                { _ = try Block(decoding: bytes).transactions.map(\.id) },
            ])
        return [
            BenchFigure("block", megabytes, "MB"),
            times[0].rate("parsed", of: megabytes, "MB/s"),
            times[1].rate("parsed with identifiers", of: megabytes, "MB/s"),
            times[1].ratio("identifiers ratio", to: times[0]),
        ]
    }
}
