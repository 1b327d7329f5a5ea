import Bitcoin
import LightningWire

/// An `update_` message: a change that one side proposes for both commitments.
public enum CommitmentUpdate: Hashable, Sendable {
    case add(UpdateAddHTLC)
    case fulfill(UpdateFulfillHTLC)
    case fail(UpdateFailHTLC)
    case failMalformed(UpdateFailMalformedHTLC)
    case fee(UpdateFee)

    /// The message on the wire.
    public var message: Message {
        switch self {
        case .add(let message): .updateAddHTLC(message)
        case .fulfill(let message): .updateFulfillHTLC(message)
        case .fail(let message): .updateFailHTLC(message)
        case .failMalformed(let message): .updateFailMalformedHTLC(message)
        case .fee(let message): .updateFee(message)
        }
    }

    /// The HTLC that the update removes.
    var removedID: UInt64? {
        switch self {
        case .add, .fee: nil
        case .fulfill(let message): message.id
        case .fail(let message): message.id
        case .failMalformed(let message): message.id
        }
    }

    var channelID: ChannelID {
        switch self {
        case .add(let message): message.channelID
        case .fulfill(let message): message.channelID
        case .fail(let message): message.channelID
        case .failMalformed(let message): message.channelID
        case .fee(let message): message.channelID
        }
    }

    /// The update that `message` is; nil for every other message.
    public init?(_ message: Message) {
        if case .updateAddHTLC(let update) = message {
            self = .add(update)
        } else if case .updateFulfillHTLC(let update) = message {
            self = .fulfill(update)
        } else if case .updateFailHTLC(let update) = message {
            self = .fail(update)
        } else if case .updateFailMalformedHTLC(let update) = message {
            self = .failMalformed(update)
        } else if case .updateFee(let update) = message {
            self = .fee(update)
        } else {
            return nil
        }
    }
}

/// A fee rate on its way into both commitments. BOLT 2: "Unlike an HTLC, `update_fee` is never closed but simply
/// replaced."
public struct PendingFeerate: Hashable, Sendable {
    public let feerate: FeeratePerKw
    public internal(set) var stage: UpdateStage
}
