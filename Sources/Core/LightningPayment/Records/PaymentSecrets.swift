import Bitcoin
import LightningWire

/// What the secrets of payments and invoices derive from, so that records need not hold them (docs/keys.md).
public struct PaymentSecrets: Sendable {
    private let root: SecretBytes

    /// Takes the 32 bytes of the key `m/9735'/coin'/2'`.
    public init(root: SecretBytes) { self.root = root }

    /// The preimage of invoice `number`, where the user gave none.
    func preimage(invoice number: UInt64) -> PaymentPreimage {
        PaymentPreimage(derive("invoice preimage", number))
    }

    /// The payment secret of invoice `number`.
    func paymentSecret(invoice number: UInt64) -> Hash256 { derive("payment secret", number) }

    /// The preimage of payment `number`, where it is one that nobody asked for.
    func keysendPreimage(payment number: UInt64) -> PaymentPreimage {
        PaymentPreimage(derive("keysend preimage", number))
    }

    /// The session key of the onion of attempt `number`.
    ///
    /// Nil with a chance of about 2^-128; the number is passed over then.
    func sessionKey(attempt number: UInt64) -> PrivateKey? {
        try? PrivateKey(derive("session key", number))
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

    private func derive(_ purpose: StaticString, _ number: UInt64) -> Hash256 {
        derive(purpose, PaymentRecordKey.number(number))
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
