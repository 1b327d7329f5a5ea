import Bitcoin
import LightningWire

/// Why a channel does not go on as it was.
public enum ChannelFailure: Error, Equatable, Sendable {
    case opening(OpeningError)
    case channel(ChannelError)
    /// The peer has sent an `error`. Its bytes are not to be printed unescaped.
    case peerFailed([UInt8])
    /// The transaction that confirmed does not have the channel's funding output.
    case wrongFunding(expected: TransactionOutput, actual: TransactionOutput)
    /// The message does not belong to the channel's state.
    case unexpectedMessage(type: UInt16, ChannelState)
    /// The peer has sent something else before `channel_reestablish`.
    case notReestablished(type: UInt16)
    /// The user wants the channel closed without the peer.
    case requested

    /// What the failure leads to.
    public var disposition: Disposition {
        switch self {
        case .opening: .failChannel
        case .channel(let error): error.disposition(.remote)
        case .peerFailed, .requested: .forceClose
        // There is nothing to publish a commitment for.
        case .wrongFunding: .failChannel
        case .unexpectedMessage, .notReestablished: .disconnect
        }
    }
}

extension ChannelFailure: CustomStringConvertible {
    /// The description as the peer gets it. What a peer has sent may stand in it at length, so it is cut.
    var text: [UInt8] { Array("\(self)".utf8.prefix(500)) }

    /// What the peer is told.
    public var description: String {
        switch self {
        case .opening(let error): "\(error)"
        case .channel(let error): "\(error)"
        case .peerFailed: "the channel is failed, as the other side's error asks for"
        case .wrongFunding(let expected, let actual):
            "the funding output has \(actual.amount) instead of \(expected.amount), or another script"
        case .unexpectedMessage(let type, let state):
            "message of type \(type) while the channel is \(state.rawValue)"
        case .notReestablished(let type): "message of type \(type) before channel_reestablish"
        case .requested: "closed by the operator"
        }
    }
}

/// Why there is no channel any more, or never was one. Its coins are free again.
public enum ForgottenReason: Equatable, Sendable {
    /// The opening was refused, by the peer or by this side.
    case failed(ChannelFailure)
    /// The connection was lost before both had signed.
    case disconnected
    /// The funding transaction was not mined within 2016 blocks.
    case fundingTimeout
    /// The funding transaction can never be mined.
    case fundingDoubleSpent
    /// The user gave it up.
    case abandoned
}

extension ForgottenReason: CustomStringConvertible {
    /// The description as the peer gets it, cut like that of a failure.
    var text: [UInt8] { Array("\(self)".utf8.prefix(500)) }

    /// What the peer is told.
    public var description: String {
        switch self {
        case .failed(let failure): "\(failure)"
        case .disconnected: "the connection was lost before both sides had signed"
        case .fundingTimeout: "the funding transaction was not mined within 2016 blocks"
        case .fundingDoubleSpent: "the funding transaction can never be mined"
        case .abandoned: "given up by the operator"
        }
    }
}
