import LightningWire

/// Which side has said that something fundamental is underway (BOLT 2, "Channel Quiescence"). Not durable: a new
/// connection starts without.
///
///     initiator                              other side
///     waits until its updates are irrevocable
///                 ---- stfu (1) --------->   signs and removes nothing new, waits likewise
///                 <--- stfu (0) ----------
///     quiescent                              quiescent
public struct Quiescence: Hashable, Sendable {
    /// What this side has sent: whether as initiator.
    var sent: Bool?
    /// What the peer has sent: whether as initiator.
    var received: Bool?
}

extension Commitments {
    /// Whether both sides have said `stfu`: neither commitment changes until the connection ends or the protocol that
    /// asked for it is done.
    public var isQuiescent: Bool { quiescence.sent != nil && quiescence.received != nil }

    /// Whether the peer waits for this side's `stfu`, which is due as soon as ``hasPendingUpdates(of:)`` allows.
    public var owesQuiescence: Bool { quiescence.sent == nil && quiescence.received != nil }

    /// The side whose protocol goes first once the channel is quiescent.
    ///
    /// BOLT 2: "If both sides send `stfu` simultaneously, they will both set `initiator` to `1`, in which case the
    /// "initiator" is arbitrarily considered to be the channel funder (the sender of `open_channel`)."
    public var quiescenceInitiator: Party? {
        guard let sent = quiescence.sent, let received = quiescence.received else { return nil }
        return sent == received ? parameters.opener : sent ? .local : .remote
    }

    /// Whether an update that `party` proposed is not irrevocable yet.
    public func hasPendingUpdates(of party: Party) -> Bool {
        (parameters.opener == party && !pendingFeerates.isEmpty)
            || self[party].contains { $0.addition != .irrevocable }
            || self[party.other].contains { $0.removal != nil }
    }

    /// Says `stfu`, as initiator or as an answer.
    public mutating func sendQuiescence() throws(ChannelError) -> ChannelStep {
        // BOLT 2: "MUST NOT send `stfu` twice."
        guard quiescence.sent == nil else { throw .quiescing(.local) }
        // BOLT 2: "MUST NOT send `stfu` if any of the sender's htlc additions, htlc removals or fee updates are pending
        // for either peer."
        guard !hasPendingUpdates(of: .local) else { throw .updatesPending(.local) }

        let isInitiator = quiescence.received == nil
        quiescence.sent = isInitiator
        return ChannelStep(messages: [
            .stfu(
                SomethingFundamentalIsUnderway(
                    channelID: parameters.channelID, initiator: isInitiator ? 1 : 0))
        ])
    }

    /// Takes the peer's `stfu`.
    public mutating func receive(
        _ message: SomethingFundamentalIsUnderway
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        guard quiescence.received == nil else { throw .quiescing(.remote) }
        guard !hasPendingUpdates(of: .remote) else { throw .updatesPending(.remote) }

        quiescence.received = message.initiator != 0
        return ChannelStep()
    }

    /// Ends quiescence, as the protocol that asked for it says.
    public mutating func endQuiescence() { quiescence = Quiescence() }

    /// Throws where `party` may not propose updates now.
    ///
    /// BOLT 2: "MUST NOT send an update message after `stfu`." And for its receiver: "SHOULD NOT send any more update
    /// messages."
    func checkMayUpdate(_ party: Party) throws(ChannelError) {
        switch party {
        case .local:
            guard isConnected else { throw .notConnected }
            guard quiescence == Quiescence() else {
                throw .quiescing(quiescence.sent == nil ? .remote : .local)
            }
        case .remote:
            guard quiescence.received == nil else { throw .quiescing(.remote) }
        }
    }
}
