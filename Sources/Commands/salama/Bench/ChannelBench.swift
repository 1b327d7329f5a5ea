import Bitcoin
import LightningWire

extension Bench {
    /// How fast two machines add and fulfil HTLCs, without disk or wire.
    static let channels = Bench(
        name: "channels",
        summary: "HTLCs added and fulfilled between two machines, beside their curve operations"
    ) {
        let curve = try BareCurve()
        var figures: [BenchFigure] = []
        for (kind, amount) in [("1000 sat", 1_000_000), ("100 sat, trimmed", 100_000)] {
            for batch in [1, 10, 100] {
                let channel = try SamplePair(amount: MilliSatoshi(UInt64(amount)))
                let outputs = amount == 1_000_000 ? batch : 0
                let times = try Stopwatch.measure(
                    rounds: batch == 100 ? 3 : 12, calls: batch == 1 ? 5 : 1,
                    [{ try channel.exchange(batch) }, curve.work(needed(outputs: outputs))])
                let name = "\(kind), batches of \(batch)"
                // An HTLC is two updates: it is added, and it is fulfilled.
                figures += [
                    times[0].rate(name, of: 2 * Double(batch), "updates/s"),
                    times[0].ratio("\(name), ratio to the curve alone", to: times[1]),
                ]
            }
        }
        return figures
    }

    /// Four commitments are signed, verified and revoked; two of them hold the HTLCs.
    private static func needed(outputs: Int) -> CurveCount {
        CurveCount(
            // The next point of the revoking side, and that of the secret that it gives away.
            publicKeys: 4 * 2,
            // Both sides derive the keys of each commitment.
            multiplications: 4 * 2 * 2, tweaks: 4 * 2 * 3, sums: 4 * 2, parsings: 4,
            signatures: 4 + 2 * outputs, verifications: 4 + 2 * outputs)
    }
}
