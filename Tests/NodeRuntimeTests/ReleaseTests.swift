import ChainBackend
import LightningNode
import LightningWire
import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// Nothing of a step is seen before its writes are durable.
struct ReleaseTests {
    @Test("no answer comes and nothing is broadcast while the commit is under way")
    func answersWait() throws {
        let store = GatedStore()
        let node = try NodeFixture(store: store)
        try node.fund()
        store.behaviour = .hold
        let answers = Mutex(0)
        node.service.submit(.books(.newAddress(.taproot, reuse: false))) { _ in
            answers.withLock { $0 += 1 }
        }
        let sent = Mutex<Bool>(false)
        let thread = SystemThread("send") {
            _ = try? node.send(100_000)
            sent.withLock { $0 = true }
        }
        SystemThread.sleep(milliseconds: 200)
        #expect(answers.withLock { $0 } == 0)
        #expect(!sent.withLock { $0 })
        #expect(node.chain.mempool().isEmpty)
        store.behaviour = .pass
        thread.join()
        try eventually { answers.withLock { $0 } == 1 && !node.chain.mempool().isEmpty }
        node.service.stop()
    }

    @Test(
        "on a full disk requests are refused with the reason, and what waits goes out when there is space"
    )
    func fullDisk() throws {
        let store = GatedStore()
        let node = try NodeFixture(store: store)
        store.behaviour = .fail(.diskFull(path: "node.db"))
        let answers = Mutex<[Result<NodeReply, NodeFailure>]>([])
        node.service.submit(.books(.newAddress(.taproot, reuse: false))) { answer in
            answers.withLock { $0.append(answer) }
        }
        let refusals = Mutex<[String]>([])
        try eventually {
            node.service.submit(.status) { answer in
                guard case .failure(.unavailable(let reason)) = answer else { return }
                refusals.withLock { $0.append(reason) }
            }
            return refusals.withLock { $0.contains { $0.contains("no space left") } }
        }
        #expect(answers.withLock { $0.isEmpty })
        store.behaviour = .pass
        try eventually { answers.withLock { $0.count } == 1 }
        guard case .success(.address) = answers.withLock({ $0[0] }) else {
            Issue.record("the request was not granted in the end")
            return
        }
        _ = try node.address()
        node.service.stop()
    }

    @Test("a node that waits for space on the disk can be stopped at once")
    func stopOnFullDisk() throws {
        let store = GatedStore()
        let node = try NodeFixture(store: store)
        store.behaviour = .fail(.diskFull(path: "node.db"))
        try node.chain.mine(1, to: NodeFixture.nobody)
        let isRefused = Mutex(false)
        try eventually {
            node.service.submit(.status) { answer in
                if case .failure = answer { isRefused.withLock { $0 = true } }
            }
            return isRefused.withLock { $0 }
        }
        let begin = ContinuousClock.now
        node.service.stop()
        // It would wait for a minute or more.
        #expect(ContinuousClock.now - begin < .seconds(20))
    }

    @Test("when the disk fails for good nothing is released and the process is told to end")
    func brokenDisk() throws {
        let store = GatedStore()
        let failures = Mutex<[StorageError]>([])
        let node = try NodeFixture(
            store: store, onFailure: { error in failures.withLock { $0.append(error) } })
        let error = StorageError.failed(operation: "commit", code: 10, message: "disk I/O error")
        store.behaviour = .fail(error)
        #expect(throws: NodeFailure.self) { try node.address() }
        try eventually { failures.withLock { $0 } == [error] }
        node.service.stop()
    }
}

/// A store whose commits wait or fail as the test says.
final class GatedStore: RecordStore {
    enum Behaviour: Sendable {
        case pass, hold
        case fail(StorageError)
    }

    private let store = MemoryStore()
    private let current = Mutex(Behaviour.pass)

    var behaviour: Behaviour {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    func commit(_ writes: [RecordWrite]) throws(StorageError) {
        while true {
            switch behaviour {
            case .pass: return try store.commit(writes)
            case .fail(let error): throw error
            case .hold: SystemThread.sleep(milliseconds: 5)
            }
        }
    }

    func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.value(in: table, at: key)
    }

    func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        try store.records(in: table, range: range, order: order, limit: limit)
    }
}
