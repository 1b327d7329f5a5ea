import Bitcoin
import Glibc
import JSON
import Synchronization
import TestSupport
import Testing
import Threads

/// Five nodes, each in a process of its own, that pay each other while some are killed.
@Suite(.serialized) struct NetworkTests {
    enum Shape: CaseIterable, Sendable {
        case line, ring
    }

    /// How many nodes are killed, in both shapes together.
    private static let kills =
        PackageFiles.environment("SALAMA_TEST_NETWORK_KILLS").flatMap { Int($0) } ?? 6

    @Test(
        "nodes that are killed while they pay lose nothing, and no channel closes",
        arguments: Shape.allCases)
    func killed(_ shape: Shape) throws {
        let network = try ProcessNetwork(shape)
        let before = try network.balances()
        let traffic = Traffic(network)
        for _ in 0..<Self.kills / Shape.allCases.count {
            usleep(UInt32.random(in: 300_000...1_500_000))
            try network.killAndRestart(Int.random(in: 0..<5))
        }
        usleep(1_000_000)
        traffic.stop()
        try network.waitForRest()
        try network.check(before)
        print("\(shape): \(traffic.attempts) payments begun, \(traffic.successes) answered as made")
    }
}

/// Five nodes in a line, or in a ring, with a public channel between neighbours.
///
/// Unchecked sendability: the chain is asked by the test's own thread alone; all else is constant or guarded.
final class ProcessNetwork: @unchecked Sendable {
    private let chainFolder: TemporaryFolder
    private let folders: [TemporaryFolder]
    private let ports: [UInt16]
    private let nodes: Mutex<[NodeProcess]>
    let chain: ChainProcess
    private let edges: [(Int, Int)]

    private static let nobody = Payee(0).address

    init(_ shape: NetworkTests.Shape) throws {
        chainFolder = try TemporaryFolder()
        chain = try ChainProcess(.salama, folder: chainFolder.path)
        folders = try (0..<5).map { _ in try TemporaryFolder() }
        ports = folders.map { _ in ChainProcess.freePort() }
        edges = (0..<(shape == .ring ? 5 : 4)).map { ($0, ($0 + 1) % 5) }
        var started: [NodeProcess] = []
        for index in 0..<5 {
            started.append(try Self.start(folders[index], chain, ports[index]))
        }
        nodes = Mutex(started)
        for node in started { try chain.mine(1, to: node.newAddress()) }
        try chain.mine(100, to: Self.nobody)
        for node in started { try node.waitForTip(chain) }
        let keys = try started.map { try $0.get("/v1/getinfo")["identity_pubkey"]?.string ?? "" }
        for (left, right) in edges {
            _ = try started[left].post(
                "/v1/peers",
                [
                    "addr": [
                        "pubkey": .string(keys[right]),
                        "host": .string("127.0.0.1:\(ports[right])"),
                    ]
                ])
            let opened = try started[left].post(
                "/v1/channels",
                [
                    "node_pubkey_string": .string(keys[right]), "local_funding_amount": "4000000",
                    "push_sat": "2000000", "sat_per_vbyte": "2",
                ])
            guard opened["funding_txid_bytes"] != nil || opened["funding_txid_str"] != nil else {
                throw DaemonTestError.refused("\(opened)")
            }
        }
        // The answers said that the chain has them.
        #expect(try chain.call("getrawmempool").array?.count == edges.count)
        try chain.mine(8, to: Self.nobody)
        try waitUntilUsable()
        var known = [0]
        // Gossip goes from node to node at its own pace.
        for attempt in 1...4 {
            do {
                try eventually("the graph at every node") {
                    known = try started.map(Self.usableEdges)
                    return known.allSatisfy { $0 == edges.count }
                }
                return
            } catch {
                guard attempt < 4 else {
                    throw DaemonTestError.refused("usable channels known to each node: \(known)")
                }
            }
        }
    }

    /// How many channels a node knows with the terms of both sides.
    private static func usableEdges(_ node: NodeProcess) throws -> Int {
        let known = try node.get("/v1/graph")["edges"]?.array ?? []
        return known.filter {
            $0["node1_policy"]?.object != nil && $0["node2_policy"]?.object != nil
        }.count
    }

    private static func start(
        _ folder: TemporaryFolder, _ chain: ChainProcess, _ port: UInt16
    ) throws -> NodeProcess {
        try NodeProcess(
            folder: folder.path, chain: chain, peerPort: port,
            options: [
                "--minbackoff", "50ms", "--dev-reconnect", "300ms", "--dev-set-timeout", "10s",
            ])
    }

    subscript(index: Int) -> NodeProcess { nodes.withLock { $0[index] } }

    /// Ends a node as a crash does, and starts it again.
    func killAndRestart(_ index: Int) throws {
        self[index].process.end(with: SIGKILL)
        let node = try Self.start(folders[index], chain, ports[index])
        nodes.withLock { $0[index] = node }
    }

    private func waitUntilUsable() throws {
        try eventually("the channels") {
            try (0..<5).allSatisfy { index in
                let channels = try self[index].get("/v1/channels")["channels"]?.array ?? []
                let expected = edges.filter { $0.0 == index || $0.1 == index }.count
                return channels.count == expected
                    && channels.allSatisfy { $0["active"]?.bool == true }
            }
        }
    }

