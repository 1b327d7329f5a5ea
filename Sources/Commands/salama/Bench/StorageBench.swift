import Bitcoin
import ChainBackend
import Glibc
import LightningNode
import LightningWallet
import NodeRuntime
import NodeStorage
import Synchronization
import Threads

extension Bench {
    /// How many durable writes the loop makes per second, beside what the disk can do at most one at a time.
    static let storage = Bench(
        name: "storage",
        summary: "durable writes per second of the node's loop with 1, 10 and 100 writers"
    ) {
        let folder = try BenchFolder()
        let node = try BenchNode(folder: folder.path)
        defer { node.host.stop() }
        let counts = [1, 10, 100]
        var syncs: [Double] = []
        var rates = [[Double]](repeating: [], count: counts.count)
        // In turns, so that all see the same disk.
        for _ in 0..<repetitions {
            syncs.append(try syncRate(in: folder.path))
            for (index, count) in counts.enumerated() {
                rates[index].append(node.writeRate(writers: count))
            }
        }
        var figures = [BenchFigure("disk's own fdatasync", syncs, "/s")]
        for (count, rates) in zip(counts, rates) {
            figures.append(BenchFigure("\(count) writer\(count == 1 ? "" : "s")", rates, "/s"))
            figures.append(
                BenchFigure(
                    "\(count) to fdatasync ratio", zip(rates, syncs).map { $0 / $1 }, ""))
        }
        return figures
    }

    private static let repetitions = 5
    private static let pages = 1_000
    private static let window = Duration.milliseconds(400)

    /// Writes of a page into a file that has its size already, as the database's log has, each followed by a sync, per second.
    static func syncRate(in folder: String) throws -> Double {
        let file = open(folder + "/sync", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CommandFailure("cannot write in \(folder)") }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 4_096)
        for index in 0..<pages { pwrite(file, page, page.count, off_t(index * page.count)) }
        fsync(file)
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0.0
        while clock.now - start < window {
            let offset = off_t(Int(count) % pages * page.count)
            guard pwrite(file, page, page.count, offset) == page.count, fdatasync(file) == 0 else {
                throw CommandFailure("cannot write in \(folder)")
            }
            count += 1
        }
        return count / ((clock.now - start) / .seconds(1))
    }

    /// A node with a wallet, on the disk that the folder is on.
    private struct BenchNode {
        let host: NodeHost

        init(folder: String) throws {
            host = try NodeHost(
                network: .regtest, store: SQLiteStore(path: folder + "/node.db"),
                backend: EmbeddedChain(), log: .silent, onFailure: { _ in })
            let entropy = SecretBytes([UInt8](repeating: 7, count: 16))
            let seed = try WalletSeed(mnemonic: Mnemonic(entropy: entropy))
            try host.createWallet(
                WalletPlan(seed: seed, isRestored: false, lookahead: 1),
                password: SecretBytes(Array("benchmark".utf8)))
        }

        /// Writers that each wait for one record to be durable before they write the next: records per second.
        func writeRate(writers count: Int) -> Double {
            let tally = Tally()
            let clock = ContinuousClock()
            let start = clock.now
            for number in 0..<count { write(number, 0, tally) }
            while clock.now - start < window { SystemThread.sleep(milliseconds: 5) }
            let written = tally.stop()
            let elapsed = (clock.now - start) / .seconds(1)
            tally.waitForWriters(count)
            return Double(written) / elapsed
        }

        private func write(_ writer: Int, _ step: Int, _ tally: Tally) {
            let id = TransactionID(SHA256.hash(Array("\(writer)".utf8)))
            host.submit(.books(.label(id, "step \(step)"))) { _ in
                if tally.count() { write(writer, step + 1, tally) }
            }
        }
    }

    /// What the writers have written.
    private final class Tally: Sendable {
        private let state = Mutex((written: 0, ended: 0, isOpen: true))

        /// Notes a record; whether the writer goes on.
        func count() -> Bool {
            state.withLock { state in
                if state.isOpen { state.written += 1 } else { state.ended += 1 }
                return state.isOpen
            }
        }

        func stop() -> Int {
            state.withLock { state in
                state.isOpen = false
                return state.written
            }
        }

        func waitForWriters(_ count: Int) {
            while state.withLock({ $0.ended }) < count { SystemThread.sleep(milliseconds: 1) }
        }
    }
}

/// A folder on the disk of the working directory, which goes with the measurement: `/tmp` may be memory.
final class BenchFolder {
    let path: String

    /// A new folder.
    init() throws {
        var template = Array("salama-bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template), let full = realpath(made, nil) else {
            throw CommandFailure("no folder can be made here: run it where you may write")
        }
        defer { free(full) }
        path = String(cString: full)
    }

    deinit {
        if let listing = opendir(path) {
            while let entry = readdir(listing) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink("\(path)/\(name)")
            }
            closedir(listing)
        }
        rmdir(path)
    }
}
