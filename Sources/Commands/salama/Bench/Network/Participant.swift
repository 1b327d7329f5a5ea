import Bitcoin
import Glibc
import NodeStorage
import Threads

/// A node whose work is measured.
struct Participant {
    /// What it does in the payments.
    let role: String
    let process: pid_t
    let databasePath: String
    /// Batches that it has made durable since it began, and how long it waited for the disk, in seconds.
    let loop: () throws -> (batches: Double, waited: Double)

    /// A node of its own process.
    init(_ role: String, _ node: LocalNode) throws {
        self.role = role
        process = node.identifier
        databasePath = node.configuration.databasePath
        let client = try LoadClient(node)
        loop = {
            let metrics = try client.metrics()
            return (
                metrics["salama_loop_batches_total"] ?? 0,
                metrics["salama_storage_commit_seconds_sum"] ?? 0
            )
        }
    }

    /// The node inside this process.
    init(_ role: String, _ payer: EmbeddedPayer) {
        self.role = role
        process = getpid()
        databasePath = payer.databasePath
        let host = payer.node.host
        loop = {
            let figures = host.loopFigures
            return (Double(figures.batches), Double(figures.commitTime) / 1e6)
        }
    }

    /// The work so far.
    struct Work {
        var processorTime = 0.0
        var batches = 0.0
        var waited = 0.0
    }

    func work() throws -> Work {
        let (batches, waited) = try loop()
        return Work(
            processorTime: try ProcessFigures.processorTime(of: process), batches: batches,
            waited: waited)
    }

    /// What the tables of its database take, its log included; waits until nothing is written any more.
    func databaseSize() throws -> Int {
        var last = -1.0
        try Waiting.until("\(role) goes on writing", every: 300) {
            let batches = try loop().batches
            defer { last = batches }
            return batches == last
        }
        let folder = try BenchFolder()
        let copy = folder.path + "/node.db"
        for ending in ["", "-wal"] {
            // The paths are those of this measurement.
            guard system("cp '\(databasePath)\(ending)' '\(copy)\(ending)'") == 0 else {
                throw CommandFailure("cannot copy \(databasePath)\(ending)")
            }
        }
        // Opening and closing it takes the log into it.
        _ = try SQLiteStore(path: copy)
        return try DatabaseFile.usedSize(copy)
    }
}
