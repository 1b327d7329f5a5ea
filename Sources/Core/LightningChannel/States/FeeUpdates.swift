import Bitcoin
import LightningCommitment
import LightningWire

/// When the opener changes the fee rate of the commitments (BOLT 2, `update_fee`).
extension EstablishedChannel {
    /// Proposes the fee rate that the commitments should have, or what the opener can pay on the way to it.
    ///
    /// BOLT 2: "SHOULD send `update_fee` to ensure the current fee rate is sufficient (by a significant margin) for timely
    /// processing of the commitment transaction." The margin is in the target; small movements are not followed.
    mutating func feeIfDue(_ context: ChannelContext) -> ChannelStep {
        guard commitments.parameters.opener == .local, commitments.pendingFeerates.isEmpty else {
            return ChannelStep()
        }
        let current = commitments.feerate
        let target = context.feerates.target(commitments.parameters.format)
        var candidate = max(target, .minimumRelay)
        while Self.isWorthChanging(current, to: candidate) {
            if let step = try? commitments.sendFee(candidate) { return step }
            // A lower rate is refused only where nothing may be proposed at all.
            guard candidate > current else { return ChannelStep() }
            candidate = FeeratePerKw(current.value + (candidate.value - current.value) / 2)
        }
        return ChannelStep()
    }

    /// A fifth more, or a third less.
    private static func isWorthChanging(
        _ current: FeeratePerKw, to candidate: FeeratePerKw
    ) -> Bool {
        candidate > current
            ? candidate.value - current.value > current.value / 5
            : current.value - candidate.value > current.value / 3
    }
}
