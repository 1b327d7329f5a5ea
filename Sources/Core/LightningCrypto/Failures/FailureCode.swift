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

    public static let temporaryNodeFailure = FailureCode(rawValue: node | 2)
    public static let permanentNodeFailure = FailureCode(rawValue: permanent | node | 2)
    public static let requiredNodeFeatureMissing = FailureCode(rawValue: permanent | node | 3)
    public static let invalidOnionVersion = FailureCode(rawValue: badOnion | permanent | 4)
    public static let invalidOnionHMAC = FailureCode(rawValue: badOnion | permanent | 5)
    public static let invalidOnionKey = FailureCode(rawValue: badOnion | permanent | 6)
    public static let temporaryChannelFailure = FailureCode(rawValue: update | 7)
    public static let permanentChannelFailure = FailureCode(rawValue: permanent | 8)
    public static let requiredChannelFeatureMissing = FailureCode(rawValue: permanent | 9)
    public static let unknownNextPeer = FailureCode(rawValue: permanent | 10)
    public static let amountBelowMinimum = FailureCode(rawValue: update | 11)
    public static let feeInsufficient = FailureCode(rawValue: update | 12)
    public static let incorrectCltvExpiry = FailureCode(rawValue: update | 13)
    public static let expiryTooSoon = FailureCode(rawValue: update | 14)
    public static let incorrectOrUnknownPaymentDetails = FailureCode(rawValue: permanent | 15)
    public static let finalIncorrectCltvExpiry = FailureCode(rawValue: 18)
    public static let finalIncorrectHTLCAmount = FailureCode(rawValue: 19)
    public static let channelDisabled = FailureCode(rawValue: update | 20)
    public static let expiryTooFar = FailureCode(rawValue: 21)
    public static let invalidOnionPayload = FailureCode(rawValue: permanent | 22)
    public static let mppTimeout = FailureCode(rawValue: 23)
    public static let invalidOnionBlinding = FailureCode(rawValue: badOnion | permanent | 24)
}
