import Bitcoin
import Glibc
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

extension Bench {
    /// How long a start takes, and that it does not depend on what is over.
    static let restart = Bench(
        name: "restart",
        summary: "a start with 1,000 channels, without a past and with a million past HTLCs"
    ) {
        let node = try StoppedNode()
        say("restart: \(grouped(StoppedNode.channels)) channels")
        try node.open()
        let young = try node.starts()
        say("restart: \(grouped(StoppedNode.past)) past HTLCs")
        try node.age()
        let old = try node.starts()
        return [
            BenchFigure("1,000 channels", young.warm, "ms"),
            BenchFigure("1,000 channels, file not in memory", young.cold, "ms"),
            BenchFigure("and a million past HTLCs", old.warm, "ms"),
            BenchFigure("and a million past HTLCs, file not in memory", old.cold, "ms"),
            BenchFigure(
                "ratio of with to without a past", median(old.warm) / median(young.warm), ""),
            BenchFigure("heap without a past", Double(young.heap) / 1e6, "MB"),
            BenchFigure("heap with the past", Double(old.heap) / 1e6, "MB"),
            BenchFigure("database with the past", Double(try node.size()) / 1e6, "MB"),
        ]
    }
}

/// A node's database on the disk.
private struct StoppedNode {
    static let channels: UInt32 = 1_000
    static let past = 1_000_000
    private static let repetitions = 5

    private let folder: BenchFolder
    private let keys: WalletKeys
    private var path: String { "\(folder.path)/node.db" }

    init() throws {
        folder = try BenchFolder()
        keys = try BenchNode(number: 1, path: "\(folder.path)/node.db").keys
    }

    /// Opens the channels.
    func open() throws {
        let store = try SQLiteStore(path: path)
        try OpenChannels(keys).write(0..<Self.channels) { try store.commit($0) }
    }

    /// Adds what payments leave behind: half of them were made, and half received. Each is a copy of a real one.
    func age() throws {
        let models = try PastModels()
        let store = try SQLiteStore(path: path)
        var writes: [RecordWrite] = []
        for number in 0..<Self.past {
            writes += models.payment(number, channels: Self.channels)
            guard (number + 1).isMultiple(of: Self.past / 20) else { continue }
            try store.commit(writes)
            writes = []
            say("  \(grouped(number + 1)) past HTLCs")
        }
    }

    /// Starts the node: the milliseconds of each time, and what the heap then holds.
    func starts() throws -> (warm: [Double], cold: [Double], heap: Int) {
        var (warm, cold, heap): ([Double], [Double], Int) = ([], [], 0)
        for _ in 0..<Self.repetitions {
            try forgetPages()
            cold.append(try start().milliseconds)
            let again = try start()
            warm.append(again.milliseconds)
            heap = again.heap
        }
        return (warm, cold, heap)
    }

    private func start() throws -> (milliseconds: Double, heap: Int) {
        let clock = ContinuousClock()
        let before = ProcessFigures.heap()
        let begin = clock.now
        let store = try SQLiteStore(path: path)
        var node = try BenchNode.load(store, keys)
        _ = node.receive(.tick, at: Moment(time: 1_700_000_000, entropy: .zero))
        let time = clock.now - begin
        let heap = ProcessFigures.heap() - before
        withExtendedLifetime(node) {}
        return (time / .milliseconds(1), heap)
    }

    /// Has the system forget what it keeps of the file.
    private func forgetPages() throws {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandFailure("\(path) is gone") }
        defer { close(file) }
        fsync(file)
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    }

    func size() throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw CommandFailure("\(path) is gone") }
        return Int(status.st_size)
    }
}

/// What a real payment left in the databases of its payer and its payee.
private struct PastModels {
    private struct Side {
        let htlc: [UInt8]
        let entry: (table: RecordTable, value: [UInt8])
        let index: (table: RecordTable, value: [UInt8])
    }

    private let sides: [Side]

    init() throws {
        let network = try BenchNetwork(2)
        try network.pay(MilliSatoshi(1_000_000), along: 0...1, count: 1, keepsText: true)
        sides = try [
            (0, RecordTable.pastPayment, RecordTable.paymentHash),
            (1, RecordTable.pastInvoice, RecordTable.invoiceHash),
        ].map { node, entries, index in
            let value = { (table: RecordTable) throws -> [UInt8] in
                guard let found = try network.nodes[node].records(of: table, prefix: []).first
                else { throw CommandFailure("a payment left nothing in \(table)") }
                return found.value
            }
            return Side(
                htlc: try value(.channelPastHTLC), entry: (entries, try value(entries)),
                index: (index, try value(index)))
        }
    }

    /// The records of payment `number`, each second one of which was received, through one of `channels`.
    func payment(_ number: Int, channels: UInt32) -> [RecordWrite] {
        let side = sides[number % 2]
        guard let channel = ChannelKeyNumber(UInt32(number) % channels) else { return [] }
        let htlc = HTLCKey(
            offerer: number.isMultiple(of: 2) ? .local : .remote,
            id: UInt64(number) / UInt64(channels))
        var position = ByteWriter()
        position.writeBigEndian(UInt64(number))
        return [
            RecordWrite(
                .channelPastHTLC, key: ChannelRecordKey.htlc(htlc, channel), value: side.htlc),
            RecordWrite(side.entry.table, key: position.bytes, value: side.entry.value),
            RecordWrite(
                side.index.table,
                key: Array(
                    SHA256.hash(position.bytes).bytes[..<8] + position.bytes.drop { $0 == 0 }),
                value: side.index.value),
        ]
    }
}
