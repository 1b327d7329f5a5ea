@_spi(Release) import LightningNode
import LightningWire

/// The steps of one turn of the loop, on their way to the disk.
///
/// What the steps ask to be sent, broadcast or answered cannot be read from here: only ``commit(to:)`` hands it out, in
/// a ``CommittedBatch``. "Durable before visible" thus holds for whatever compiles.
public struct PendingBatch: ~Copyable, Sendable {
    private var writes: [RecordWrite] = []
    private var effects: [NodeEffect] = []

    /// A batch of no steps.
    public init() {}

    /// Whether there is nothing to write and nothing to release.
    public var isEmpty: Bool { writes.isEmpty && effects.isEmpty }

    /// The number of writes that wait.
    public var writeCount: Int { writes.count }

    /// Adds what a step writes and what it wants done afterwards.
    public mutating func append(_ step: Step) {
        writes += step.writes
        effects += step.effects
    }

    /// Makes the writes durable in one transaction and hands out the effects, leaving the batch empty.
    ///
    /// Where it throws, the batch is as it was: commit it again, or end the process and let the restart derive anew
    /// what was due.
    public mutating func commit(to store: some RecordStore) throws(StorageError) -> CommittedBatch {
        if !writes.isEmpty { try store.commit(writes.coalesced()) }
        defer {
            writes.removeAll(keepingCapacity: true)
            effects = []
        }
        return CommittedBatch(effects: effects)
    }
}

/// The effects of steps whose writes are durable. Nothing but a successful commit makes one.
public struct CommittedBatch: ~Copyable, Sendable {
    private let effects: [NodeEffect]

    fileprivate init(effects: [NodeEffect]) { self.effects = effects }

    /// Gives the effects away, in the order in which the steps asked for them.
    public consuming func release() -> [NodeEffect] { effects }
}

extension [RecordWrite] {
    /// The last write of each record, in their order: within one transaction the others would be written for nothing.
    fileprivate func coalesced() -> [RecordWrite] {
        guard count > 1 else { return self }
        var last: [RecordAddress: Int] = [:]
        last.reserveCapacity(count)
        for (position, write) in enumerated() { last[RecordAddress(write)] = position }
        guard last.count < count else { return self }
        return last.values.sorted().map { self[$0] }
    }
}

/// Where a record is.
private struct RecordAddress: Hashable {
    let table: RecordTable
    let key: [UInt8]

    init(_ write: RecordWrite) {
        table = write.table
        key = write.key
    }
}
