import Bitcoin
import LightningWire
import Testing

@testable import LightningPayment

/// A node that was started on an old copy of its database counts the numbers of later records again.
@Suite("An old copy of the database")
struct OldCopyTests {
    private let secrets = PaymentSecrets(root: SecretBytes([UInt8](repeating: 9, count: 32)))

    /// Two invoices with the number 0, made a second apart.
    @Test("makes no preimage and no payment secret again")
    func invoices() throws {
        let entries = try [UInt64(1_000_000), 1_001_000].map { time in
            var invoices = try Invoices(secrets: secrets, policy: InvoicePolicy(network: .regtest))
            let step = try invoices.add(
                InvoiceOrder(amount: MilliSatoshi(1_000), description: .text("tea")),
                at: PaymentMoment(time: time, height: BlockHeight(100)))
            guard case .added(let entry, _)? = step.events.first else { throw Missing() }
            return entry
        }
        #expect(entries[0].number == entries[1].number)
        #expect(entries[0].preimage(secrets) != entries[1].preimage(secrets))
        let contents = entries.map { $0.content(secrets, network: .regtest) }
        #expect(contents[0].paymentSecret != contents[1].paymentSecret)
    }

    @Test("makes no session key again for another hash, and the same for the same attempt")
    func sessionKeys() {
        let hashes = [UInt8(1), 2].map { PaymentHash(SHA256.hash([$0])) }
        let keys = hashes.map { secrets.sessionKey(attempt: 0, paying: $0) }
        #expect(keys[0] != nil && keys[0] != keys[1])
        #expect(secrets.sessionKey(attempt: 0, paying: hashes[0]) == keys[0])
        #expect(secrets.sessionKey(attempt: 1, paying: hashes[0]) != keys[0])
    }

    @Test("makes no preimage again for a payment that nobody asked for")
    func keysends() {
        #expect(
            secrets.keysendPreimage(payment: 0, begun: 1)
                != secrets.keysendPreimage(payment: 0, begun: 2))
    }

    private struct Missing: Error {}
}
