import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire

/// One node: the three machines over records, without channels.
struct TestNode {
    let key: PrivateKey
    let id: NodeID
    let secrets: PaymentSecrets
    var store = TestStore()
    var policy = InvoicePolicy(network: .regtest, acceptsKeysend: true)
    var invoices: Invoices
    var payments: Payments
    var forwarding: Forwarding
    /// What was looked up and not answered yet.
    var queries: [HistoryQuery] = []
    /// Routes that were asked for and not found yet.
    var searches: [RouteSearchOrder] = []

    init(_ number: UInt8) throws {
        key = try PrivateKey([UInt8](repeating: number + 1, count: 32))
        id = NodeID(key.publicKey)
        secrets = PaymentSecrets(root: SecretBytes([UInt8](repeating: number + 101, count: 32)))
        invoices = try Invoices(secrets: secrets, policy: policy)
        payments = try Payments(secrets: secrets)
        forwarding = Forwarding(secrets: secrets)
    }

    /// Forgets everything but the records.
    mutating func restart() throws {
        invoices = try Invoices(
            secrets: secrets, policy: policy, records: store.records(.invoice),
            counters: store.value(.meta, PaymentRecordKey.invoiceCounters))
        payments = try Payments(
            secrets: secrets, records: store.records(.payment),
            attempts: store.records(.paymentAttempt),
            counters: store.value(.meta, PaymentRecordKey.paymentCounters))
        forwarding = Forwarding(secrets: secrets)
        queries = []
        searches = []
    }

    /// Makes an invoice and reads it from its text, as a payer does. Queries are answered at once.
    mutating func invoice(_ order: InvoiceOrder, at moment: PaymentMoment) throws -> Invoice {
        var step = try invoices.add(order, at: moment)
        store.apply(step.writes)
        for query in step.queries {
            let next = try invoices.loaded(query, store.answer(query), at: moment)
            store.apply(next.writes)
            step.events += next.events
        }
        for event in step.events {
            guard case .added(let entry, _) = event else { continue }
            let content = entry.content(secrets, network: .regtest)
            return try Invoice(decoding: key.sign(content).text)
        }
        throw Missing()
    }

    var pastInvoices: [InvoiceEntry] {
        get throws { try store.records(.pastInvoice).map { try Invoices.entry($0) } }
    }

    var pastPayments: [PastPayment] {
        get throws { try store.records(.pastPayment).map { try Payments.past($0) } }
    }
}

/// Something that a test needs is not there.
struct Missing: Error {}
