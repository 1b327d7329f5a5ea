import Bitcoin
import LightningCommitment
import LightningWire

/// How long what is to be signed may wait for company (docs/channels.md, "Batches").
public struct SigningPatience: Hashable, Sendable {
    /// With fewer HTLCs that the peer is about to remove no addition waits: a payment on its own never does.
    public var fewest = 6
    /// In milliseconds: for what the peer has fulfilled, and for additions a third of one more for each of those HTLCs.
    public var shortest: UInt64 = 5
    /// In milliseconds.
    public var longest: UInt64 = 50

    /// The usual patience.
    public init() {}

    func limit(_ count: Int) -> UInt64 { min(longest, shortest + UInt64(count) / 3) }
}

/// The time by which what is to be signed is made to wait, and for how long it may.
public struct SigningClock: Hashable, Sendable {
    /// In milliseconds since 1970.
    public var now: UInt64
    public var patience: SigningPatience

    /// That moment.
    public init(now: UInt64, patience: SigningPatience) {
        self.now = now
        self.patience = patience
    }
}

/// What this side might sign and does not yet, since something else is about to come with which it is signed at no further cost.
///
/// Every `commitment_signed` signs all HTLCs that have an output. Where many were committed a moment ago and the peer removes
/// such HTLCs as soon as it can, what is added meanwhile goes out with their removal. And what the peer has fulfilled is out of
/// this side's commitment: that it goes from the peer's too is in no hurry, and may well go out with the next payment.
///
/// Nothing of it is durable, and losing the connection ends it.
struct Holdback: Hashable, Sendable {
    /// The additions of this side that became irrevocable last, by their ids, and when they did.
    private var wave: (ids: Range<UInt64>, time: UInt64) = (0..<0, 0)
    /// Whether the peer has removed HTLCs as soon as it could, as far as was seen.
    private var isPeerQuick = false
    /// When what waits goes out at the latest; nil where nothing waits.
    private(set) var end: UInt64?

    /// This side's additions below `next` are irrevocable now.
    mutating func noteCommitted(below next: UInt64, _ clock: SigningClock) {
        guard next > wave.ids.upperBound else { return }
        wave = (wave.ids.upperBound..<next, clock.now)
    }

    /// The peer removes HTLC `id` of this side. Those of earlier waves have waited for something else, such as another node.
    mutating func noteRemoved(_ id: UInt64, _ clock: SigningClock) {
        isPeerQuick =
            wave.ids.contains(id) && clock.now >= wave.time
            && clock.now - wave.time <= clock.patience.limit(wave.ids.count)
    }

    /// The first of the HTLCs that are likely to be removed at once.
    var firstFresh: UInt64? { isPeerQuick ? wave.ids.lowerBound : nil }

    /// Whether additions go on waiting for the removal of `count` HTLCs.
    mutating func holdsAdditions(_ count: Int, _ clock: SigningClock) -> Bool {
        let goesOn = holds(atMost: clock.patience.limit(count), clock)
        if !goesOn { isPeerQuick = false }
        return goesOn
    }

    /// Whether what began to wait at most `limit` milliseconds ago, or does now, goes on waiting.
    mutating func holds(atMost limit: UInt64, _ clock: SigningClock) -> Bool {
        let end = self.end ?? clock.now + limit
        // A clock that was set back must not make anything wait longer.
        let goesOn = clock.now < end && end - clock.now <= clock.patience.longest
        self.end = goesOn ? end : nil
        return goesOn
    }

    /// Nothing waits any more.
    mutating func release() { end = nil }

    static func == (left: Holdback, right: Holdback) -> Bool {
        left.wave == right.wave && left.isPeerQuick == right.isPeerQuick && left.end == right.end
    }

    func hash(into hasher: inout Hasher) { hasher.combine(end) }
}

extension Commitments {
    /// When what waits for company is signed at the latest, in milliseconds since 1970; nil where nothing waits.
    public var holdEnd: UInt64? { holdback.end }

    /// Notes which additions of this side the peer can act on from now on.
    mutating func noteCommitted(_ clock: SigningClock?) {
        guard let clock, let last = offered.last(where: { $0.addition == .irrevocable }) else {
            return
        }
        holdback.noteCommitted(below: last.key.id + 1, clock)
    }

    /// Notes that the peer removes an HTLC of this side.
    mutating func noteRemoved(_ update: CommitmentUpdate, _ clock: SigningClock?) {
        guard let clock, let id = update.removedID else { return }
        holdback.noteRemoved(id, clock)
    }

    /// Whether what could be signed now had better wait for company.
    mutating func holdsBack(_ clock: SigningClock?) -> Bool {
        guard let clock, !mustSignAtOnce else {
            holdback.release()
            return false
        }
        guard offered.contains(where: { $0.removal?.stage == .acked }) else {
            return holdsAdditions(clock)
        }
        // A failure is told of once it is irrevocable, which others wait for.
        let hasFailed = offered.contains {
            $0.removal?.stage == .acked && $0.removal?.outcome == .failed
        }
        guard proposed.isEmpty, !hasFailed else {
            holdback.release()
            return false
        }
        return holdback.holds(atMost: clock.patience.shortest, clock)
    }

    /// Whether there is more to sign than additions of this side and removals by the peer, or the channel is to come to rest.
    private var mustSignAtOnce: Bool {
        isShuttingDown || owesQuiescence || hasProposableResolutions
            || pendingFeerates.contains { $0.stage == .acked }
            || received.contains { $0.addition == .acked }
            || !proposed.allSatisfy { if case .add = $0 { true } else { false } }
    }

    /// Whether additions wait for the removals that are about to come: not many more than there are HTLCs which would be
    /// signed again for nothing.
    private mutating func holdsAdditions(_ clock: SigningClock) -> Bool {
        guard let first = holdback.firstFresh,
            let freshCount = freshCount(from: first, atLeast: clock.patience.fewest),
            proposed.count <= 3 * freshCount
        else {
            holdback.release()
            return false
        }
        return holdback.holdsAdditions(freshCount, clock)
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
