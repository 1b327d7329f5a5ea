extension Bench {
    /// Payments between two processes.
    static let directPayments = payments("payments-direct", "one node pays its peer", nodes: 2)
    /// Payments that a third process forwards.
    static let forwardedPayments = payments(
        "payments-forwarded", "payments over one forwarder", nodes: 3)
    /// Payments that two processes forward.
    static let twiceForwardedPayments = payments(
        "payments-forwarded-twice", "payments over two forwarders", nodes: 4)
    /// Payments of a node that is embedded in this process.
    static let embeddedPayments = Bench(
        name: "payments-embedded",
        summary:
            "this process embeds a node and pays directly: what calls over REST cost is left out"
    ) { settings in
        let line = try NodeLine("payments-embedded", nodes: 1)
        let payer = try EmbeddedPayer(line)
        return try PaymentBench(
            line: line, payer: payer,
            participants: [
                Participant("payer", payer), Participant("payee", line.nodes[0]),
            ]
        ).figures(settings)
    }

    private static func payments(_ name: String, _ summary: String, nodes count: Int) -> Bench {
        Bench(
            name: name,
            summary: summary + ", each a process with its disk, asked over REST: rates, latencies,"
                + " processor time, batches, database"
        ) { settings in
            let line = try NodeLine(name, nodes: count)
            _ = try line.openChannels()
            try line.waitForRoute()
            let participants = try line.nodes.enumerated().map { index, node in
                let role =
                    switch index {
                    case 0: "payer"
                    case count - 1: "payee"
                    default: count > 3 ? "forwarder \(index)" : "forwarder"
                    }
                return try Participant(role, node)
            }
            return try PaymentBench(
                line: line, payer: RESTCalls(node: line.nodes[0]), participants: participants
            ).figures(settings)
        }
    }
}

/// Payments from one end of a line to the other, more and more at a time.
private struct PaymentBench {
    let line: NodeLine
    let payer: any Payer
    let participants: [Participant]

    /// In millisatoshi; one HTLC that is worth an output of its own.
    private static let amount: UInt64 = 1_000_000
    /// How many payments are on their way at a time, and how many are made like that.
    private static let rounds = [(1, 400), (10, 1_600), (30, 2_000), (100, 3_000), (400, 4_000)]

    func figures(_ settings: BenchSettings) throws -> [BenchFigure] {
        // Payments wait for the disk: all times are to be read against this.
        let syncs = try (0..<3).map { _ in try Bench.syncRate(in: line.processes.folder) }
        var figures = [BenchFigure("one bare fdatasync", syncs.map { 1_000 / $0 }, "ms")]
        // The first payments find cold caches.
        _ = try payer.pay(invoices(100), width: 10)
        let sizes = try participants.map { try $0.databaseSize() }
        var count = 0
        let rounds = Self.rounds.filter { settings.widths?.contains($0.0) ?? true }
        for (width, number) in rounds {
            figures += try round(width, number)
            count += number
        }
        for (participant, before) in zip(participants, sizes) {
            let grown = Double(try participant.databaseSize() - before)
            figures.append(
                BenchFigure("database per payment, \(participant.role)", grown / Double(count), "B")
            )
        }
        for participant in participants {
            let memory = try ProcessFigures.proportionalMemory(of: participant.process)
            figures.append(
                BenchFigure(
                    "memory after \(grouped(count + 100)) payments, \(participant.role)",
                    Double(memory) / 1_048_576, "MiB"))
        }
        return figures
    }

    private func invoices(_ count: Int) throws -> [String] {
        guard let payee = line.nodes.last else { return [] }
        return try RESTCalls(node: payee).invoices(count, of: Self.amount)
    }

    private func round(_ width: Int, _ count: Int) throws -> [BenchFigure] {
        let requests = try invoices(count)
        let before = try participants.map { try $0.work() }
        let round = try payer.pay(requests, width: width)
        let after = try participants.map { try $0.work() }
        let name = "\(width) in flight"
        line.note(
            "\(name): \(grouped(Int(round.rate))) payments a second, half of them within"
                + " \((round.latency(percentile: 50) * 100).rounded() / 100) ms")
        var figures = [BenchFigure(name, round.rate, "/s")]
        figures += [50, 95, 99].map {
            BenchFigure("\(name), p\($0)", round.latency(percentile: $0), "ms")
        }
        for (index, participant) in participants.enumerated() {
            let (old, new) = (before[index], after[index])
            let batches = new.batches - old.batches
            let time = (new.processorTime - old.processorTime) * 1_000
            figures += [
                BenchFigure(
                    "\(name), processor time of \(participant.role)", time / Double(count), "ms"),
                BenchFigure(
                    "\(name), commits per payment of \(participant.role)", batches / Double(count),
                    ""),
                BenchFigure(
                    "\(name), time of a commit of \(participant.role)",
                    (new.waited - old.waited) * 1_000 / max(1, batches), "ms"),
            ]
        }
        return figures
    }
}
