import LightningWire
import NodeStorage
import Synchronization

/// Records in memory with what crashes do to them: a commit is there as a whole or not at all, and one that was not
/// acknowledged may be either.
package final class FaultyMemoryStore: RecordStore {
    private let state = Mutex(State())

    fileprivate struct State {
        var tables: [RecordTable: [[UInt8]: [UInt8]]] = [:]
        /// What undoes the commits that a broken store has acknowledged and would lose, latest last.
        var unsynced: [[RecordWrite]] = []
        var isFull = false
        var cut: CutPoint?
        var isCut = false
        var delaysSync = false
    }

    /// When the power fails around a commit.
    package enum CutPoint: Sendable {
        /// Before it: nothing of it is there.
        case before
        /// Between the disk's having it and the process's hearing so: all of it is there.
        case after
    }

    /// An empty store.
    package init() {}

    /// Whether commits are refused for want of space.
    package var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// Whether commits are acknowledged before they are durable, as no store may: the last of them go in a crash.
    package var delaysSync: Bool {
        get { state.withLock { $0.delaysSync } }
        set { state.withLock { $0.delaysSync = newValue } }
    }

    /// Whether the power has failed.
    package var isCut: Bool { state.withLock { $0.isCut } }

    /// Lets the power fail around the next commit.
    package func cutPower(_ point: CutPoint) { state.withLock { $0.cut = point } }

    /// The machine starts again.
    package func restart(losingUnsynced: Bool) {
        state.withLock { state in
            if losingUnsynced {
                for undo in state.unsynced.reversed() { state.apply(undo) }
            }
            state.unsynced = []
            state.isCut = false
            state.cut = nil
        }
    }

    public func commit(_ writes: [RecordWrite]) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard !state.isCut, state.cut != .before else {
                state.isCut = true
                throw .failed(operation: "commit", code: 10, message: "the power failed")
            }
            guard !state.isFull else { throw .diskFull(path: "memory") }
            if state.delaysSync { state.unsynced.append(state.undo(of: writes)) }
            state.apply(writes)
            if state.cut == .after {
                state.isCut = true
                throw .failed(operation: "commit", code: 10, message: "the power failed")
            }
        }
    }

    public func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        state.withLock { $0.tables[table]?[key] }
    }

    public func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        let found = state.withLock { $0.tables[table] ?? [:] }.filter { range.contains($0.key) }
        let sorted = found.sorted { left, right in
            switch order {
            case .ascending: left.key.lexicographicallyPrecedes(right.key)
            case .descending: right.key.lexicographicallyPrecedes(left.key)
            }
        }
        return sorted.prefix(max(0, limit)).map { Record(key: $0.key, value: $0.value) }
    }
}

extension FaultyMemoryStore.State {
    fileprivate mutating func apply(_ writes: [RecordWrite]) {
        for write in writes { tables[write.table, default: [:]][write.key] = write.value }
    }

    /// What takes `writes` back again.
    fileprivate func undo(of writes: [RecordWrite]) -> [RecordWrite] {
        writes.map { RecordWrite($0.table, key: $0.key, value: tables[$0.table]?[$0.key]) }
    }
}
