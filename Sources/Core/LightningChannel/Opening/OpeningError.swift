import Bitcoin
import LightningCommitment
import LightningWire

/// Why a channel is not opened: what the user asked for, or what the peer's message says.
public enum OpeningError: Error, Equatable, Sendable {
    // The channel's kind
    case wrongChain(expected: BlockHash, actual: BlockHash)
    case noChannelType
    /// The type is not defined, or this node does not take channels of it.
    case unsuitableChannelType(Features)
    case channelTypeChanged(expected: Features, actual: Features)
    case notNegotiated(Feature)
    /// The network cannot learn of a channel that is known by aliases alone.
    case announcedAlias
    /// The peer is not trusted not to spend the funding twice.
    case zeroConfirmationNotTrusted
    case announcedNotTaken
    case unannouncedNotTaken
    /// With `option_dual_fund` channels are opened by `open_channel2`.
    case dualFundingNegotiated

    // Amounts and limits, in the units of their fields
    case below(OpeningField, minimum: UInt64, actual: UInt64)
    case above(OpeningField, maximum: UInt64, actual: UInt64)
    /// The opener's part does not pay for the first commitment and its anchors.
    case cannotPayInitialFee(needed: Satoshi, available: Satoshi)
    /// Neither side has more than its stake, so that nothing could be paid.
    case bothWithinReserve(reserve: Satoshi, opener: Satoshi, accepter: Satoshi)
    /// A side's dust limit is above the reserve that this side or the other demands.
    case reserveBelowDustLimit(dustLimit: Satoshi, reserve: Satoshi)
    case upfrontScriptNotAllowed(Script)
    /// The bytes are not a point on the curve.
    case invalidPoint(OpeningField)

    // The exchange
    case wrongTemporaryID(expected: ChannelID, actual: ChannelID)
    case wrongChannelID(expected: ChannelID, actual: ChannelID)
    /// The message does not belong to this point of the opening.
    case unexpectedMessage(type: UInt16)
    /// The signature of the first commitment does not hold.
    case invalidSignature
    /// The index of the funding output has more than two bytes.
    case outputIndexTooLarge(UInt32)
    case unusablePoint(KeyError)
    case signer(SignerError)
}

/// A field of `open_channel` or `accept_channel`; the raw value is its name in BOLT 2.
public enum OpeningField: String, Hashable, Sendable {
    case fundingAmount = "funding_satoshis"
    case pushAmount = "push_msat"
    case dustLimit = "dust_limit_satoshis"
    case maximumInFlight = "max_htlc_value_in_flight_msat"
    case reserve = "channel_reserve_satoshis"
    case htlcMinimum = "htlc_minimum_msat"
    case feerate = "feerate_per_kw"
    case toSelfDelay = "to_self_delay"
    case maximumAcceptedHTLCs = "max_accepted_htlcs"
    case minimumDepth = "minimum_depth"
    case fundingKey = "funding_pubkey"
    case revocationBasepoint = "revocation_basepoint"
    case paymentBasepoint = "payment_basepoint"
    case delayedPaymentBasepoint = "delayed_payment_basepoint"
    case htlcBasepoint = "htlc_basepoint"
    case firstPoint = "first_per_commitment_point"
}

/// What the peer, or the user, is told: first the field that is meant, then what is wrong with it.
extension OpeningError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongChain(let expected, let actual):
            "chain_hash: this node is on \(expected), not \(actual)"
        case .noChannelType: "channel_type: missing"
        case .unsuitableChannelType(let type):
            "channel_type: \(Hex.encode(type.bytes)) is not taken here"
        case .channelTypeChanged(let expected, let actual):
            "channel_type: asked for \(Hex.encode(expected.bytes)), got \(Hex.encode(actual.bytes))"
        case .notNegotiated(let feature): "\(feature.name): not negotiated"
        case .announcedAlias:
            "channel_type: an announced channel cannot be known by aliases alone"
        case .zeroConfirmationNotTrusted:
            "channel_type: not trusted to open channels without confirmations"
        case .announcedNotTaken: "channel_flags: only unannounced channels are taken"
        case .unannouncedNotTaken: "channel_flags: only announced channels are taken"
        case .dualFundingNegotiated: "open_channel: option_dual_fund asks for open_channel2"
        case .below(let field, let minimum, let actual):
            "\(field.rawValue): \(actual) is less than \(minimum)"
        case .above(let field, let maximum, let actual):
            "\(field.rawValue): \(actual) is more than \(maximum)"
        case .cannotPayInitialFee(let needed, let available):
            "funding_satoshis: the first commitment costs \(needed), the opener has \(available)"
        case .bothWithinReserve(let reserve, let opener, let accepter):
            "channel_reserve_satoshis: \(opener) and \(accepter) are both within \(reserve)"
        case .reserveBelowDustLimit(let dustLimit, let reserve):
            "channel_reserve_satoshis: \(reserve) is below the dust limit of \(dustLimit)"
        case .upfrontScriptNotAllowed(let script):
            "upfront_shutdown_script: \(Hex.encode(script.bytes)) is not of an allowed form"
        case .invalidPoint(let field): "\(field.rawValue): not a point on the curve"
        case .wrongTemporaryID(let expected, let actual):
            "temporary_channel_id: expected \(expected), got \(actual)"
        case .wrongChannelID(let expected, let actual):
            "channel_id: expected \(expected), got \(actual)"
        case .unexpectedMessage(let type): "message of type \(type) while the channel opens"
        case .invalidSignature: "signature: not valid for the first commitment transaction"
        case .outputIndexTooLarge(let index):
            "funding_output_index: \(index) does not fit two bytes"
        case .unusablePoint: "first_per_commitment_point: has no keys"
        case .signer: "internal error: no signature was made"
        }
    }
}
