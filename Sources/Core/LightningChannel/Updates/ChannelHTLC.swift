import Bitcoin
import LightningCommitment
import LightningWire

/// Names an HTLC of a channel.
public struct HTLCKey: Hashable, Sendable {
    public var offerer: Party
    /// The number of the HTLC among those of its offerer.
    public var id: UInt64

    /// HTLC `id` of `offerer`.
    public init(offerer: Party, id: UInt64) {
        self.offerer = offerer
        self.id = id
    }

    /// One word: HTLCs are looked up often, and their numbers are far below 2^63.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id << 1 | UInt64(offerer.rawValue))
    }
}

/// An HTLC that is in a commitment, or proposed for one.
public struct ChannelHTLC: Hashable, Sendable {
    /// How an HTLC ends.
    public enum Outcome: Hashable, Sendable {
        /// The preimage is known, and the amount goes to the side that took the HTLC.
        case fulfilled(PaymentPreimage)
        /// The amount goes back to the offerer.
        case failed
    }

    /// The way of an HTLC's removal.
    public struct Removal: Hashable, Sendable {
        public let outcome: Outcome
        public internal(set) var stage: UpdateStage
    }

    public let key: HTLCKey
    public let amount: MilliSatoshi
    public let paymentHash: PaymentHash
    public let cltvExpiry: BlockHeight
    /// Whether too much is in HTLCs without outputs for this one to be forwarded or fulfilled.
    public let exceedsDustExposure: Bool
    /// What this side offered it for; nil for an HTLC of the peer.
    public let origin: HTLCOrigin?
    /// How far the HTLC's addition is, which its offerer proposed.
    public internal(set) var addition: UpdateStage = .proposed
    /// How far its removal is, which the other side proposed.
    public internal(set) var removal: Removal?
    /// The number of the peer's first commitment with the HTLC.
    public internal(set) var firstRemoteCommitment: UInt64?
    /// The number of the peer's first commitment without it again.
    public internal(set) var endRemoteCommitment: UInt64?

    init(
        key: HTLCKey, amount: MilliSatoshi, paymentHash: PaymentHash, cltvExpiry: BlockHeight,
        exceedsDustExposure: Bool, origin: HTLCOrigin? = nil
    ) {
        self.key = key
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.exceedsDustExposure = exceedsDustExposure
        self.origin = origin
    }

    /// Whether the HTLC is irrevocably committed and nothing is on the way that removes it.
    public var isOpen: Bool { addition == .irrevocable && removal == nil }

    /// The HTLC as the commitment of `owner` holds it.
    func inCommitment(of owner: Party) -> CommitmentHTLC {
        CommitmentHTLC(
            direction: key.offerer == owner ? .offered : .received, id: key.id, amount: amount,
            paymentHash: paymentHash, cltvExpiry: cltvExpiry)
    }

    /// Moves the parts that `move` is about; answers whether there was one.
    mutating func advance(_ move: StageMove, remoteNumber: UInt64) -> Bool {
        let (added, removed) = (move[key.offerer], move[key.offerer.other])
        if addition == added.from {
            addition = added.to
            if firstRemoteCommitment == nil, addition.isInRemoteCommitment(by: key.offerer) {
                firstRemoteCommitment = remoteNumber
            }
            return true
        }
        guard removal?.stage == removed.from else { return false }
        removal?.stage = removed.to
        if endRemoteCommitment == nil, removed.to.isInRemoteCommitment(by: key.offerer.other) {
            endRemoteCommitment = remoteNumber
        }
        return true
    }
}

extension UpdateStage {
    /// Whether an update of `proposer` at this stage is in the peer's latest commitment.
    func isInRemoteCommitment(by proposer: Party) -> Bool {
        CommitmentView.remoteSigned.includes(self, by: proposer)
    }
}
