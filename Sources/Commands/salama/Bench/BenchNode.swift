import Bitcoin
import Glibc
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

/// A node's core with a database on the disk, that counts what it writes there.
final class BenchNode {
    private static let parameters = WalletParameters(lookahead: 5)

    let keys: WalletKeys
    var core: LightningNode
    private let path: String
    private var store: CountingStore
    private var requests: UInt64 = 0
    private var replies: [RequestID: Result<NodeReply, NodeFailure>] = [:]
    /// What was handed to the operating system for its commits: the database's log, and pages that leave it.
    private(set) var diskBytes = 0

    /// A node with a new wallet, whose keys follow from its number.
    init(number: UInt8, path: String) throws {
        self.path = path
        keys = try Self.keys(number)
        store = CountingStore(try SQLiteStore(path: path))
        let (wallet, step) = try Wallet.create(
            network: .regtest, accounts: keys.publicAccounts, birthday: BlockHeight(1),
            parameters: Self.parameters)
        try store.commit(step.writes)
        core = LightningNode(wallet: wallet, keys: keys)
    }

    /// The keys of the wallet of that number.
    static func keys(_ number: UInt8) throws -> WalletKeys {
        let seed = try WalletSeed(
            mnemonic: Mnemonic(entropy: SecretBytes([UInt8](repeating: number, count: 16))))
        return try WalletKeys(master: seed.masterKey(), network: .regtest)
    }

    /// The node that is in a database, as a start of the process makes it.
    static func load(_ store: some RecordStore, _ keys: WalletKeys) throws -> LightningNode {
        try LightningNode(
            reading: { table, prefix in try store.records(of: table, prefix: prefix) }, keys: keys,
            parameters: parameters)
    }

    var id: PublicKey { keys.nodeKey.publicKey }
    /// Keys and values of all records that were written.
    var recordBytes: Int { store.recordBytes }

    func nextRequest() -> RequestID {
        requests += 1
        return RequestID(requests)
    }

    /// Takes a batch of inputs as the runtime does, and answers what is to be done once it is durable.
    func take(_ inputs: [NodeInput], at moment: () -> Moment) throws -> [NodeEffect] {
        var batch = PendingBatch()
        for input in inputs { batch.append(core.receive(input, at: moment())) }
        batch.append(core.finish(at: moment()))
        let before = try ProcessFigures.bytesWritten()
        let committed = try batch.commit(to: store)
        diskBytes += try ProcessFigures.bytesWritten() - before
        return committed.release()
    }

    func note(_ answer: Result<NodeReply, NodeFailure>, to id: RequestID) { replies[id] = answer }

    func reply(to id: RequestID) throws -> NodeReply {
        guard let reply = replies.removeValue(forKey: id) else {
            throw CommandFailure("a node of the measurement does not answer")
        }
        return try reply.get()
    }

    func records(
        of table: RecordTable, prefix: [UInt8]
    ) throws -> [(key: [UInt8], value: [UInt8])] {
        try store.records(of: table, prefix: prefix)
    }

    /// What the database's tables take, once its log is moved into it: all pages but those that are free.
    func usedSize() throws -> Int {
        let counted = store.recordBytes
        // Closing it moves the log.
        store = CountingStore(try SQLiteStore(path: path + "-idle"))
        let size = try DatabaseFile.usedSize(path)
        store = CountingStore(try SQLiteStore(path: path), counted: counted)
        return size
    }
}

/// An SQLite file that nobody has open.
enum DatabaseFile {
    /// The file's size without the free pages, which its header counts (https://sqlite.org/fileformat.html).
    static func usedSize(_ path: String) throws -> Int {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandFailure("\(path) is gone") }
        defer { close(file) }
        var status = stat()
        var header = [UInt8](repeating: 0, count: 100)
        guard fstat(file, &status) == 0, read(file, &header, header.count) == header.count else {
            throw CommandFailure("\(path) cannot be read")
        }
        var reader = ByteReader(header.span.bytes)
        try reader.skip(16)
        let pageSize: UInt16 = try reader.readBigEndian()
        try reader.skip(18)
        let freePages: UInt32 = try reader.readBigEndian()
        return Int(status.st_size) - Int(freePages) * Int(pageSize)
    }
}
