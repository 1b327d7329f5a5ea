import LightningWire
import NodeStorage

/// The durable state of one node, and the ways in which it fails.
package final class NodeDisk {
    /// What keeps the records.
    package enum Kind: Sendable {
        /// A store in memory: fast.
        case memory
        /// The real storage code over a disk in memory.
        case sqlite
    }

    private enum Medium {
        case memory(FaultyMemoryStore)
        case sqlite(VirtualFileSystem)
    }

    private static let databasePath = "node.db"

    private let medium: Medium
    /// The store that is open; nil between a crash and the restart.
    private(set) package var store: (any RecordStore)?

    /// An empty disk, and the store that is open on it. `seed` decides what crashes lose.
    package init(_ kind: Kind, seed: UInt64) throws(StorageError) {
        switch kind {
        case .memory: medium = .memory(FaultyMemoryStore())
        case .sqlite: medium = .sqlite(VirtualFileSystem(VirtualDisk(seed: seed)))
        }
        try open()
    }

    /// Whether there is no space left.
    package var isFull: Bool {
        get {
            switch medium {
            case .memory(let store): store.isFull
            case .sqlite(let files): files.disk.isFull
            }
        }
        set {
            switch medium {
            case .memory(let store): store.isFull = newValue
            case .sqlite(let files): files.disk.isFull = newValue
            }
        }
    }

    /// Whether the power has failed.
    package var isCut: Bool {
        switch medium {
        case .memory(let store): store.isCut
        case .sqlite(let files): files.disk.isCut
        }
    }

    /// Lets the power fail in the course of the next commit.
    package func cutPowerSoon(_ random: inout SimulationRandom) {
        switch medium {
        case .memory(let store): store.cutPower(random.chance(50) ? .before : .after)
        case .sqlite(let files): files.disk.cutPower(afterOperations: random.number(below: 8))
        }
    }

    /// Lets a write of the next commit fail, where the medium knows single writes.
    package func failSoon(_ random: inout SimulationRandom) {
        switch medium {
        case .memory: break
        case .sqlite(let files): files.disk.failOnce(afterOperations: random.number(below: 6))
        }
    }

    /// Breaks the promise of commits, for tests of the checkers: what is acknowledged is not durable.
    package func breakPromise() {
        switch medium {
        case .memory(let store): store.delaysSync = true
        case .sqlite(let files): files.disk.ignoresSync = true
        }
    }

    /// The process ends without notice; with `losingUnsynced` the machine's power goes with it.
    package func crash(losingUnsynced: Bool) {
        switch medium {
        case .memory(let memory):
            store = nil
            memory.restart(losingUnsynced: losingUnsynced)
        case .sqlite(let files):
            // The connections that close now can do nothing any more.
            files.disk.cutPower()
            store = nil
            files.disk.restart(losingUnsynced: losingUnsynced)
        }
    }

    /// The process ends in order.
    package func close() { store = nil }

    /// The process starts again.
    package func open() throws(StorageError) {
        switch medium {
        case .memory(let memory): store = memory
        case .sqlite(let files):
            store = try SQLiteStore(path: Self.databasePath, fileSystem: files.name)
        }
    }

    /// Every record, by table and key, as a start would find them.
    package func records(of tables: [RecordTable]) throws(StorageError) -> [RecordWrite] {
        var found: [RecordWrite] = []
        guard let store else { return found }
        for table in tables {
            for record in try store.records(in: table) {
                found.append(RecordWrite(table, key: record.key, value: record.value))
            }
        }
        return found
    }
}
