import LightningNode
import LightningWallet
import NodeStorage

extension Bench {
    /// What a node needs in memory for channels in which nothing happens.
    static let idleChannels = Bench(
        name: "idle-channels",
        summary: "memory per idle channel of a node that is made of its records"
    ) {
        let folder = try BenchFolder()
        let path = "\(folder.path)/node.db"
        let keys = try BenchNode(number: 1, path: path).keys
        let channels = try OpenChannels(keys)
        var figures: [BenchFigure] = []
        var first: UInt32 = 0
        for count: UInt32 in [1_000, 10_000] {
            say("idle-channels: \(grouped(count))")
            let store = try SQLiteStore(path: path)
            try channels.write(first..<count) { try store.commit($0) }
            first = count
            let footprint = try Footprint(of: { try BenchNode.load(store, keys) })
            let name = "\(grouped(count)) channels"
            figures += [
                BenchFigure("\(name), heap", Double(footprint.heap) / Double(count), "B each"),
                BenchFigure("\(name), PSS", Double(footprint.memory) / Double(count), "B each"),
            ]
        }
        return figures
    }
}

/// The memory that a value needs for as long as it is there.
struct Footprint {
    /// What is allocated for it.
    let heap: Int
    /// By how much the process's share of the machine's memory grows.
    let memory: Int

    init<Value>(of make: () throws -> Value) throws {
        let before = (heap: ProcessFigures.heap(), memory: try ProcessFigures.proportionalMemory())
        let value = try make()
        heap = ProcessFigures.heap() - before.heap
        memory = try ProcessFigures.proportionalMemory() - before.memory
        withExtendedLifetime(value) {}
    }
}
