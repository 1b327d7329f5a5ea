import Bitcoin
import LightningNode
import NodeRuntime
import Synchronization

/// For how long a channel was seen, and usable, since the daemon's start; in seconds.
struct ChannelTime: Hashable {
    var lifetime: UInt64 = 0
    var uptime: UInt64 = 0
}

/// Sees for how long channels can be used.
final class ChannelWatch: Sendable {
    fileprivate struct Sighting {
        /// When the channel was there first.
        let start: UInt64
        /// For how long it could be used, up to ``activeSince``.
        var uptime: UInt64 = 0
        /// From when on it can be used; nil while it cannot.
        var activeSince: UInt64?
    }

    private let start = WallClock.now.seconds
    private let sightings = Mutex<[OutPoint: Sighting]>([:])
    private let subscription = Mutex<Subscription?>(nil)

    init(_ host: NodeHost) {
        let news = host.subscribeToNews { [weak self] news in
            if case .channel(let news) = news { self?.take(news, at: WallClock.now.seconds) }
        }
        subscription.withLock { $0 = news }
    }

    /// What was seen of the channel with that funding.
    func time(of funding: OutPoint) -> ChannelTime {
        let now = WallClock.now.seconds
        guard let sighting = sightings.withLock({ $0[funding] }) else {
            // It was there at the start, and its peer was not since.
            return ChannelTime(lifetime: now - min(start, now))
        }
        let current = sighting.activeSince.map { now - min($0, now) } ?? 0
        return ChannelTime(
            lifetime: now - min(sighting.start, now), uptime: sighting.uptime + current)
    }

    private func take(_ news: ChannelNews, at now: UInt64) {
        sightings.withLock { sightings in
            switch news {
            case .open(let report): sightings[report] = Sighting(start: now)
            case .active(let report):
                var sighting = sightings[report] ?? Sighting(start: start)
                sighting.activeSince = now
                sightings[report] = sighting
            case .inactive(let report):
                guard var sighting = sightings[report] else { return }
                sighting.uptime += sighting.activeSince.map { now - min($0, now) } ?? 0
                sighting.activeSince = nil
                sightings[report] = sighting
            case .resolved(let closed): sightings[closed.funding] = nil
            case .offered, .offerEnded, .pendingOpen, .closing, .closed, .forgotten: break
            }
        }
    }
}

extension [OutPoint: ChannelWatch.Sighting] {
    fileprivate subscript(report: ChannelReport) -> Value? {
        get { report.funding.flatMap { self[$0.outPoint] } }
        set { if let funding = report.funding { self[funding.outPoint] = newValue } }
    }
}
