import Bitcoin
import Glibc
import JSON
import Synchronization
import Threads

/// Nodes in a line with a channel between each two, every one a process of its own with its database on the disk of the
/// working directory.
final class NodeLine {
    let processes: LocalProcesses
    let chain: LocalChain
    let nodes: [LocalNode]
    private let name: String

    /// What is put into each channel, in satoshi.
    static let capacity: Int64 = 100_000_000

    /// Starts a chain and so many nodes with coins; progress is told under the measurement's `name`.
    init(_ name: String, nodes count: Int) throws {
        self.name = name
        // A write to a connection that is gone fails as an error.
        signal(SIGPIPE, SIG_IGN)
        processes = try LocalProcesses(for: "bench", in: LocalProcesses.workingFolder())
        do {
            let (processes, chain) = (self.processes, try LocalChain(processes, bitcoind: nil))
            self.chain = chain
            nodes = try ["Alice", "Bob", "Carol", "Dave"].prefix(count).map {
                try LocalNode($0, processes, chain)
            }
            try fund()
        } catch {
            processes.end()
            throw error
        }
    }

    deinit { processes.end() }

    /// Says on standard error how far the measurement is.
    func note(_ text: String) { say("\(name): \(text)") }

    private func fund() throws {
        note("\(nodes.count) nodes make their wallets")
        let failure = Mutex<(any Error)?>(nil)
        let threads = nodes.map { node in
            SystemThread("wallet") {
                do {
                    try node.makeWallet()
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        for thread in threads { thread.join() }
        if let error = failure.withLock({ $0 }) { throw error }
        for node in nodes { try chain.mine(1, to: node.newAddress()) }
        // A reward can be spent a hundred blocks after it was mined.
        try chain.mine(100)
        try waitForTip()
    }

    /// Waits until all nodes have seen the chain's last block.
    func waitForTip() throws {
        let height = try chain.height
        for node in nodes { try node.waitForBlock(height) }
    }

    /// Opens the channels one after the other, and answers how long each took from the call until both sides could use it,
    /// in milliseconds; the blocks that it needs are mined as soon as its funding transaction is there.
    func openChannels() throws -> [Double] {
        var times: [Double] = []
        for (node, next) in zip(nodes, nodes.dropFirst()) {
            try waitForTip()
            let count = try node.channels(with: next).count + 1
            let begin = ContinuousClock.now
            _ = try node.openChannel(with: next, Self.capacity)
            try chain.waitForMempool(1)
            try chain.mine(6)
            try node.waitForChannel(with: next, count: count)
            try next.waitForChannel(with: node, count: count)
            times.append((ContinuousClock.now - begin) / .milliseconds(1))
        }
        try waitForTip()
        return times
    }

    /// Waits until the first node has heard of all channels.
    func waitForRoute() throws {
        guard let payer = nodes.first, let payee = nodes.last else { return }
        note("\(payer.name) learns of the channels on the way to \(payee.name)")
        try Waiting.until("no route to \(payee.name)", atMost: 60) {
            guard let answer = try? payer.client.get("/v1/graph/routes/\(payee.key)/1000") else {
                return false
            }
            return !answer.list("routes").isEmpty
        }
    }
}
