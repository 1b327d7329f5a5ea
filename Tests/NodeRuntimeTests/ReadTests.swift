import Bitcoin
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeStorage
import Synchronization
import Testing

@testable import NodeRuntime

/// Reads beside the loop, and what waits for answers.
struct ReadTests {
    @Test("a read that fails is tried again until it succeeds")
    func retry() throws {
        let store = UnreadableStore()
        let node = try NodeFixture(store: store)
        store.failures.withLock { $0 = 1 }
        let hash = PaymentPreimage(SHA256.hash([1])).paymentHash
        let order = InvoiceOrder(
            amount: MilliSatoshi(1_000), description: .text(""), lock: .hold(hash))
        let hashes = Mutex<[PaymentHash]>([])
        node.service.submit(.payment(.addInvoice(order))) { answer in
            guard case .success(.invoice(let invoice, _)) = answer else { return }
            hashes.withLock { $0.append(invoice.content.paymentHash) }
        }
        try eventually { hashes.withLock { $0 == [hash] } }
        #expect(store.failures.withLock { $0 } == 0)
        node.service.stop()
    }

    @Test("a node stops though a read of its fails for good")
    func stop() throws {
        let store = UnreadableStore()
        let node = try NodeFixture(store: store)
        store.failures.withLock { $0 = .max }
        let hash = PaymentPreimage(SHA256.hash([1])).paymentHash
        let order = InvoiceOrder(
            amount: MilliSatoshi(1_000), description: .text(""), lock: .hold(hash))
        let answers = Mutex(0)
        node.service.submit(.payment(.addInvoice(order))) { _ in answers.withLock { $0 += 1 } }
        try eventually { store.failures.withLock { $0 } < .max }
        node.service.stop()
        #expect(answers.withLock { $0 } == 1)
    }
}

/// A store that refuses so many reads beside the loop.
private final class UnreadableStore: RecordStore {
    private let store = MemoryStore()
    let failures = Mutex(0)

    func commit(_ writes: [RecordWrite]) throws(StorageError) { try store.commit(writes) }

    func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.value(in: table, at: key)
    }

    func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        let fails = failures.withLock { failures in
            guard failures > 0 else { return false }
            failures -= 1
            return true
        }
        guard !fails else { throw .busy(path: "node.db") }
        return try store.records(in: table, range: range, order: order, limit: limit)
    }
}
