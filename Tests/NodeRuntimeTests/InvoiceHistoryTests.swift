import Bitcoin
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeRuntime
import NodeStorage
import Synchronization
import Testing

/// Invoices of present and past, read as one list beside the loop.
struct InvoiceHistoryTests {
    /// More than is read at once.
    private static let count: UInt64 = 300

    private let store = WatchedStore()
    private let node: NodeFixture
    private let hashes: [PaymentHash]

    init() throws {
        let node = try NodeFixture(store: store)
        hashes = try (0..<Self.count).map { index in
            let order = InvoiceOrder(
                amount: MilliSatoshi(index + 1), description: .text("\(index)"))
            guard
                case .invoice(let invoice, let number) = try node.service.perform(
                    .payment(.addInvoice(order)))
            else { throw FixtureError.unexpectedReply }
            #expect(number == index)
            return invoice.content.paymentHash
        }
        self.node = node
        // Every third one is of the past.
        for index in stride(from: 0, to: Int(Self.count), by: 3) { try cancel(index) }
    }

    private func cancel(_ index: Int) throws {
        _ = try node.service.perform(.payment(.cancelInvoice(hashes[index])))
    }

    private func history() throws -> InvoiceHistory {
        InvoiceHistory(store, signer: try #require(node.service.signer))
    }

    // One node for all of it: to make a wallet takes long.
    @Test("invoices of present and past are listed, found and forgotten as one list")
    func list() throws {
        let history = try history()
        for limit in [1, 7, 256, 1_000] { try pages(of: history, limit) }
        try filters(of: history)
        try lookUp(in: history)
        try move(during: history)
        try forget(in: history)
    }

    private func pages(of history: InvoiceHistory, _ limit: Int) throws {
        for order in [ScanOrder.ascending, .descending] {
            var numbers: [UInt64] = []
            var range = NumberRange(order: order)
            while true {
                let page = try history.page(InvoiceQuery(range, limit: limit)).map(\.number)
                guard let last = page.last else { break }
                #expect(page.count <= limit)
                numbers += page
                switch order {
                case .ascending: range.after = last
                case .descending: range.before = last
                }
            }
            let all = Array(0..<Self.count)
            #expect(numbers == (order == .ascending ? all : all.reversed()))
        }
    }

    private func filters(of history: InvoiceHistory) throws {
        var query = InvoiceQuery(limit: .max)
        query.isOpenOnly = true
        let open = try history.page(query)
        #expect(open.count == 200)
        #expect(open.allSatisfy { $0.state == .open && $0.number % 3 != 0 })
        query = InvoiceQuery(limit: .max)
        query.created = 0...1
        #expect(try history.page(query).isEmpty)
    }

    private func lookUp(in history: InvoiceHistory) throws {
        #expect(try history.past(hashes[3])?.number == 3)
        #expect(try history.past(hashes[3])?.state == .cancelled)
        #expect(try history.past(hashes[4]) == nil)
        let signer = try #require(node.service.signer)
        for entry in try history.page(InvoiceQuery(limit: 5)) {
            let secret = signer.paymentSecret(of: entry)
            #expect(try history.invoice(paymentSecret: secret) == entry)
            #expect(signer.report(entry).request.content.paymentSecret == secret)
            #expect(signer.paymentHash(of: entry) == hashes[Int(entry.number)])
        }
        #expect(try history.invoice(paymentSecret: SHA256.hash([1])) == nil)
    }

    /// What leaves the present while the list is read is there once.
    private func move(during history: InvoiceHistory) throws {
        store.afterReading(.invoice) { [self] in try? cancel(1) }
        let numbers = try history.page(InvoiceQuery(limit: .max)).map(\.number)
        #expect(numbers == Array(0..<Self.count))
    }

    private func forget(in history: InvoiceHistory) throws {
        let past = try #require(try history.past(hashes[3]))
        _ = try node.service.perform(.payment(.forgetInvoice(past)))
        #expect(try history.past(hashes[3]) == nil)
        let open = try history.page(InvoiceQuery(NumberRange(after: 3), limit: 1))
        #expect(throws: NodeFailure.invoice(.notCancelled(hashes[4]))) {
            try node.service.perform(.payment(.forgetInvoice(open[0])))
        }
    }
}

/// A store that does something once after a table was read.
private final class WatchedStore: RecordStore {
    private let store = MemoryStore()
    private let action = Mutex<(RecordTable, @Sendable () -> Void)?>(nil)

    func afterReading(_ table: RecordTable, _ body: @escaping @Sendable () -> Void) {
        action.withLock { $0 = (table, body) }
    }

    func commit(_ writes: [RecordWrite]) throws(StorageError) { try store.commit(writes) }

    func value(in table: RecordTable, at key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.value(in: table, at: key)
    }

    func records(
        in table: RecordTable, range: KeyRange, order: ScanOrder, limit: Int
    ) throws(StorageError) -> [Record] {
        let records = try store.records(in: table, range: range, order: order, limit: limit)
        let due = action.withLock { action in
            guard action?.0 == table else { return nil as (@Sendable () -> Void)? }
            defer { action = nil }
            return action?.1
        }
        due?()
        return records
    }
}
