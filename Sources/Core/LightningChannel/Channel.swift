import Bitcoin
import LightningCommitment
import LightningWire

/// A channel from `open_channel` to its last transaction (BOLT 2).
///
///     opening       not durable: gone with the connection, and nothing lost
///     established   both sides have signed: the state is durable from here on
///     forgotten     there never was any money in it
///
/// A value without IO: an input leads to a ``ChannelStep``, whose messages and events may take effect only once its writes
/// are durable.
public struct Channel: Equatable, Sendable {
    /// The number of the channel's keys, by which the node and its records know it.
    public let keys: ChannelKeyNumber
    /// The node across.
    public let peer: PublicKey
    var stage: Stage

    enum Stage: Equatable, Sendable {
        case opening(Opening)
        case established(EstablishedChannel)
        case forgotten(ForgottenReason)
    }

    init(keys: ChannelKeyNumber, peer: PublicKey, _ stage: Stage) {
        self.keys = keys
        self.peer = peer
        self.stage = stage
    }

    /// Opens a channel: asks the peer with `open_channel`.
    ///
    /// Throws where the request breaks a rule of BOLT 2, or the context does not allow it.
    public static func open(
        _ request: OpenRequest, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(OpeningError) -> (Channel, ChannelStep) {
        let (state, message) = try WaitForAccept.open(request, context, signer)
        let channel = Channel(
            keys: request.keys, peer: request.peer, .opening(.waitForAccept(state)))
        return (channel, ChannelStep(messages: [.openChannel(message)]))
    }

    /// Takes the channel that `message` of `peer` asks for: answers with `accept_channel`.
    ///
    /// Throws what is wrong with it; the node tells the peer with ``refusal(_:of:)``.
    public static func accept(
        _ message: OpenChannel, as keys: ChannelKeyNumber, from peer: PublicKey,
        _ policy: AcceptPolicy, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(OpeningError) -> (Channel, ChannelStep) {
        let (state, answer) = try WaitForFundingCreated.accept(
            message, keys, policy, context, signer)
        let channel = Channel(
            keys: keys, peer: peer, .opening(.waitForFundingCreated(state)))
        return (channel, ChannelStep(messages: [.acceptChannel(answer)]))
    }

    /// The `error` that tells a peer why its `open_channel` is refused.
    public static func refusal(_ error: OpeningError, of message: OpenChannel) -> Message {
        .error(.opening(error), channelID: message.temporaryChannelID)
    }

    /// Where the channel is in its life.
    public var state: ChannelState {
        switch stage {
        case .opening: .opening
        case .established(let established): established.state
        case .forgotten: .forgotten
        }
    }

    /// The channel's id; the temporary one until its funding is known.
    public var channelID: ChannelID {
        switch stage {
        case .opening(let opening): opening.channelID
        case .established(let established): established.commitments.parameters.channelID
        case .forgotten: .all
        }
    }

    /// The ids by which messages of the peer may speak of the channel.
    public var channelIDs: [ChannelID] {
        guard case .opening(let opening) = stage else { return [channelID] }
        return opening.channelIDs
    }

    /// The side that pays for the channel's transactions.
    public var opener: Party? {
        switch stage {
        case .opening(let opening): opening.opener
        case .established(let established): established.commitments.parameters.opener
        case .forgotten: nil
        }
    }

    /// The commitments; nil until both sides have signed the first.
    public var commitments: Commitments? { established?.commitments }

    /// When what waits for company is signed at the latest, in milliseconds since 1970; nil where nothing waits.
    public var holdEnd: UInt64? {
        guard case .established(let established) = stage else { return nil }
        return established.commitments.holdEnd
    }

    /// The peer's commitment that was signed and not answered on this connection; nil where none is.
    public var unansweredCommitment: UInt64? {
        guard case .established(let established) = stage, established.commitments.isConnected,
            established.commitments.isAwaitingRevocation
        else { return nil }
        return established.commitments.remoteNumber
    }

    /// Everything of the channel that is durable; nil until both sides have signed the first commitments.
    public var established: EstablishedChannel? {
        guard case .established(let established) = stage else { return nil }
        return established
    }
}

/// Where a channel is in its life. The raw value is for people.
public enum ChannelState: String, Hashable, Sendable {
    /// The two sides talk about the terms, or sign.
    case opening = "opening"
    /// The funding transaction has to be mined, or `channel_ready` is to come.
    case waitForReady = "waiting to be ready"
    /// Payments may go through.
    case normal = "open"
    /// `shutdown` has been said: HTLCs are removed, none is added.
    case shuttingDown = "shutting down"
    /// The two sides agree on a closing transaction, or have agreed.
    case negotiating = "closing"
    /// The channel has failed: it ends on the chain.
    case failed = "failed"
    /// The records are older than the channel: nothing of it may be published.
    case outdated = "outdated"
    /// Only a backup of the channel was left: the peer is asked to close it.
    case restored = "restored"
    /// A transaction in the chain has spent the funding output.
    case spent = "closed on the chain"
    case forgotten = "forgotten"
}

extension Message {
    /// An `error` about a channel.
    static func error(_ failure: ChannelFailure, channelID: ChannelID) -> Message {
        .error(ErrorMessage(channelID: channelID, data: failure.text))
    }

    /// A `warning` about a channel.
    static func warning(_ failure: ChannelFailure, channelID: ChannelID) -> Message {
        .warning(WarningMessage(channelID: channelID, data: failure.text))
    }

    /// The number of the message's type.
    var type: UInt16 {
        switch content {
        case let content?: Swift.type(of: content).type
        case nil: if case .unknown(let type, _) = self { type } else { 0 }
        }
    }
}
