import LightningWire

extension Bench {
    /// What payments write and leave in the databases of all that take part.
    static let paymentStorage = Bench(
        name: "payment-storage",
        summary:
            "bytes that a payment writes and leaves in the databases of payer, forwarder, payee"
    ) {
        let network = try BenchNetwork(3)
        // What HTLCs on their way need is used again and again.
        try network.pay(amount, along: 0...2, count: 100, keepsText: true)
        var figures = try stored(network, "direct", 0...1, keepsText: false)
        figures += try stored(network, "direct, with the invoice's text", 0...1, keepsText: true)
        figures += try stored(network, "forwarded", 0...2, keepsText: false)
        figures += try written(network, "direct", 0...1)
        figures += try written(network, "forwarded", 0...2)
        return figures
    }

    /// Enough for an output in commitments.
    private static let amount = MilliSatoshi(1_000_000)
    private static let payments = 2_000
    private static let atOnce = 20

    /// By how much the databases have grown when payments are over.
    private static func stored(
        _ network: BenchNetwork, _ kind: String, _ path: ClosedRange<Int>, keepsText: Bool
    ) throws -> [BenchFigure] {
        say("payment-storage: \(payments) payments, \(kind)")
        let before = try network.nodes.map { try $0.usedSize() }
        for _ in 0..<payments / atOnce {
            try network.pay(amount, along: path, count: atOnce, keepsText: keepsText)
        }
        return try path.map { node in
            let grown = try network.nodes[node].usedSize() - before[node]
            return BenchFigure(
                "\(kind), stored by the \(role(node, path))", Double(grown) / Double(payments), "B")
        }
    }

    /// What is written meanwhile, alone and with others.
    private static func written(
        _ network: BenchNetwork, _ kind: String, _ path: ClosedRange<Int>
    ) throws -> [BenchFigure] {
        var figures: [BenchFigure] = []
        for count in [1, atOnce] {
            let rounds = 20
            say("payment-storage: \(rounds * count) payments, \(kind), \(count) at once")
            let before = network.nodes.map { (records: $0.recordBytes, disk: $0.diskBytes) }
            for _ in 0..<rounds {
                try network.pay(amount, along: path, count: count, keepsText: true)
            }
            for node in path {
                let total = Double(rounds * count)
                let what = "\(kind), \(count) at once, written by the \(role(node, path))"
                let records = network.nodes[node].recordBytes - before[node].records
                let disk = network.nodes[node].diskBytes - before[node].disk
                figures += [
                    BenchFigure("\(what), records", Double(records) / total, "B"),
                    BenchFigure("\(what), pages", Double(disk) / total, "B"),
                ]
            }
        }
        return figures
    }

    private static func role(_ node: Int, _ path: ClosedRange<Int>) -> String {
        switch node {
        case path.lowerBound: "payer"
        case path.upperBound: "payee"
        default: "forwarder"
        }
    }
}
