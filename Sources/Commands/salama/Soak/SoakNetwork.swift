import Bitcoin
import Glibc
import JSON
import Synchronization
import Threads

/// The nodes of a soak and their chain: five that pay, in a ring, and two that mean harm where that is tried.
final class SoakNetwork {
    let processes: LocalProcesses
    let chain: LocalChain
    /// Those that pay each other; the first one is never ended, so that its memory and files tell of the whole run.
    let honest: [LocalNode]
    /// One with a channel to the first honest node, and one with a channel from the second.
    let attackers: [LocalNode]
    let relay: SoakRelay
    private var nextBlock = ContinuousClock.now
    private var chainIsAway = false
    /// What all nodes use, looked at now and then.
    private(set) var use: [SoakUse]
    /// The most that any of them used since ``forgetPeaks()``.
    private(set) var peaks = (memory: 0, files: 0)
    private var nextLook = ContinuousClock.now

    var all: [LocalNode] { honest + attackers }

    private static let names = ["Alice", "Bob", "Carol", "Dave", "Erin"]
    /// Of each channel, in satoshi; each side begins with half of it.
    private static let capacity: Int64 = 10_000_000
    /// The time between two blocks.
    private static let blockTime = Duration.seconds(10)

    /// Starts all processes and opens the channels.
    init(_ settings: SoakSettings, _ processes: LocalProcesses) throws {
        self.processes = processes
        let chain = try LocalChain(processes, bitcoind: settings.bitcoind)
        self.chain = chain
        let lines = [
            "nobootstrap=true", "minbackoff=50ms", "dev-reconnect=500ms", "dev-ping=3s",
        ]
        func nodes(_ names: [String]) throws -> [LocalNode] {
            try names.map {
                try LocalNode($0, processes, chain, settings: lines, program: settings.program)
            }
        }
        honest = try nodes(Self.names)
        attackers = try nodes(
            settings.trials.contains(where: \.isAttack) ? ["Mallory", "Trudy"] : [])
        use = (honest + attackers).map { _ in SoakUse() }
        let doors = try honest.map { node in
            (door: try LocalChain.freePort(), target: try node.peerPort)
        }
        relay = try SoakRelay(doors)
        for (node, door) in zip(honest, doors) { node.door = "127.0.0.1:\(door.door)" }
        try makeWallets()
        try openChannels()
    }

    private func makeWallets() throws {
        say("soak: \(all.count) nodes make their wallets")
        let failure = Mutex<(any Error)?>(nil)
        let threads = all.map { node in
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
        // Two coins each: what one opening leaves cannot pay for another before it is confirmed.
        for node in all { try chain.mine(2, to: node.newAddress()) }
        // A reward can be spent a hundred blocks after it was mined.
        try chain.mine(100)
        try waitForTip()
    }

    /// The pairs of nodes with a channel, by their numbers in ``all``; the first one opens it.
    private var edges: [(Int, Int)] {
        let ring = honest.indices.map { ($0, ($0 + 1) % honest.count) }
        return attackers.isEmpty ? ring : ring + [(honest.count, 0), (1, honest.count + 1)]
    }

    /// How many ends of channels all nodes have together.
    var channelEnds: Int { edges.count * 2 }

    private func openChannels() throws {
        say("soak: \(edges.count) channels are opened")
        for (opener, accepter) in edges {
            _ = try all[opener].openChannel(
                with: all[accepter], Self.capacity, pushing: Self.capacity / 2)
        }
        try chain.waitForMempool(edges.count)
        // The network hears of a channel when it is six blocks deep (BOLT 7).
        try chain.mine(8)
        for (opener, accepter) in edges {
            try all[opener].waitForChannel(with: all[accepter])
            try all[accepter].waitForChannel(with: all[opener])
        }
        try waitForTip()
        try Waiting.until("a node does not learn of all channels", atMost: 180, every: 200) {
            try all.allSatisfy { node in
                try node.client.get("/v1/graph").list("edges").count {
                    $0["node1_policy"]?.object != nil && $0["node2_policy"]?.object != nil
                } >= edges.count
            }
        }
        // A bitcoind that is killed keeps the blocks that it has made durable.
        _ = try chain.client.call("gettxoutsetinfo")
    }

    /// Waits until all nodes have seen the chain's last block.
    func waitForTip() throws {
        let height = try chain.height
        for node in all { try node.waitForBlock(height) }
    }

    /// Lets time pass: mines a block now and then, and looks at what the nodes use.
    func pass(_ seconds: Double) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if ContinuousClock.now >= nextBlock, !chainIsAway {
                nextBlock = .now + Self.blockTime
                try chain.mine(1)
            }
            if ContinuousClock.now >= nextLook {
                nextLook = .now + .seconds(1)
                look()
            }
            SystemThread.sleep(milliseconds: 20)
        }
    }

    /// Ends the chain's process as a crash does, and starts it again after some seconds.
    func loseChain(for seconds: Double) throws {
        _ = try chain.client.call("gettxoutsetinfo")
        chain.kill()
        chainIsAway = true
        try pass(seconds)
        try chain.start()
        chainIsAway = false
    }

    /// Notes what all nodes use; one that is away uses nothing.
    private func look() {
        for (index, node) in all.enumerated() {
            guard let now = SoakUse.Figures(of: node.identifier) else { continue }
            use[index].note(now)
            peaks = (max(peaks.memory, now.memory), max(peaks.files, now.files))
        }
    }

    /// From here on it is measured what the nodes grow by.
    func markBaseline() { for index in use.indices { use[index].mark() } }

    /// From here on ``peaks`` are looked for.
    func forgetPeaks() { peaks = (0, 0) }

    /// Waits until each channel can be used and holds no HTLC, and no payment is on its way.
    func waitForRest() throws {
        say("soak: the last payments end")
        var restless = ""
        do {
            try Waiting.until("", atMost: 120, every: 250) {
                try all.allSatisfy { node in
                    let channels = try node.client.get("/v1/channels").list("channels")
                    let busy = channels.filter {
                        !$0.flag("active") || !$0.list("pending_htlcs").isEmpty
                    }
                    restless = "\(node.name) has \(busy.count) channels that are not at rest"
                    return busy.isEmpty
                }
            }
        } catch {
            throw CommandFailure("the network does not come to rest: \(restless)")
        }
    }
}

extension LocalNode {
    /// The port at which it listens for peers.
    var peerPort: UInt16 {
        get throws {
            guard let port = HostAndPort(host)?.port else {
                throw CommandFailure("\(name) listens nowhere")
            }
            return port
        }
    }
}
