import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// Changes the fee rate of the commitments, which only the opener does.
    public mutating func sendFee(_ feerate: FeeratePerKw) throws(ChannelError) -> ChannelStep {
        try checkMayUpdate(.local)
        try checkMayChangeFee()
        // BOLT 2: "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`."
        guard parameters.opener == .local else { throw .feeFromAccepter }
        for view in [CommitmentView.remoteNext, .everything(of: .local)] {
            try checkFee(feerate, view)
            try checkDustExposure(feerate, view)
        }

        proposed.removeAll { if case .fee = $0 { true } else { false } }
        let message = UpdateFee(channelID: parameters.channelID, feerate: feerate)
        proposed.append(.fee(message))
        setPending(feerate)
        return ChannelStep(messages: [.updateFee(message)])
    }

    /// Takes the fee rate that the opener wants. What is `acceptable` is the caller's judgement of the market; with anchors
    /// a wide range serves, since either side can add fees.
    public mutating func receive(
        _ message: UpdateFee, acceptable: ClosedRange<FeeratePerKw>
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        try checkMayUpdate(.remote)
        try checkMayChangeFee()
        // BOLT 2: "if the sender is not responsible for paying the Bitcoin fee: MUST send a `warning` and close the
        // connection, or send an `error` and fail the channel."
        guard parameters.opener == .remote else { throw .feeFromAccepter }
        // BOLT 2: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send a `warning`
        // and close the connection, or send an `error` and fail the channel."
        guard acceptable.contains(message.feerate) else {
            throw .feerateOutOfRange(acceptable, actual: message.feerate)
        }
        // BOLT 2: "if the sender cannot afford the new fee rate on the receiving node's current commitment transaction:
        // SHOULD send a `warning` and close the connection, or send an `error` and fail the channel."
        try checkFee(message.feerate, .localNext)
        // What this side has proposed meanwhile does not count: the opener could not know of it.
        try checkDustExposure(message.feerate, .localNext)

        setPending(message.feerate)
        return ChannelStep()
    }

    /// Replaces the fee rate that is proposed, or proposes one.
    private mutating func setPending(_ feerate: FeeratePerKw) {
        pendingFeerates.removeAll { $0.stage == .proposed }
        pendingFeerates.append(PendingFeerate(feerate: feerate, stage: .proposed))
    }

    /// Throws where the opener cannot pay `feerate` above its reserve. A rate below the present one is always welcome.
    private func checkFee(
        _ feerate: FeeratePerKw, _ view: CommitmentView
    ) throws(ChannelError) {
        guard feerate > self.feerate(view) else { return }
        let tally = tally(view, at: feerate)
        let needed = parameters.reserve(of: parameters.opener) + tally.openerCost
        for funding in fundings {
            let available = tally.balance(of: parameters.opener, funding)
            guard available >= needed else {
                throw .cannotPayFee(needed: needed, available: available)
            }
        }
    }

    /// BOLT 2: "if `option_anchors` was not negotiated: if the `update_fee` increases `feerate_per_kw`: if the dust balance
    /// of the remote transaction at the updated `feerate_per_kw` is greater than `max_dust_htlc_exposure_msat`: MAY NOT
    /// send `update_fee`"
    private func checkDustExposure(
        _ feerate: FeeratePerKw, _ updates: CommitmentView
    ) throws(ChannelError) {
        switch parameters.format {
        case .anchors: return
        case .staticRemoteKey: break
        }
        for owner in [Party.remote, .local] {
            let view = updates.asOwned(by: owner)
            guard feerate > self.feerate(view) else { continue }
            let actual = tally(view, at: feerate).dust
            guard actual <= parameters.maximumDustExposure else {
                throw .dustExposure(
                    owner: owner, maximum: parameters.maximumDustExposure, actual: actual)
            }
        }
    }
}
