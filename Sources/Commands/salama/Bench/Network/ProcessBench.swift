import LightningGraph
import NodeRuntime
import NodeStorage

extension Bench {
    /// What a node takes that does nothing, and how soon it can do something.
    static let processes = Bench(
        name: "processes",
        summary:
            "a node's process: start, memory idle and with the mainnet graph, a channel's opening"
    ) { settings in
        let line = try NodeLine("processes", nodes: 2)
        let (node, peer) = (line.nodes[0], line.nodes[1])
        var figures = [try memory("idle, without channels", node)]
        line.note("channels open")
        var openings: [Double] = []
        for _ in 0..<openedChannels { openings += try line.openChannels() }
        figures += [
            BenchFigure("openchannel until both can use it, blocks mined at once", openings, "ms"),
            try memory("idle, \(openedChannels) channels", node),
        ]
        line.note("the node starts again and again")
        var starts = Starts()
        for _ in 0..<5 { try starts.measure(node, peer) }
        figures += starts.figures("")
        do {
            try giveGraph(to: node, settings)
        } catch {
            line.note("without the mainnet graph: \(error)")
            return figures
        }
        line.note("the node starts with the mainnet graph")
        var starts2 = Starts()
        for _ in 0..<3 { try starts2.measure(node, peer) }
        let count = try node.client.get("/v1/graph/info").number("num_channels")
        figures += starts2.figures(" with the mainnet graph")
        figures += [
            BenchFigure("channels of the graph", Double(count), ""),
            try memory("idle, with the mainnet graph", node),
        ]
        return figures
    }

    private static let openedChannels = 3

    private static func memory(_ name: String, _ node: LocalNode) throws -> BenchFigure {
        // What a start leaves to be done is done soon.
        var last = -1
        try Waiting.until("\(node.name)'s memory goes on changing", every: 1_000) {
            let now = try ProcessFigures.proportionalMemory(of: node.identifier)
            defer { last = now }
            return abs(now - last) < 65_536
        }
        return BenchFigure("memory \(name)", Double(last) / 1_048_576, "MiB")
    }

    /// Puts the mainnet graph, all of it announced now, where the stopped node keeps its own.
    private static func giveGraph(to node: LocalNode, _ settings: BenchSettings) throws {
        let now = UInt32(clamping: WallClock.now.seconds)
        let graph = try mainnetGraph(in: settings.graphFolder, timestamp: now)
        let stored = GraphStore.encode(
            .init(graph: graph, savedAt: UInt64(now), key: .init(SystemEntropy.hash())))
        node.stop()
        let path = node.configuration.networkFolder + "/graph"
        if case .failure(let error) = SmallFile.write(stored, to: path) {
            throw BenchFailure("cannot write \(path): \(error.reason)")
        }
        try node.start()
    }
}

/// How long starts took, in milliseconds.
private struct Starts {
    private var answers: [Double] = []
    private var channels: [Double] = []

    mutating func measure(_ node: LocalNode, _ peer: LocalNode) throws {
        node.stop()
        let begin = ContinuousClock.now
        try node.start()
        try Waiting.until("the channels do not come up", every: 2) {
            let all = try node.channels(with: peer)
            return !all.isEmpty && all.allSatisfy { $0.flag("active") }
        }
        answers.append(node.startTime / .milliseconds(1))
        channels.append((ContinuousClock.now - begin) / .milliseconds(1))
    }

    func figures(_ name: String) -> [BenchFigure] {
        [
            BenchFigure("start\(name) until it answers", answers, "ms"),
            BenchFigure(
                "start\(name) until channels can be used, the password hashed", channels, "ms"),
        ]
    }
}
