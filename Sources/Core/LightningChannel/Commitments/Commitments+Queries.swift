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

    /// Where `party` has said that a mutual close is to pay it; nil where it has not.
    public func shutdownScript(of party: Party) -> Script? {
        switch party {
        case .local: shutdown.local
        case .remote: shutdown.remote
        }
    }
}
