import Bitcoin
import LightningCommitment
import LightningWire

/// How far the resolution of a closed channel has come.
public struct ClosingProgress: Hashable, Sendable {
    /// How the channel ended, with what has become of its outputs so far.
    public let summary: ClosingSummary
    /// What this node is to take and has not.
    public let waiting: [WaitingOutput]

    /// Whether this node has all that it gets, if no reorganisation takes it back. Anchors do not count: they may not be
    /// worth the fee.
    public var isResolved: Bool { waiting.allSatisfy { $0.purpose == .anchor } }
}

/// An output of a closed channel that this node is to take.
public struct WaitingOutput: Hashable, Sendable {
    public let outPoint: OutPoint
    public let amount: Satoshi
    public let purpose: OutputPurpose
    /// The lowest height of a block that can hold what takes it.
    public let earliest: BlockHeight
}

extension OnChainChannel {
    /// How far the resolution has come; nil where nothing in the chain has closed the channel.
    public var progress: ClosingProgress? {
        guard let resolution else { return nil }
        let waiting = resolution.outputs.compactMap { output -> WaitingOutput? in
            guard output.spend == nil, let claim = output.claim else { return nil }
            switch output.purpose {
            case .peersAnchor, .unidentified: return nil
            case .balance, .forfeitedBalance, .anchor, .htlc, .secondStage:
                return WaitingOutput(
                    outPoint: output.outPoint, amount: output.output.amount,
                    purpose: output.purpose, earliest: claim.earliest)
            }
        }
        return ClosingProgress(summary: ClosingSummary(resolution, snapshot), waiting: waiting)
    }
}
