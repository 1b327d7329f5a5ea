import Bitcoin
import LightningWire

/// Why a hop gives an HTLC back, told to the origin of the payment (BOLT 4, "Failure Messages").
///
/// `channelUpdate` holds the bytes of a `channel_update`, with or without its type; this node sends none, since
/// applying one tells others who sent the payment.
public enum Failure: Hashable, Sendable {
    case temporaryNodeFailure
    case permanentNodeFailure
    case requiredNodeFeatureMissing
    case invalidOnionVersion(onionHash: Hash256)
    case invalidOnionHMAC(onionHash: Hash256)
    case invalidOnionKey(onionHash: Hash256)
    case temporaryChannelFailure(channelUpdate: [UInt8] = [])
    case permanentChannelFailure
    case requiredChannelFeatureMissing
    case unknownNextPeer
    case amountBelowMinimum(amount: MilliSatoshi, channelUpdate: [UInt8] = [])
    case feeInsufficient(amount: MilliSatoshi, channelUpdate: [UInt8] = [])
    case incorrectCltvExpiry(BlockHeight, channelUpdate: [UInt8] = [])
    case expiryTooSoon(channelUpdate: [UInt8] = [])
    /// Unknown hash, wrong secret, too little, or too late; `height` is the receiver's.
    case incorrectOrUnknownPaymentDetails(amount: MilliSatoshi, height: BlockHeight)
    case finalIncorrectCltvExpiry(BlockHeight)
    case finalIncorrectHTLCAmount(MilliSatoshi)
    case channelDisabled(flags: UInt16 = 0, channelUpdate: [UInt8] = [])
    case expiryTooFar
    /// A record of the payload is missing or wrong; `offset` counts from the payload's first byte.
    case invalidOnionPayload(type: UInt64, offset: UInt16)
    case mppTimeout
    case invalidOnionBlinding(onionHash: Hash256)
    /// A code of a later release, with all that follows it.
    case unknown(FailureCode, data: [UInt8])

    /// The number of the failure.
    public var code: FailureCode {
        switch self {
        case .temporaryNodeFailure: .temporaryNodeFailure
        case .permanentNodeFailure: .permanentNodeFailure
        case .requiredNodeFeatureMissing: .requiredNodeFeatureMissing
        case .invalidOnionVersion: .invalidOnionVersion
        case .invalidOnionHMAC: .invalidOnionHMAC
        case .invalidOnionKey: .invalidOnionKey
        case .temporaryChannelFailure: .temporaryChannelFailure
        case .permanentChannelFailure: .permanentChannelFailure
        case .requiredChannelFeatureMissing: .requiredChannelFeatureMissing
        case .unknownNextPeer: .unknownNextPeer
        case .amountBelowMinimum: .amountBelowMinimum
        case .feeInsufficient: .feeInsufficient
        case .incorrectCltvExpiry: .incorrectCltvExpiry
        case .expiryTooSoon: .expiryTooSoon
        case .incorrectOrUnknownPaymentDetails: .incorrectOrUnknownPaymentDetails
        case .finalIncorrectCltvExpiry: .finalIncorrectCltvExpiry
        case .finalIncorrectHTLCAmount: .finalIncorrectHTLCAmount
        case .channelDisabled: .channelDisabled
        case .expiryTooFar: .expiryTooFar
        case .invalidOnionPayload: .invalidOnionPayload
        case .mppTimeout: .mppTimeout
        case .invalidOnionBlinding: .invalidOnionBlinding
        case .unknown(let code, _): code
        }
    }
}
