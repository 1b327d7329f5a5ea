import LightningCrypto
import LightningPayment
import LightningWire
import NodeAPI

extension NodeAPI.FailureMessage {
    /// Why a part of a payment failed.
    init(_ failure: AttemptFailure) {
        self.init()
        // The payer itself is 0, and the first peer 1.
        failureSourceIndex = failure.hop.map { UInt32($0 + 1) } ?? 0
        switch failure.reason {
        case .reported(let reported):
            code = NodeAPI.FailureCode(reported)
            take(reported)
        case .unreadable, .unknownSource: code = .unreadableFailure
        case .notSent(.refusedByChannel): code = .temporaryChannelFailure
        case .notSent(.unknownChannel): code = .unknownNextPeer
        case .notSent(.interrupted), .timedOutOnChain: code = .internalFailure
        }
    }

    /// What some failures carry besides their kind.
    private mutating func take(_ failure: Failure) {
        switch failure {
        case .amountBelowMinimum(let amount, _), .feeInsufficient(let amount, _),
            .finalIncorrectHTLCAmount(let amount):
            htlcMsat = amount.value
        case .incorrectOrUnknownPaymentDetails(let amount, let height):
            htlcMsat = amount.value
            self.height = height.value
        case .incorrectCltvExpiry(let expiry, _), .finalIncorrectCltvExpiry(let expiry):
            cltvExpiry = expiry.value
        case .channelDisabled(let flags, _): self.flags = UInt32(flags)
        case .invalidOnionVersion(let hash), .invalidOnionHMAC(let hash),
            .invalidOnionKey(let hash), .invalidOnionBlinding(let hash):
            onionSha256 = hash.bytes
        case .temporaryNodeFailure, .permanentNodeFailure, .requiredNodeFeatureMissing,
            .temporaryChannelFailure, .permanentChannelFailure, .requiredChannelFeatureMissing,
            .unknownNextPeer, .expiryTooSoon, .expiryTooFar, .invalidOnionPayload, .mppTimeout,
            .unknown:
            break
        }
    }
}

extension NodeAPI.FailureCode {
    fileprivate init(_ failure: Failure) {
        self =
            switch failure {
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
            case .incorrectCltvExpiry: .incorrectCLTVExpiry
            case .expiryTooSoon: .expiryTooSoon
            case .incorrectOrUnknownPaymentDetails: .incorrectOrUnknownPaymentDetails
            case .finalIncorrectCltvExpiry: .finalIncorrectCLTVExpiry
            case .finalIncorrectHTLCAmount: .finalIncorrectHTLCAmount
            case .channelDisabled: .channelDisabled
            case .expiryTooFar: .expiryTooFar
            case .invalidOnionPayload: .invalidOnionPayload
            case .mppTimeout: .mppTimeout
            case .invalidOnionBlinding: .invalidOnionBlinding
            case .unknown: .unknownFailure
            }
    }
}
