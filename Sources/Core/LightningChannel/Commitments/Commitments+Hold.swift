import Bitcoin
import LightningCommitment
import LightningWire

/// How long additions may wait for company (docs/channels.md, "Batches").
public struct AdditionPatience: Hashable, Sendable {
    /// With fewer HTLCs that the peer is about to remove nothing waits: a payment on its own never does.
    public var fewest = 6
    /// In milliseconds, and a third of one more for each of those HTLCs.
    public var shortest: UInt64 = 5
    /// In milliseconds.
    public var longest: UInt64 = 50

    /// The usual patience.
    public init() {}

    func limit(_ count: Int) -> UInt64 { min(longest, shortest + UInt64(count) / 3) }
}

/// The time by which additions may be made to wait, and for how long they may.
public struct AdditionClock: Hashable, Sendable {
    /// In milliseconds since 1970.
    public var now: UInt64
    public var patience: AdditionPatience

    /// That moment.
    public init(now: UInt64, patience: AdditionPatience) {
        self.now = now
        self.patience = patience
    }
}

/// Whether this side's additions wait, so that HTLCs which are about to be removed are not signed once more with them.
///
/// Every `commitment_signed` signs all HTLCs that have an output. Where many were committed a moment ago and the peer removes
/// such HTLCs as soon as it can, what is added meanwhile goes out with their removal. Nothing of it is durable, and losing the
/// connection ends it.
struct Holdback: Hashable, Sendable {
    /// The additions of this side that became irrevocable last, by their ids, and when they did.
    private var wave: (ids: Range<UInt64>, time: UInt64) = (0..<0, 0)
    /// Whether the peer has removed HTLCs as soon as it could, as far as was seen.
    private var isPeerQuick = false
    /// When what waits goes out at the latest; nil where nothing waits.
    private(set) var end: UInt64?

    /// This side's additions below `next` are irrevocable now.
    mutating func noteCommitted(below next: UInt64, _ clock: AdditionClock) {
        guard next > wave.ids.upperBound else { return }
        wave = (wave.ids.upperBound..<next, clock.now)
    }

    /// The peer removes HTLC `id` of this side. Those of earlier waves have waited for something else, such as another node.
    mutating func noteRemoved(_ id: UInt64, _ clock: AdditionClock) {
        isPeerQuick =
            wave.ids.contains(id) && clock.now >= wave.time
            && clock.now - wave.time <= clock.patience.limit(wave.ids.count)
    }

    /// The first of the HTLCs that are likely to be removed at once.
    var firstFresh: UInt64? { isPeerQuick ? wave.ids.lowerBound : nil }

    /// Whether additions go on waiting for the removal of `count` HTLCs.
    mutating func holds(_ count: Int, _ clock: AdditionClock) -> Bool {
        let limit = clock.patience.limit(count)
        let end = self.end ?? clock.now + limit
        // A clock that was set back must not make anything wait longer.
        guard clock.now < end, end - clock.now <= clock.patience.longest else {
            isPeerQuick = false
            self.end = nil
            return false
        }
        self.end = end
        return true
    }

    /// Nothing waits any more.
    mutating func release() { end = nil }

    static func == (left: Holdback, right: Holdback) -> Bool {
        left.wave == right.wave && left.isPeerQuick == right.isPeerQuick && left.end == right.end
    }

    func hash(into hasher: inout Hasher) { hasher.combine(end) }
}

extension Commitments {
    /// When additions that wait for company go out at the latest, in milliseconds since 1970; nil where none wait.
    public var holdEnd: UInt64? { holdback.end }

    /// Notes which additions of this side the peer can act on from now on.
    mutating func noteCommitted(_ clock: AdditionClock?) {
        guard let clock, let last = offered.last(where: { $0.addition == .irrevocable }) else {
            return
        }
        holdback.noteCommitted(below: last.key.id + 1, clock)
    }

    /// Notes that the peer removes an HTLC of this side.
    mutating func noteRemoved(_ update: CommitmentUpdate, _ clock: AdditionClock?) {
        guard let clock, let id = update.removedID else { return }
        holdback.noteRemoved(id, clock)
    }

    /// Whether what could be signed now had better wait for the removals that are about to come: only additions, not many more
    /// than there are HTLCs which would be signed again for nothing.
    mutating func holdsAdditions(_ clock: AdditionClock?) -> Bool {
        guard let clock, let first = holdback.firstFresh, hasOnlyAdditionsToSign,
            let freshCount = freshCount(from: first, atLeast: clock.patience.fewest),
            proposed.count <= 3 * freshCount
        else {
            holdback.release()
            return false
        }
        return holdback.holds(freshCount, clock)
    }

    private var hasOnlyAdditionsToSign: Bool {
        proposed.allSatisfy { if case .add = $0 { true } else { false } }
            && !pendingFeerates.contains { $0.stage == .acked }
            && !offered.contains { $0.removal?.stage == .acked }
            && !received.contains { $0.addition == .acked }
            && !hasProposableResolutions
    }

    /// How many HTLCs from id `first` on the peer has committed to and not removed, of those that have an output in its
    /// commitment; nil below `least`.
    private func freshCount(from first: UInt64, atLeast least: Int) -> Int? {
        let fees = CommitmentFees(
            format: parameters.format, feerate: feerate, dustLimit: parameters.remote.dustLimit)
        let count = offered.count { htlc in
            htlc.key.id >= first && htlc.addition >= .acked && htlc.removal == nil
                && !fees.isTrimmed(.received, htlc.amount)
        }
        return count >= least ? count : nil
    }
}