    /// Waits until every payment has ended and no channel holds an HTLC.
    func waitForRest() throws {
        try waitUntilUsable()
        var unfinished: [String] = []
        // A payee gives an incomplete set of parts back after 10 seconds here, and later where it was killed meanwhile.
        for _ in 1...4 {
            do {
                return try eventually("the end of all payments") {
                    unfinished = try (0..<5).flatMap { try self.unfinished(at: $0) }
                    return unfinished.isEmpty
                }
            } catch DaemonTestError.neverHappened {}
        }
        throw DaemonTestError.neverHappened("the end of \(unfinished)")
    }

    /// The HTLCs and the payments of a node that have not ended.
    private func unfinished(at index: Int) throws -> [String] {
        let channels = try self[index].get("/v1/channels")["channels"]?.array ?? []
        let pending = channels.flatMap { $0["pending_htlcs"]?.array ?? [] }
        guard pending.isEmpty else { return pending.map { "node \(index): \($0)" } }
        return try payments(of: index).filter { $0["status"]?.string == "IN_FLIGHT" }
            .map { "node \(index): \($0)" }
    }

    /// What each node has in its channels, in millisatoshi.
    func balances() throws -> [Int64] {
        try (0..<5).map { index in
            let answer = try self[index].get("/v1/balance/channels")
            return answer["local_balance"]?["msat"]?.string.flatMap { Int64($0) } ?? -1
        }
    }

    private func payments(of index: Int) throws -> [JSONValue] {
        try pages("/v1/payments?include_incomplete=true&max_payments=1000", "payments", of: index)
    }

    private func invoices(of index: Int) throws -> [JSONValue] {
        try pages("/v1/invoices?num_max_invoices=1000", "invoices", of: index)
    }

    /// All entries of a history, page by page.
    private func pages(_ path: String, _ field: String, of index: Int) throws -> [JSONValue] {
        var entries: [JSONValue] = []
        var last = "0"
        while true {
            let answer = try self[index].get("\(path)&index_offset=\(last)")
            let page = answer[field]?.array ?? []
            guard !page.isEmpty else { return entries }
            entries += page
            last = answer["last_index_offset"]?.string ?? "0"
        }
    }

    /// The books of all nodes agree with each other, and nothing went to the chain.
    func check(_ before: [Int64]) throws {
        let after = try balances()
        #expect(after.reduce(0, +) == before.reduce(0, +))
        var settled: [String: Int64] = [:]
        var received: [Int64] = []
        for index in 0..<5 {
            var total: Int64 = 0
            for invoice in try invoices(of: index) where invoice["state"]?.string == "SETTLED" {
                let amount = invoice["amt_paid_msat"]?.string.flatMap { Int64($0) } ?? 0
                settled[invoice["payment_request"]?.string ?? "", default: 0] += amount
                total += amount
            }
            received.append(total)
        }
        var paid: Set<String> = []
        for index in 0..<5 {
            var sent: Int64 = 0
            for payment in try payments(of: index) where payment["status"]?.string == "SUCCEEDED" {
                let request = payment["payment_request"]?.string ?? ""
                let value = payment["value_msat"]?.string.flatMap { Int64($0) } ?? 0
                #expect(paid.insert(request).inserted)
                #expect(settled[request] == value)
                sent += value + (payment["fee_msat"]?.string.flatMap { Int64($0) } ?? 0)
            }
            let earned = after[index] - before[index] + sent - received[index]
            #expect(earned >= 0, "node \(index) has lost \(-earned) millisatoshi")
            let pending = try self[index].get("/v1/channels/pending")
            let forced = pending["pending_force_closing_channels"]?.array ?? []
            let waiting = pending["waiting_close_channels"]?.array ?? []
            let closed = try self[index].get("/v1/channels/closed")["channels"]?.array ?? []
            #expect(forced.isEmpty && waiting.isEmpty && closed.isEmpty)
        }
        // Every invoice that a node was paid for is a payment that its payer made.
        #expect(paid == Set(settled.keys))
        #expect(!paid.isEmpty)
    }
}

/// Every node pays others, one payment after the other, at the same time.
final class Traffic: Sendable {
    private let network: ProcessNetwork
    private let isStopping = Mutex(false)
    private let counts = Mutex((attempts: 0, successes: 0))
    private let threads = Mutex<[SystemThread]>([])

    var attempts: Int { counts.withLock { $0.attempts } }
    var successes: Int { counts.withLock { $0.successes } }

    init(_ network: ProcessNetwork) {
        self.network = network
        threads.withLock { threads in
            threads = (0..<5).map { index in
                SystemThread("payer") { [self] in
                    while !isStopping.withLock({ $0 }) {
                        // A node that was killed meanwhile answers again soon.
                        if (try? pay(from: index)) == nil { usleep(50_000) }
                    }
                }
            }
        }
    }

    /// Pays an invoice of another node, and waits for the outcome.
    private func pay(from payer: Int) throws {
        let payee = (payer + Int.random(in: 1...4)) % 5
        let amount = Int.random(in: 1...5_000)
        let invoice = try network[payee].post("/v1/invoices", ["value": .string("\(amount)")])
        guard let request = invoice["payment_request"] else { return }
        counts.withLock { $0.attempts += 1 }
        let answer = try network[payer].exchange(
            .post, "/v2/router/send",
            [
                "payment_request": request, "timeout_seconds": 20, "fee_limit_sat": "1000",
                "no_inflight_updates": true,
            ])
        if answer.body.contains("SUCCEEDED") { counts.withLock { $0.successes += 1 } }
    }

    func stop() {
        isStopping.withLock { $0 = true }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }
}
