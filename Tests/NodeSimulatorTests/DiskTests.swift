import LightningWire
import NodeSimulator
import NodeStorage
import Testing

/// Disks that fail, and what is left of what was committed to them.
struct DiskTests {
    private static func write(_ number: Int) -> RecordWrite {
        RecordWrite(
            .meta, key: [UInt8(number >> 8), UInt8(number & 0xff)],
            value: [UInt8](repeating: UInt8(number & 0xff), count: 40 + number % 900))
    }

    /// Commits batches until the power fails somewhere; throws unless a start finds each acknowledged batch, and nothing
    /// of the one that was under way or all of it.
    private func checkCrash(_ kind: NodeDisk.Kind, seed: UInt64, isBroken: Bool = false) throws {
        var random = SimulationRandom(seed: seed)
        let disk = try NodeDisk(kind, seed: seed)
        if isBroken { disk.breakPromise() }
        var acknowledged = 0
        let cutAt = random.number(in: 1...30)
        while !disk.isCut, acknowledged < 60 {
            if acknowledged == cutAt { disk.cutPowerSoon(&random) }
            let store = try #require(disk.store)
            let batch = (0..<3).map { Self.write(acknowledged * 3 + $0) }
            do {
                try store.commit(batch)
                acknowledged += 1
            } catch { break }
        }
        disk.crash(losingUnsynced: true)
        try disk.open()
        let found = try #require(disk.store).records(in: .meta)
        let expected = (0..<acknowledged * 3).map(Self.write)
        let isKept = expected.allSatisfy { write in
            found.contains { $0.key == write.key && $0.value == write.value }
        }
        let isWhole = found.count == acknowledged * 3 || found.count == acknowledged * 3 + 3
        guard isKept, isWhole else { throw Loss(seed: seed) }
        // What comes after works.
        try #require(disk.store).commit([Self.write(1_000)])
    }

    private struct Loss: Error { let seed: UInt64 }

    @Test("SQLite over the virtual disk keeps what it acknowledged, wherever the power fails")
    func sqliteKeeps() throws {
        for seed in UInt64(0)..<60 { try checkCrash(.sqlite, seed: seed) }
    }

    @Test("the store in memory keeps what it acknowledged, wherever the power fails")
    func memoryKeeps() throws {
        for seed in UInt64(0)..<60 { try checkCrash(.memory, seed: seed) }
    }

    @Test(
        "a disk that acknowledges syncs without doing them loses data",
        arguments: [NodeDisk.Kind.sqlite, .memory])
    func brokenLoses(_ kind: NodeDisk.Kind) throws {
        var losses = 0
        for seed in UInt64(0)..<20 {
            do { try checkCrash(kind, seed: seed, isBroken: true) } catch { losses += 1 }
        }
        #expect(losses > 5)
    }

    /// Ends a process in the middle of a commit, starts it again, and lets the power fail before it has written anything:
    /// what the first start found has been acted upon and has to be there. Answers whether that start found the commit that
    /// had failed.
    private func checkSecondCrash(
        seed: UInt64, _ interrupt: (NodeDisk, inout SimulationRandom) -> Void
    ) throws -> Bool {
        var random = SimulationRandom(seed: seed)
        let disk = try NodeDisk(.sqlite, seed: seed)
        for number in 0..<3 { try #require(disk.store).commit([Self.write(number)]) }
        interrupt(disk, &random)
        var hasFailed = false
        do { try #require(disk.store).commit([Self.write(3)]) } catch { hasFailed = true }
        disk.crash(losingUnsynced: false)
        try disk.open()
        let found = try #require(disk.store).records(in: .meta)
        disk.crash(losingUnsynced: true)
        try disk.open()
        let left = try #require(disk.store).records(in: .meta)
        guard left == found else { throw Loss(seed: seed) }
        return hasFailed && found.count == 4
    }

    @Test("what a start finds is durable, though the process before it ended in a commit")
    func startIsDurable() throws {
        var unacknowledged = 0
        for seed in UInt64(0)..<40 {
            // A process that is killed, and one that ends since a write or sync fails.
            let found = [
                try checkSecondCrash(seed: seed) { $0.cutPowerSoon(&$1) },
                try checkSecondCrash(seed: seed) { $0.failSoon(&$1) },
            ]
            unacknowledged += found.count { $0 }
        }
        #expect(unacknowledged > 5, "no start had anything to make durable")
    }

    @Test("a process that ends without the machine loses nothing that was written")
    func processCrash() throws {
        let disk = try NodeDisk(.sqlite, seed: 1)
        try #require(disk.store).commit([Self.write(7)])
        disk.crash(losingUnsynced: false)
        try disk.open()
        #expect(try #require(disk.store).records(in: .meta).count == 1)
    }

    @Test(
        "a full disk refuses a commit as full and takes it when there is space",
        arguments: [NodeDisk.Kind.sqlite, .memory])
    func full(_ kind: NodeDisk.Kind) throws {
        let disk = try NodeDisk(kind, seed: 1)
        let store = try #require(disk.store)
        try store.commit([Self.write(1)])
        disk.isFull = true
        var failure: StorageError?
        for number in 2..<2_000 where failure == nil {
            do { try store.commit([Self.write(number)]) } catch { failure = error }
        }
        guard case .diskFull = failure else {
            Issue.record("not told as full: \(String(describing: failure))")
            return
        }
        disk.isFull = false
        try store.commit([Self.write(2_001)])
        #expect(try store.records(in: .meta).contains { $0.key == Self.write(2_001).key })
    }
}
