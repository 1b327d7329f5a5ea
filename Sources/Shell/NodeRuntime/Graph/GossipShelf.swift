import Glibc
import LightningGraph
import LightningNode
import LightningWire
import NodeStorage
import Synchronization

/// The records of gossip and the graph's file, behind a thread of its own: nobody who looks for a route waits for a disk.
///
/// What is not written yet when the machine loses power is lost, which costs asking peers again.
final class GossipShelf: Sendable {
    private let folder: String?
    private let file: GraphFile?
    private let log: Log
    /// Opened by whoever comes first, which is the thread of the graph: the node does not wait for it.
    private let opened = Mutex<(any RecordStore)?>(nil)
    private let worker = SerialWorker(name: "gossip-store", limit: .max)

    /// Keeps everything in `folder`; without one, or where that cannot be used, no longer than the process.
    init(folder: String?, log: Log) {
        self.folder = folder
        file = folder.map { GraphFile(path: $0 + "/graph") }
        self.log = log
    }

    private var store: any RecordStore {
        opened.withLock { opened in
            if let opened { return opened }
            let store = folder.flatMap(open) ?? MemoryStore()
            opened = store
            return store
        }
    }

    /// The database in `folder`; nil where it cannot be used. One that is damaged is made anew: peers have what was in it.
    private func open(_ folder: String) -> (any RecordStore)? {
        let path = folder + "/gossip.db"
        if access(path, F_OK) != 0 { dropGraph() }
        do throws(StorageError) {
            do throws(StorageError) {
                return try SQLiteStore(path: path, durability: .relaxed)
            } catch .corrupt(_, let detail) {
                return try remake(path, because: detail)
            } catch .notOurs {
                return try remake(path, because: "it is no database of salama")
            }
        } catch {
            log.write(.error, .gossip, "gossip is not kept: \(error)")
            return nil
        }
    }

    private func remake(
        _ path: String, because reason: String
    ) throws(StorageError) -> any RecordStore {
        log.write(.warn, .gossip, "\(path) is damaged and made anew: \(reason)")
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        dropGraph()
        return try SQLiteStore(path: path, durability: .relaxed)
    }

    /// Removes the graph's file where the messages that it was made of are gone: peers would ask for channels that the node
    /// seems to know, and it would not ask for them itself.
    private func dropGraph() {
        if let file { unlink(file.path) }
    }

    /// All records of a table; none where they cannot be read.
    func records(in table: RecordTable) -> [(key: [UInt8], value: [UInt8])] {
        do throws(StorageError) {
            return try store.records(in: table).map { ($0.key, $0.value) }
        } catch {
            log.write(.error, .gossip, "records of \(table) cannot be read: \(error)")
            return []
        }
    }

    /// One record; nil where there is none, or it cannot be read.
    func value(_ key: GossipRecordKey) -> [UInt8]? {
        (try? store.value(in: key.table, at: key.key)) ?? nil
    }

    /// The graph as it was saved last.
    func loadGraph() -> GraphStore.Contents? {
        _ = store
        do throws(GraphStoreError) {
            return try file?.load()
        } catch {
            log.write(.warn, .gossip, "the graph's file is of no use and made anew: \(error)")
            return nil
        }
    }

    /// Writes records, some time.
    func write(_ writes: [RecordWrite]) {
        worker.run { [self] in
            do throws(StorageError) {
                try store.commit(writes)
            } catch {
                log.write(.error, .gossip, "gossip is not stored: \(error)")
            }
        }
    }

    /// Reads records, with all that was to be written before.
    func read(_ keys: [GossipRecordKey], answer: @escaping @Sendable ([[UInt8]?]) -> Void) {
        worker.run { [self] in answer(keys.map(value)) }
    }

    /// Waits until what was to be written is.
    func settle() {
        let box = Waiter<Void>()
        if worker.run({ box.fill(()) }) { box.wait() }
    }

    /// Saves the graph, some time.
    func save(_ contents: GraphStore.Contents) {
        guard let file else { return }
        worker.run { [log] in
            if let reason = file.save(contents) {
                log.write(.error, .gossip, "the graph cannot be saved to \(file.path): \(reason)")
            }
        }
    }

    /// Finishes what waits and ends the thread.
    func stop() { worker.stop() }
}
