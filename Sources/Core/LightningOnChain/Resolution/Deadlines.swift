import Bitcoin
import LightningCommitment
import LightningWire

/// When a channel has to go to the chain for an HTLC (BOLT 2, "`cltv_expiry_delta` Selection").
extension OnChainPolicy {
    /// The time that fulfilling an HTLC on the chain may take. BOLT 2: "a deadline of `2R+G+S` blocks before `cltv_expiry`:
    /// 18 blocks is reasonable."
    public var fulfillmentTime: UInt32 { 2 * reorganisation + grace + confirmation }

    /// The least difference of expiries at which forwarding is safe. BOLT 2: "the `cltv_expiry_delta` for channels,
    /// `3R+2G+2S`".
    public var cltvExpiryDelta: UInt32 { 3 * reorganisation + 2 * grace + 2 * confirmation }

    /// The height from which on an HTLC that this node offered, and that is still in a commitment, closes the channel.
    ///
    /// BOLT 2: "This is `G` blocks after the HTLC's `cltv_expiry`: 1 or 2 blocks is reasonable."
    public func timeoutDeadline(_ cltvExpiry: BlockHeight) -> BlockHeight {
        cltvExpiry + (Mutation.isOn(.lateForTimeouts) ? grace + 60 : grace)
    }

    /// The height from which on an HTLC that this node has fulfilled, and that is still in a commitment, closes the channel;
    /// and from which on an HTLC is not worth accepting.
    public func fulfillmentDeadline(_ cltvExpiry: BlockHeight) -> BlockHeight {
        cltvExpiry.saturatingSubtract(fulfillmentTime)
    }

    /// Why a channel with these HTLCs in a commitment has to be closed at `tip` without the peer; nil where it need not.
    ///
    /// BOLT 2: "if an HTLC which it offered is in either node's current commitment transaction, AND is past this timeout
    /// deadline: [...] MUST fail the channel." And the same "if an HTLC it has fulfilled is in either node's current
    /// commitment transaction, AND is past this fulfillment deadline". An HTLC that this node offered and whose preimage the
    /// peer has told is at no risk, and waits for the peer.
    public func reasonToClose(_ htlcs: some Sequence<OpenHTLC>, tip: BlockHeight) -> HTLCDeadline? {
        for htlc in htlcs {
            switch (htlc.direction, htlc.preimage) {
            case (.offered, nil) where tip >= timeoutDeadline(htlc.cltvExpiry):
                return .timeout(id: htlc.id, cltvExpiry: htlc.cltvExpiry)
            case (.received, _?) where tip >= fulfillmentDeadline(htlc.cltvExpiry):
                return .fulfillment(id: htlc.id, cltvExpiry: htlc.cltvExpiry)
            case (.offered, _), (.received, _): continue
            }
        }
        return nil
    }

    /// Whether to fail an incoming HTLC back though the HTLC that forwards it is stuck: the peer upstream is about to close
    /// its channel, which would cost more than is lost where the stuck one is fulfilled after all.
    ///
    /// `atStake` is the stuck HTLC's amount. BOLT 5: "The requirement that the incoming HTLC be failed before its own timeout
    /// still applies as an upper bound."
    public func failsBackEarly(
        atStake: MilliSatoshi, upstreamExpiry: BlockHeight, closureCost: Satoshi, tip: BlockHeight
    ) -> Bool {
        isLastChance(upstreamExpiry: upstreamExpiry, tip: tip) && atStake.roundedUp <= closureCost
    }

    /// Whether an incoming HTLC has to be failed now if it is to be before the peer upstream closes its channel.
    func isLastChance(upstreamExpiry: BlockHeight, tip: BlockHeight) -> Bool {
        // The peer upstream may close once its HTLC has expired; it needs a few blocks to take the removal in.
        tip >= upstreamExpiry.saturatingSubtract(grace + reorganisation)
    }

    /// What the closure of a channel without the peer costs in fees at `feerate`, with `htlcOutputs` HTLCs to resolve:
    /// the commitment, the sweep of this side's balance, and a transaction for each HTLC with the sweep of what it makes.
    public func closureCost(
        _ format: CommitmentFormat, feerate: FeeratePerKw, htlcOutputs: Int
    ) -> Satoshi {
        let count = UInt64(max(0, htlcOutputs))
        let htlc =
            CommitmentFormat.htlcOutputWeight + format.htlcSuccessWeight + ClosureWeights.sweptInput
        let total = Weight(
            format.baseWeight.value + ClosureWeights.sweep.value + count * htlc.value)
        return feerate.feeRoundedUp(for: total) + format.anchorsAmount
    }
}

/// Why a channel has to be closed without the peer.
public enum HTLCDeadline: Hashable, Sendable {
    /// The peer has neither fulfilled nor failed this node's HTLC, which has expired.
    case timeout(id: UInt64, cltvExpiry: BlockHeight)
    /// The peer has not taken the preimage of its HTLC, which is about to expire.
    case fulfillment(id: UInt64, cltvExpiry: BlockHeight)
}

/// Weights of sweeping delayed outputs to a wallet.
private enum ClosureWeights {
    /// An input of a delayed output with its witness: 41 bytes, and a signature, an empty item and the script.
    static let sweptInput = Weight(41 * 4 + 1 + 72 + 1 + 80)
    /// A transaction with one such input and one taproot output.
    static let sweep = Weight(10 * 4 + 2 + 43 * 4) + sweptInput
}
