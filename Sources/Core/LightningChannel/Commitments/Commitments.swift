import Bitcoin
import LightningCommitment
import LightningCrypto
import LightningWire

/// The pair of mirrored commitments of a channel and the updates on their way into them (BOLT 2, "Normal Operation").
///
/// Every update is kept once, with the stage that it has reached (``UpdateStage``). Each commitment, present or next, is a
/// view of them (``CommitmentView``), so the two sides of the ladder cannot contradict each other.
///
/// A step first checks everything, then changes the value in place; one that throws has changed nothing. What it answers
/// goes out only once its writes are durable. What is proposed and not signed is not durable: losing the connection loses
/// it on both sides, and a restart is such a loss (``disconnect()``).
public struct Commitments: Hashable, Sendable {
    public let parameters: ChannelParameters
    /// The fundings that every commitment is signed for; the first is the one in use.
    public internal(set) var fundings: [ActiveFunding]

    /// The number of this side's commitment.
    public internal(set) var localNumber: UInt64 = 0
    /// The number of the peer's commitment that this side signed last.
    public internal(set) var remoteNumber: UInt64 = 0
    /// Whether the peer has still to revoke the commitment before that one.
    public internal(set) var isAwaitingRevocation = false
    /// Whether the last `commitment_signed` went out before the last `revoke_and_ack`.
    var commitmentPrecedesRevocation = false

    /// The fee rate that is irrevocably in both commitments.
    public internal(set) var feerate: FeeratePerKw { didSet { keptTallies.drop() } }
    /// The fee rates on their way, oldest first; the opener proposed them.
    public internal(set) var pendingFeerates: [PendingFeerate] = [] {
        didSet { keptTallies.drop() }
    }

    /// What each side has paid the other over the channel, in HTLCs that are settled.
    public internal(set) var paid = Balances(local: .zero, remote: .zero)
    /// The HTLCs that this side offers, by ascending id.
    public internal(set) var offered: [ChannelHTLC] = [] { didSet { keptTallies.drop() } }
    /// The HTLCs that the peer offers, by ascending id.
    public internal(set) var received: [ChannelHTLC] = [] { didSet { keptTallies.drop() } }
    var keptTallies = KeptTallies()
    var nextLocalID: UInt64 = 0
    var nextRemoteID: UInt64 = 0
    /// The peer's messages that are still of use: the addition of each HTLC that it offers, the removal of those of this
    /// side.
    var remoteMessages: [HTLCKey: CommitmentUpdate] = [:]

    /// This side's updates that it has not signed for, in order.
    public internal(set) var proposed: [CommitmentUpdate] = []
    /// This side's updates that the last `commitment_signed` brought, until it is acknowledged.
    public internal(set) var signed: [CommitmentUpdate] = []

    /// What is decided about HTLCs of the peer and not signed yet, by their ids.
    var resolutions: [UInt64: HTLCResolution] = [:]
    /// Whether messages can be exchanged: not after losing the connection or restarting, before the channel is
    /// reestablished.
    public internal(set) var isConnected = true

    /// The point of this side's commitment, and of its next one.
    var localPoint: PublicKey
    var localNextPoint: PublicKey
    /// The point of the peer's oldest commitment that is not revoked, and of the one after it.
    var remotePoint: PublicKey
    var remoteNextPoint: PublicKey?
    public internal(set) var revealedSecrets = RevealedSecrets()

    var shutdown = Shutdowns()
    /// Whether the peer has said `shutdown` on this connection.
    var hasHeardShutdown = false
    var quiescence = Quiescence()
    var holdback = Holdback()
    var preparedKeys = PreparedKeys()

    /// The commitments numbered 0 over `fundings`, of which there is at least one, after both sides have signed them.
    ///
    /// `localPoints` and `remotePoint` are those of `open_channel` and `accept_channel` and, for this side, of its
    /// `channel_ready`; that of the peer is told with ``setRemoteNextPoint(_:)``.
    public init(
        parameters: ChannelParameters, fundings: [ActiveFunding], feerate: FeeratePerKw,
        localPoints: (first: PublicKey, second: PublicKey), remotePoint: PublicKey
    ) {
        self.parameters = parameters
        precondition(!fundings.isEmpty, "a channel has a funding")
        self.fundings = fundings
        self.feerate = feerate
        localPoint = localPoints.first
        localNextPoint = localPoints.second
        self.remotePoint = remotePoint
    }

    /// Takes `second_per_commitment_point` of the peer's `channel_ready`. Later ones are redundant and change nothing.
    public mutating func setRemoteNextPoint(_ point: PublicKey) -> ChannelStep {
        guard remoteNextPoint == nil else { return ChannelStep() }
        remoteNextPoint = point
        return ChannelStep(writes: [pointsWrite(.remote)])
    }

    /// The HTLC named by `key`; nil where there is none.
    public func htlc(_ key: HTLCKey) -> ChannelHTLC? {
        index(of: key).map { self[key.offerer][$0] }
    }

    /// The HTLCs of one offerer, by ascending id.
    subscript(offerer: Party) -> [ChannelHTLC] {
        switch offerer {
        case .local: offered
        case .remote: received
        }
    }

    /// The position of an HTLC among those of its offerer.
    func index(of key: HTLCKey) -> Int? {
        let htlcs = self[key.offerer]
        var (low, high) = (0, htlcs.count)
        while low < high {
            let middle = (low + high) / 2
            if htlcs[middle].key.id < key.id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < htlcs.count && htlcs[low].key.id == key.id ? low : nil
    }

    /// The messages of the peer's HTLCs that are irrevocably committed and that nothing is decided about: what is to be
    /// forwarded, fulfilled or failed, or was forwarded and waits. A restart starts from them.
    public var openReceived: [ChannelEvent] {
        received.compactMap {
            $0.isOpen && resolutions[$0.key.id] == nil ? committedEvent($0) : nil
        }
    }

    /// The fee rate of one commitment.
    public func feerate(_ view: CommitmentView) -> FeeratePerKw {
        pendingFeerates.last { view.includes($0.stage, by: parameters.opener) }?.feerate ?? feerate
    }

    /// The sums over one commitment, at its own fee rate unless another one is asked about.
    func tally(_ view: CommitmentView, at other: FeeratePerKw? = nil) -> CommitmentTally {
        var tally = CommitmentTally(
            owner: view.owner, format: parameters.format, feerate: other ?? feerate(view),
            dustLimit: parameters[view.owner].dustLimit)
        for htlc in offered { tally.count(htlc, as: view.presence(of: htlc)) }
        for htlc in received { tally.count(htlc, as: view.presence(of: htlc)) }
        return tally
    }
}
