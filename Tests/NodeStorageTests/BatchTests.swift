import LightningNode
import LightningWire
import NodeStorage
import Synchronization
import Testing

/// What a batch of steps writes.
struct BatchTests {
    /// A store that keeps what it was given.
    private final class Recorder: RecordStore {
        let commits = Mutex<[[RecordWrite]]>([])

        func commit(_ writes: [RecordWrite]) throws(StorageError) {
            commits.withLock { $0.append(writes) }
        }

        func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? { nil }

        func records(
            in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
        ) throws(StorageError) -> [Record] { [] }
    }

    @Test("of several writes to one record only the last reaches the disk, and the order stays")
    func coalescing() throws {
        let writes = [
            RecordWrite(.channelState, key: [1], value: [1]),
            RecordWrite(.channelHTLC, key: [1], value: [2]),
            RecordWrite(.channelState, key: [1], value: [3]),
            RecordWrite(.channelHTLC, key: [2], value: [4]),
            RecordWrite(.channelHTLC, key: [1], value: nil),
        ]
        var batch = PendingBatch()
        batch.append(Step(writes: Array(writes[..<2])))
        batch.append(Step(writes: Array(writes[2...])))
        let store = Recorder()
        _ = try batch.commit(to: store)
        #expect(store.commits.withLock { $0 } == [Array(writes[2...])])
    }
}
