import Glibc
import LightningWire
import NodeStorage

extension Bench {
    /// How fast two machines add and fulfil HTLCs where each keeps what it has to on the disk, and how much that is.
    static let durableChannels = Bench(
        name: "durable-channels",
        summary: "the same with a database of each side, and what a payment takes in it"
    ) {
        var figures: [BenchFigure] = []
        for batch in [1, 10, 100] {
            let disks = try DurablePair()
            let rounds = try (0..<7).map { _ in try disks.round(batch) }
            let name = "batches of \(batch)"
            figures += [
                BenchFigure(name, rounds.map(\.updateRate), "updates/s"),
                BenchFigure("\(name), ratio to fdatasync", rounds.map(\.syncRatio), ""),
                BenchFigure(
                    "\(name), records written per payment", rounds.map(\.bytesWritten), "B"),
            ]
        }
        let disks = try DurablePair()
        figures.append(BenchFigure("database per settled payment", try disks.stored(), "B"))
        return figures
    }
}

/// Two machines with a channel and a database each.
private final class DurablePair {
    /// What was measured for a while.
    struct Round {
        /// HTLCs added and fulfilled, each of which is an update, in a second.
        var updateRate: Double
        /// Commits of both sides in a second, by what the disk can do one at a time.
        var syncRatio: Double
        /// Keys and values that one side wrote for one payment.
        var bytesWritten: Double
    }

    private let folder: BenchFolder
    private var stores: [SQLiteStore] = []
    private var channel: SamplePair?
    private var commits = 0
    private var bytes = 0
    private static let window = Duration.milliseconds(300)

    init() throws {
        folder = try BenchFolder()
        stores = try (0...1).map { try SQLiteStore(path: path($0)) }
        channel = try SamplePair(amount: MilliSatoshi(1_000_000)) { [unowned self] side, writes in
            try stores[side].commit(writes)
            commits += 1
            bytes += writes.reduce(0) { $0 + $1.key.count + ($1.value?.count ?? 0) }
        }
    }

    private func path(_ side: Int) -> String { "\(folder.path)/\(side).db" }

    func round(_ batch: Int) throws -> Round {
        let syncs = try Bench.syncRate(in: folder.path)
        (commits, bytes) = (0, 0)
        var payments = 0
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < Self.window {
            try channel?.exchange(batch)
            payments += batch
        }
        let seconds = (clock.now - start) / .seconds(1)
        return Round(
            updateRate: 2 * Double(payments) / seconds,
            syncRatio: Double(commits) / seconds / syncs,
            bytesWritten: Double(bytes) / Double(2 * payments))
    }

    /// By how much the database of one side grows with each payment, once its log is empty.
    func stored() throws -> Double {
        let payments = 20_000
        // What HTLCs on their way need is used again and again.
        try channel?.exchange(100)
        let before = try size()
        for _ in 0..<payments / 100 { try channel?.exchange(100) }
        return Double(try size() - before) / Double(payments)
    }

    /// The size of the first database. Closing it empties its log.
    private func size() throws -> Int {
        stores[0] = try SQLiteStore(path: "\(folder.path)/node.db")
        defer { if let store = try? SQLiteStore(path: path(0)) { stores[0] = store } }
        var status = stat()
        guard stat(path(0), &status) == 0 else {
            throw CommandFailure("the database \(path(0)) is gone")
        }
        return Int(status.st_size)
    }
}
