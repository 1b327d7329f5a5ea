import Bitcoin
import LightningWire

/// An HTLC that ends at this node: a payment, or a part of one.
public struct PaymentReceipt: Hashable, Sendable {
    /// The record that carries the preimage of a payment that nobody asked for ("keysend").
    public static let keysendType: UInt64 = 5_482_373_484

    /// What shows that a payment came through a blinded path.
    public struct Blinding: Hashable, Sendable {
        /// By which this node knows its path again; nil where it put none in.
        public let pathID: [UInt8]?
    }

    /// What the HTLC holds.
    public let amount: MilliSatoshi
    public let cltvExpiry: BlockHeight
    public let paymentHash: PaymentHash
    /// What all parts of the payment are to hold together.
    public let total: MilliSatoshi
    /// The best block's height when the onion was read.
    public let height: BlockHeight
    /// What proves that the sender has the invoice.
    public let paymentSecret: Hash256?
    /// What the invoice asked to be sent back.
    public let paymentMetadata: [UInt8]?
    /// The preimage of a payment that nobody asked for; it is that of ``paymentHash``.
    public let keysendPreimage: PaymentPreimage?
    /// The records of applications, the preimage of keysend among them. Even ones are for the application to know or
    /// refuse.
    public let customRecords: [TLVRecord]
    /// How the payment came, where it was through a blinded path.
    public let blinding: Blinding?
    /// How to tell the origin if it is refused.
    public let reporter: FailureReporter
}

/// What this node expects of a payment that it has asked for.
public struct ExpectedPayment: Hashable, Sendable {
    /// How the payer shows that it was asked.
    public enum Proof: Hashable, Sendable {
        /// With the invoice's payment secret (BOLT 11).
        case paymentSecret(Hash256)
        /// By using the blinded path with this id (BOLT 12).
        case pathID([UInt8])
    }

    public var proof: Proof
    /// What was asked for; nil where the payer chooses.
    public var amount: MilliSatoshi?
    /// What the invoice asked to be sent back.
    public var paymentMetadata: [UInt8]?
    /// The blocks that must be left before the HTLC expires.
    public var minFinalCltvExpiryDelta: UInt32

    /// Expects a payment of these parts.
    public init(
        proof: Proof, amount: MilliSatoshi?, paymentMetadata: [UInt8]? = nil,
        minFinalCltvExpiryDelta: UInt32
    ) {
        self.proof = proof
        self.amount = amount
        self.paymentMetadata = paymentMetadata
        self.minFinalCltvExpiryDelta = minFinalCltvExpiryDelta
    }
}

extension PaymentReceipt {
    /// Why the payment is not the one that is expected: the failure to report, or nil.
    ///
    /// All that is wrong looks the same to the sender, who else could find out what this node waits for.
    public func problem(expecting expected: ExpectedPayment) -> Failure? {
        let isExpected =
            matches(expected.proof) && isAcceptable(expected.amount)
            && expected.paymentMetadata == paymentMetadata
            && leaves(expected.minFinalCltvExpiryDelta)
        return isExpected ? nil : wrongDetails
    }

    /// Why a payment that nobody asked for cannot be taken: the failure to report, or nil.
    public func keysendProblem(minFinalCltvExpiryDelta: UInt32) -> Failure? {
        keysendPreimage != nil && leaves(minFinalCltvExpiryDelta) ? nil : wrongDetails
    }

    /// BOLT 4's answer for whatever is wrong with a payment at its receiver.
    public var wrongDetails: Failure {
        .incorrectOrUnknownPaymentDetails(amount: amount, height: height)
    }

    private func matches(_ proof: ExpectedPayment.Proof) -> Bool {
        switch proof {
        case .paymentSecret(let secret): blinding == nil && paymentSecret == secret
        case .pathID(let id): blinding?.pathID.map { constantTimeEqual($0, id) } ?? false
        }
    }

    /// At least what was asked for. BOLT 4: "if the amount paid is more than twice the amount expected: SHOULD fail the
    /// HTLC."
    private func isAcceptable(_ expected: MilliSatoshi?) -> Bool {
        guard let expected else { return true }
        if Mutation.isOn(.takeAnyAmount) { return true }
        guard total >= expected, let rest = total.subtracting(expected) else { return false }
        return rest <= expected
    }

    private func leaves(_ blocks: UInt32) -> Bool { cltvExpiry - height >= Int64(blocks) }
}
