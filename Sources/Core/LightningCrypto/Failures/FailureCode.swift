/// The number that says what failed (BOLT 4, "Failure Messages").
public struct FailureCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    static let badOnion: UInt16 = 0x8000
    static let permanent: UInt16 = 0x4000
    static let node: UInt16 = 0x2000
    static let update: UInt16 = 0x1000

    /// The packet could not be read by the node behind the one that tells it (`BADONION`).
    public var isBadOnion: Bool { rawValue & Self.badOnion != 0 }
    /// Trying again does not help (`PERM`).
    public var isPermanent: Bool { rawValue & Self.permanent != 0 }
    /// The whole node failed, not one channel of it (`NODE`).
    public var isNode: Bool { rawValue & Self.node != 0 }
    /// The channel's parameters were not kept to (`UPDATE`).
    public var isUpdate: Bool { rawValue & Self.update != 0 }

    /// The node cannot forward for the time being.
    public static let temporaryNodeFailure = FailureCode(rawValue: node | 2)
    /// The node cannot forward any more.
    public static let permanentNodeFailure = FailureCode(rawValue: permanent | node | 2)
    /// The node demands a feature that the onion does not use.
    public static let requiredNodeFeatureMissing = FailureCode(rawValue: permanent | node | 3)
    /// The packet has a version that the node does not know.
    public static let invalidOnionVersion = FailureCode(rawValue: badOnion | permanent | 4)
    /// The packet was changed before it reached the node, or is not for it.
    public static let invalidOnionHMAC = FailureCode(rawValue: badOnion | permanent | 5)
    /// The packet's key is no point of the curve.
    public static let invalidOnionKey = FailureCode(rawValue: badOnion | permanent | 6)
    /// The channel cannot take the HTLC for the time being.
    public static let temporaryChannelFailure = FailureCode(rawValue: update | 7)
    /// The channel cannot take HTLCs any more.
    public static let permanentChannelFailure = FailureCode(rawValue: permanent | 8)
    /// The channel demands a feature that the onion does not use.
    public static let requiredChannelFeatureMissing = FailureCode(rawValue: permanent | 9)
    /// The node has no such channel.
    public static let unknownNextPeer = FailureCode(rawValue: permanent | 10)
    /// The amount is below the channel's least.
    public static let amountBelowMinimum = FailureCode(rawValue: update | 11)
    /// The fee is below what the channel costs.
    public static let feeInsufficient = FailureCode(rawValue: update | 12)
    /// The expiries are closer together than the channel's delta.
    public static let incorrectCltvExpiry = FailureCode(rawValue: update | 13)
    /// The HTLC expires too soon to be forwarded safely.
    public static let expiryTooSoon = FailureCode(rawValue: update | 14)
    /// The receiver does not expect this payment.
    public static let incorrectOrUnknownPaymentDetails = FailureCode(rawValue: permanent | 15)
    /// The HTLC expires before what the onion says.
    public static let finalIncorrectCltvExpiry = FailureCode(rawValue: 18)
    /// The HTLC holds less than what the onion says.
    public static let finalIncorrectHTLCAmount = FailureCode(rawValue: 19)
    /// The channel is disabled.
    public static let channelDisabled = FailureCode(rawValue: update | 20)
    /// The HTLC expires too late.
    public static let expiryTooFar = FailureCode(rawValue: 21)
    /// The payload is malformed or incomplete.
    public static let invalidOnionPayload = FailureCode(rawValue: permanent | 22)
    /// The rest of the payment did not arrive in time.
    public static let mppTimeout = FailureCode(rawValue: 23)
    /// Something failed inside a blinded path.
    public static let invalidOnionBlinding = FailureCode(rawValue: badOnion | permanent | 24)
}

extension FailureCode: CustomStringConvertible {
    /// The name in BOLT 4, or the number where this release does not know it.
    public var description: String { Self.names[self] ?? "failure \(rawValue)" }

    private static let names: [FailureCode: String] = [
        .temporaryNodeFailure: "temporary_node_failure",
        .permanentNodeFailure: "permanent_node_failure",
        .requiredNodeFeatureMissing: "required_node_feature_missing",
        .invalidOnionVersion: "invalid_onion_version",
        .invalidOnionHMAC: "invalid_onion_hmac",
        .invalidOnionKey: "invalid_onion_key",
        .temporaryChannelFailure: "temporary_channel_failure",
        .permanentChannelFailure: "permanent_channel_failure",
        .requiredChannelFeatureMissing: "required_channel_feature_missing",
        .unknownNextPeer: "unknown_next_peer",
        .amountBelowMinimum: "amount_below_minimum",
        .feeInsufficient: "fee_insufficient",
        .incorrectCltvExpiry: "incorrect_cltv_expiry",
        .expiryTooSoon: "expiry_too_soon",
        .incorrectOrUnknownPaymentDetails: "incorrect_or_unknown_payment_details",
        .finalIncorrectCltvExpiry: "final_incorrect_cltv_expiry",
        .finalIncorrectHTLCAmount: "final_incorrect_htlc_amount",
        .channelDisabled: "channel_disabled",
        .expiryTooFar: "expiry_too_far",
        .invalidOnionPayload: "invalid_onion_payload",
        .mppTimeout: "mpp_timeout",
        .invalidOnionBlinding: "invalid_onion_blinding",
    ]
}
