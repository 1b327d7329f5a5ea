import Bitcoin
import LightningCommitment
import LightningWire

/// What the node asks about a channel's commitments.
extension Commitments {
    /// The id of the HTLC that `party` offers next: one above every id that it has used for a signed HTLC.
    public func nextID(of party: Party) -> UInt64 {
        switch party {
        case .local: nextLocalID
        case .remote: nextRemoteID
        }
    }

    /// What this side can offer in one HTLC as far as balance, reserve and fees go; other limits are the channel's to check.
    public var sendable: MilliSatoshi {
        let next = tally(.remoteNext)
        let kept =
            parameters.reserve(of: .local)
            + (parameters.opener == .local ? next.openerCostWithBuffer : .zero)
        return fundings.map {
            next.balance(of: .local, $0).subtracting(kept) ?? .zero
        }.min() ?? .zero
    }

    /// What this side's commitment comes to at present.
    public var size: CommitmentSize {
        let tally = tally(.local)
        let fees = CommitmentFees(
            format: parameters.format, feerate: tally.feerate,
            dustLimit: parameters.local.dustLimit)
        return CommitmentSize(
            fee: fees.baseFee(htlcOutputs: tally.outputs),
            weight: fees.weight(htlcOutputs: tally.outputs),
            local: balance(of: .local, tally), remote: balance(of: .remote, tally))
    }

    private func balance(of party: Party, _ tally: CommitmentTally) -> MilliSatoshi {
        let cost = party == parameters.opener ? tally.openerCost : .zero
        return tally.balance(of: party, fundings[0]).subtracting(cost) ?? .zero
    }

    /// What this side can offer in HTLCs now, the peer's limits included: on how many there may be, and how much they hold.
    public var offerable: MilliSatoshi {
        let (offers, peer) = (tally(.remoteNext).offers(of: .local), parameters[.remote])
        guard offers.count < Int(peer.maximumAcceptedHTLCs) else { return .zero }
        return min(sendable, peer.maximumInFlight.subtracting(offers.value) ?? .zero)
    }

    /// Whether one more HTLC may go out here that came in by one of these channels, which are of one peer.
    ///
    /// What a peer has sent that is still out may take an eighth of the HTLCs that there may be (`max_accepted_htlcs`), or a
    /// quarter where there are few, and one more for each of its HTLCs that have `succeeded`; but never more than seven times as many as it leaves free: an eighth is
    /// left to all others, and of that an eighth again where a second peer does the same. So nobody can jam the channel by
    /// payments that do not end, nor make every commitment dear by hundreds of them.
    public func hasRoom(forMoreFrom incoming: [ChannelKeyNumber], succeeded: Int) -> Bool {
        let limit = Int(parameters[.remote].maximumAcceptedHTLCs)
        let theirs = offered.count { htlc in
            guard case .forward(let channel, _) = htlc.origin else { return false }
            return incoming.contains(channel)
        }
        let first = max(limit / 8, min(limit / 4, Self.fewHTLCs), 1)
        let (earned, isMore) = first.addingReportingOverflow(succeeded)
        return theirs < Self.jammingShare * (limit - offered.count) && (isMore || theirs < earned)
    }

    /// How many times what is free one peer's HTLCs may take.
    private static let jammingShare = 7
    /// As many may any peer have on their way at first where a quarter of all is more: parts of one payment, say.
    private static let fewHTLCs = 12

    /// What the peer can offer in one HTLC as far as its balance, its reserve, fees and this side's limit go.
    public var receivable: MilliSatoshi {
        let next = tally(.localNext)
        let kept =
            parameters.reserve(of: .remote)
            + (parameters.opener == .remote ? next.openerCostWithBuffer : .zero)
        let left = fundings.map { next.balance(of: .remote, $0).subtracting(kept) ?? .zero }
        let limit = parameters.local.maximumInFlight
            .subtracting(next.offers(of: .remote).value)
        return min(left.min() ?? .zero, limit ?? .zero)
    }

    /// The least that the peer takes in one HTLC (BOLT 2, `htlc_minimum_msat`).
    public var leastOffer: MilliSatoshi { max(MilliSatoshi(1), parameters[.remote].htlcMinimum) }

    /// Where `party` has said that a mutual close is to pay it; nil where it has not.
    public func shutdownScript(of party: Party) -> Script? {
        switch party {
        case .local: shutdown.local
        case .remote: shutdown.remote
        }
    }
}

/// What a commitment transaction costs and gives.
public struct CommitmentSize: Hashable, Sendable {
    /// What miners get of it, HTLCs without outputs aside; the opener pays it.
    public let fee: Satoshi
    /// The weight by which the fee is computed.
    public let weight: Weight
    /// What this side gets, after the fee and without HTLCs.
    public let local: MilliSatoshi
    /// What the peer gets.
    public let remote: MilliSatoshi
}
