import Bitcoin
import LightningWire

/// What the secrets of payments and invoices derive from, so that records need not hold them (docs/keys.md).
///
/// A number alone makes none of them: a node that runs on an old copy of its database counts the same numbers again, and a
/// preimage that a payment has shown would lock another one.
public struct PaymentSecrets: Sendable {
    private let root: SecretBytes

    /// Takes the 32 bytes of the key `m/9735'/coin'/2'`.
    public init(root: SecretBytes) { self.root = root }

    /// The preimage of invoice `number` of that time in seconds since 1970, where the user gave none.
    func preimage(invoice number: UInt64, created: UInt64) -> PaymentPreimage {
        PaymentPreimage(derive("invoice preimage", number, created))
    }

    /// The payment secret of that invoice.
    func paymentSecret(invoice number: UInt64, created: UInt64) -> Hash256 {
        derive("payment secret", number, created)
    }

    /// The preimage of payment `number`, begun at that time in milliseconds since 1970, where it is one that nobody asked for.
    func keysendPreimage(payment number: UInt64, begun: UInt64) -> PaymentPreimage {
        PaymentPreimage(derive("keysend preimage", number, begun))
    }

    /// The session key of the onion of attempt `number` to pay `hash`.
    ///
    /// Nil with a chance of about 2^-128; the number is passed over then.
    func sessionKey(attempt number: UInt64, paying hash: PaymentHash) -> PrivateKey? {
        try? PrivateKey(
            derive("session key", PaymentRecordKey.number(number) + hash.hash.bytes))
    }

    /// A number that a payment determines and only this node can tell.
    func shadow(_ hash: PaymentHash) -> UInt64 {
        derive("shadow", hash.hash.bytes).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    /// A number from 0 up to `bound` that an onion determines and only this node can tell.
    func delay(onionHash: Hash256, below bound: UInt64) -> UInt64 {
        let hash = derive("delay", onionHash.bytes)
        return hash.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } % max(1, bound)
    }

    private func derive(_ purpose: StaticString, _ number: UInt64, _ time: UInt64) -> Hash256 {
        derive(purpose, PaymentRecordKey.number(number) + PaymentRecordKey.number(time))
    }

    /// The first half of HMAC-SHA-512 of purpose and data, with the root as key.
    private func derive(_ purpose: StaticString, _ data: [UInt8]) -> Hash256 {
        let name = UnsafeBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount)
        let code = HMAC.sha512(key: root, SecretBytes(Array(name) + data))
        return Hash256(unsafeFilling: { target in
            code.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[..<32])) }
        })
    }
}
