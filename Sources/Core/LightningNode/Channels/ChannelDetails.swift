import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// What is to be known of a channel whose first commitments both sides have signed.
public struct ChannelDetails: Hashable, Sendable {
    /// What was fixed at its opening.
    public let parameters: ChannelParameters
    /// Whether the network may learn of it.
    public let isAnnounced: Bool
    /// The confirmations that this side waits for.
    public let minimumDepth: UInt32
    /// Where in the chain the funding transaction is; nil while it is not.
    public let position: FundingPosition?
    /// The height from which the wait for it counts.
    public let waitingSince: BlockHeight
    /// The place of the funding output as a name; nil while it is not in the chain.
    public let name: ShortChannelID?
    /// The alias that this side has given it.
    public let alias: ShortChannelID
    /// The alias that the peer has given it; nil where it has not.
    public let peerAlias: ShortChannelID?
    /// What this side's commitment comes to.
    public let size: CommitmentSize
    /// The fee rate of the commitments.
    public let feerate: FeeratePerKw
    /// The number of this side's commitment.
    public let commitmentNumber: UInt64
    /// What each side has paid the other over the channel.
    public let paid: Balances
    /// What this side can offer in one HTLC, as far as balance, reserve and fees go.
    public let sendable: MilliSatoshi
    /// The HTLCs that are on their way.
    public let htlcs: [HTLCReport]
    /// The transactions that both sides have signed to close it, the latest last.
    public let closings: [Transaction]
    /// Whether this side has not the latest state, so that the peer alone can close the channel.
    public let isOutdated: Bool
    /// Whether it has only a backup: the balances mean nothing then.
    public let isRestored: Bool

    /// The channel's own name where it has one, else the alias that this side has given it.
    public var anyName: ShortChannelID { name ?? alias }
}

/// An HTLC that is on its way over a channel.
public struct HTLCReport: Hashable, Sendable {
    /// Who has offered it, and its number among those.
    public let key: HTLCKey
    public let amount: MilliSatoshi
    public let paymentHash: PaymentHash
    public let cltvExpiry: BlockHeight
    /// Whether both sides' commitments have it for good.
    public let isCommitted: Bool
    /// The HTLC that this one forwards; nil where it forwards none.
    public let forwards: Place?

    /// The place of an HTLC in another channel.
    public struct Place: Hashable, Sendable {
        /// By what name the channel is known.
        public let channel: ShortChannelID
        /// Its number among those that the peer has offered there.
        public let id: UInt64
    }
}

extension LightningNode {
    /// The details of a channel; nil while nothing is signed.
    func details(_ number: ChannelKeyNumber) -> ChannelDetails? {
        guard let established = channels[number]?.established else { return nil }
        let commitments = established.commitments
        return ChannelDetails(
            parameters: commitments.parameters, isAnnounced: established.isAnnounced,
            minimumDepth: established.minimumDepth, position: established.position,
            waitingSince: established.waitingSince, name: established.shortChannelID,
            alias: established.alias, peerAlias: established.peerAlias, size: commitments.size,
            feerate: commitments.feerate,
            commitmentNumber: commitments.localNumber, paid: commitments.paid,
            sendable: established.isUsable ? commitments.sendable : .zero,
            htlcs: (commitments.offered + commitments.received).map(report),
            closings: established.closings, isOutdated: established.isOutdated,
            isRestored: established.isRestored)
    }

    private func report(_ htlc: ChannelHTLC) -> HTLCReport {
        var forwards: HTLCReport.Place?
        if case .forward(let channel, let id) = htlc.origin,
            let established = channels[channel]?.established
        {
            forwards = HTLCReport.Place(
                channel: established.shortChannelID ?? established.alias, id: id)
        }
        return HTLCReport(
            key: htlc.key, amount: htlc.amount, paymentHash: htlc.paymentHash,
            cltvExpiry: htlc.cltvExpiry, isCommitted: htlc.addition == .irrevocable,
            forwards: forwards)
    }

    /// How far the end of a channel on the chain has come; nil while the channel lives.
    func closingReport(_ number: ChannelKeyNumber) -> ClosingReport? {
        guard let closing = closings[number] else { return nil }
        let snapshot = closing.snapshot
        return ClosingReport(
            isPublishing: closing.isPublishing,
            claimed: publisher.standingClaims.reduce(.zero) {
                $1.channel == number ? $0 + $1.value : $0
            },
            local: ClosingCommitment(id: snapshot.local.id, fee: snapshot.local.fee),
            remote: ClosingCommitment(id: snapshot.remote.id, fee: snapshot.remote.fee),
            remoteNext: snapshot.remoteNext.map { ClosingCommitment(id: $0.id, fee: $0.fee) },
            scripts: snapshot.closingScripts, progress: closing.progress)
    }
}
