import Bitcoin
import LightningWire

/// What this side has decided about an HTLC that the peer offers.
public enum HTLCResolution: Hashable, Sendable {
    /// The preimage is known.
    case fulfill(PaymentPreimage, attribution: AttributionData? = nil)
    /// The HTLC is given back with an encrypted reason.
    case fail(reason: [UInt8], attribution: AttributionData? = nil)
    /// The HTLC is given back because its onion could not be read: SHA-256 of the onion, and a code with the bit that
    /// says so.
    case failMalformed(onionHash: Hash256, failureCode: UInt16)

    var isFulfillment: Bool {
        switch self {
        case .fulfill: true
        case .fail, .failMalformed: false
        }
    }

    var outcome: ChannelHTLC.Outcome {
        switch self {
        case .fulfill(let preimage, _): .fulfilled(preimage)
        case .fail, .failMalformed: .failed
        }
    }

    /// The message that tells HTLC `id`'s resolution.
    func update(_ id: UInt64, _ channelID: ChannelID) -> CommitmentUpdate {
        switch self {
        case .fulfill(let preimage, let attribution):
            .fulfill(
                UpdateFulfillHTLC(
                    channelID: channelID, id: id, paymentPreimage: preimage,
                    tlvs: UpdateFulfillHTLCTLVs(attributionData: attribution)))
        case .fail(let reason, let attribution):
            .fail(
                UpdateFailHTLC(
                    channelID: channelID, id: id, reason: reason,
                    tlvs: UpdateFailHTLCTLVs(attributionData: attribution)))
        case .failMalformed(let onionHash, let failureCode):
            .failMalformed(
                UpdateFailMalformedHTLC(
                    channelID: channelID, id: id, onionHash: onionHash, failureCode: failureCode))
        }
    }

    /// The bit of a failure code that says that the onion was bad (BOLT 4).
    static let badOnion: UInt16 = 0x8000
    /// The most bytes that a reason for failing may have, so that the message fits its limit with everything else in it.
    public static let longestReason = 60_000

    /// Throws where no message could tell the resolution of an HTLC with `paymentHash`.
    func check(_ paymentHash: PaymentHash) throws(ChannelError) {
        switch self {
        case .fulfill(let preimage, _):
            guard preimage.paymentHash == paymentHash else {
                throw .wrongPreimage(expected: paymentHash, actual: preimage.paymentHash)
            }
        case .fail(let reason, _):
            guard reason.count <= Self.longestReason else {
                throw .reasonTooLong(maximum: Self.longestReason, actual: reason.count)
            }
        case .failMalformed(_, let failureCode):
            guard failureCode & Self.badOnion != 0 else {
                throw .notABadOnion(failureCode: failureCode)
            }
        }
    }
}
