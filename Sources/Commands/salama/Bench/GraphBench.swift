import Bitcoin
import CZlib
import ChainBackend
import Glibc
import LightningGraph
import LightningWallet
import LightningWire
import NodeRuntime
import NodeStorage

extension Bench {
    /// The public network's graph: how fast it is there, and how fast ways through it are found.
    static let routing = Bench(
        name: "routing",
        summary: "load of the mainnet graph, and paths through it"
    ) { settings in
        let graph = try mainnetGraph(in: settings.graphFolder)
        let stored = GraphStore.encode(.init(graph: graph, savedAt: 0, key: .init(.zero)))
        let loading = try Stopwatch.measure(
            rounds: 3, calls: 1,
            [
                { _ = try GraphStore.decode(stored) }
            ])[0]
        var figures = [
            BenchFigure("channels", Double(graph.channelCount), ""),
            BenchFigure("graph's file", Double(stored.count) / 1e6, "MB"),
            loading.time("load"),
            try startTime(stored),
        ]
        let loaded = try GraphStore.decode(stored).graph
        for (name, amount) in [("10k sat", 10_000_000), ("1M sat", 1_000_000_000)]
            as [(String, UInt64)]
        {
            figures += try PathBench(loaded, MilliSatoshi(amount)).figures(name)
        }
        return figures
    }

    /// From the start of a node until its graph answers, which its own thread reads meanwhile.
    private static func startTime(_ stored: [UInt8]) throws -> BenchFigure {
        let folder = try BenchFolder()
        guard case .success = SmallFile.write(stored, to: folder.path + "/graph") else {
            throw BenchFailure("cannot write in \(folder.path)")
        }
        let host = try NodeHost(
            network: .regtest, store: MemoryStore(), backend: EmbeddedChain(), log: .silent,
            graph: GraphSettings(folder: folder.path), onFailure: { _ in })
        defer { host.stop() }
        let seed = try WalletSeed(
            mnemonic: Mnemonic(entropy: SecretBytes([UInt8](repeating: 7, count: 16))))
        try host.createWallet(
            WalletPlan(seed: seed, isRestored: false, lookahead: 1),
            password: SecretBytes(Array("benchmark".utf8)))
        let clock = ContinuousClock()
        let start = clock.now
        guard let counts = host.graph?.counts, counts.channels > 0 else {
            throw BenchFailure("the node does not read its graph")
        }
        return BenchFigure("node's start to graph", (clock.now - start) / .milliseconds(1), "ms")
    }

    /// The graph in the folder's tables, all of it announced at `timestamp`.
    static func mainnetGraph(in folder: String, timestamp: UInt32 = 1) throws -> ChannelGraph {
        let name = folder + "/mainnet-2026-02-03"
        guard let nodes = unzip(name + "-nodes.csv.gz"), let directions = unzip(name + ".csv.gz")
        else {
            throw BenchFailure(
                "\(folder) does not hold the mainnet graph: --graph says where it is")
        }
        return try GraphTable.read(nodes: nodes, directions: directions, timestamp: timestamp)
    }

    private static func unzip(_ path: String) -> [UInt8]? {
        guard let file = gzopen(path, "rb") else { return nil }
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = gzread(file, &block, UInt32(block.count))
            guard count > 0 else { return bytes }
            bytes += block.prefix(Int(count))
        }
    }
}

/// Why a measurement cannot be made.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Paths between random nodes of the part of the graph in which everybody can pay everybody the amount.
private struct PathBench {
    private let graph: ChannelGraph
    private let amount: MilliSatoshi
    private let core: [NodeIndex]
    private let finder = PathFinder()

    init(_ graph: ChannelGraph, _ amount: MilliSatoshi) {
        self.graph = graph
        self.amount = amount
        core = Self.core(of: graph, amount)
    }

    func figures(_ name: String) throws -> [BenchFigure] {
        var generator = SplitMix(state: 7)
        let requests = (0..<2_000).compactMap { _ -> PathRequest? in
            guard let payer = core.randomElement(using: &generator),
                let payee = core.randomElement(using: &generator), payer != payee
            else { return nil }
            return PathRequest(
                payer: graph.id(payer), payee: .node(graph.id(payee)), amount: amount)
        }
        let view = LiquidityView()
        let (paths, one) = try times(requests) {
            try finder.path($0, in: graph, knowing: view).cost
        }
        let (slow, exact) = try times(Array(requests.prefix(500))) {
            try finder.oneSidedPath($0, in: graph, knowing: view).cost
        }
        let (parts, split) = try times(requests) {
            try finder.parts($0, in: graph, knowing: view).reduce(0) { $0 + $1.cost }
        }
        let quality = zip(one, exact).map { Double($0) / Double($1) }
        let gain = zip(split, one).map { Double($0) / Double($1) }
        return [BenchFigure("\(name): nodes of the core", Double(core.count), "")]
            + percentiles("\(name): one path", paths)
            + percentiles("\(name): one path from one side", slow)
            + percentiles("\(name): multi-part", parts)
            + [
                BenchFigure(
                    "\(name): cost to one-sided", quality.reduce(0, +) / Double(quality.count), ""),
                BenchFigure("\(name): worst cost to one-sided", quality.max() ?? 0, ""),
                BenchFigure(
                    "\(name): multi-part cost to one path", gain.reduce(0, +) / Double(gain.count),
                    ""),
            ]
    }

    private func percentiles(_ name: String, _ times: [Double]) -> [BenchFigure] {
        let sorted = times.sorted()
        return [50, 95, 99].map { percent in
            BenchFigure("\(name) p\(percent)", sorted[sorted.count * percent / 100], "µs")
        }
    }

    /// The processor's time of each search in microseconds, and what its result costs; no path counts as the highest cost.
    private func times(
        _ requests: [PathRequest], _ search: (PathRequest) throws -> UInt64
    ) throws -> ([Double], [UInt64]) {
        var (times, costs): ([Double], [UInt64]) = ([], [])
        for request in requests {
            let start = processorTime()
            let cost = (try? search(request)) ?? .max
            times.append(processorTime() - start)
            costs.append(cost)
        }
        return (times, costs)
    }

    /// Of this thread, in microseconds.
    private func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    private static func core(of graph: ChannelGraph, _ amount: MilliSatoshi) -> [NodeIndex] {
        var (out, into): ([NodeIndex: [NodeIndex]], [NodeIndex: [NodeIndex]]) = ([:], [:])
        for channel in graph.allChannels {
            for side in UInt8(0)...1 {
                let direction = channel.direction(side)
                guard let policy = graph.policy(direction), !policy.isDisabled,
                    policy.htlcMinimum <= amount, policy.htlcMaximum >= amount
                else { continue }
                let (from, to) = (graph.sender(direction), graph.sender(direction.reversed))
                out[from, default: []].append(to)
                into[to, default: []].append(from)
            }
        }
        guard
            let hub = graph.allNodes.max(by: {
                graph.channelCount(of: $0) < graph.channelCount(of: $1)
            })
        else { return [] }
        func reach(_ lists: [NodeIndex: [NodeIndex]]) -> Set<NodeIndex> {
            var (seen, rest): (Set<NodeIndex>, [NodeIndex]) = ([hub], [hub])
            while let node = rest.popLast() {
                for next in lists[node] ?? [] where seen.insert(next).inserted {
                    rest.append(next)
                }
            }
            return seen
        }
        return reach(out).intersection(reach(into)).sorted { $0.value < $1.value }
    }
}

/// The generator of Steele, Lea and Flood: every run asks for the same paths.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
