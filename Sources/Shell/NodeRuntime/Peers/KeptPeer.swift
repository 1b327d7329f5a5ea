import Bitcoin
import LightningNode
import LightningWire

/// A peer that is to stay connected, for its channels or because the user wants it.
struct KeptPeer {
    var endpoints: [PeerEndpoint]
    /// When it is to be tried again, on the loop's clock; never while it is being tried.
    var nextTry: UInt64
    var pause: ReconnectPause
    /// Whether the user has ended the connection: it is not made again until one side connects.
    var isSuspended = false
}

/// The pauses between tries to reach a peer: each about twice the one before, and never quite the same, so that nodes which
/// lost each other at the same moment do not meet again and again. In milliseconds.
struct ReconnectPause {
    private let range: ClosedRange<UInt64>
    private var length: UInt64

    init(_ range: ClosedRange<UInt64>) {
        self.range = range
        length = range.lowerBound
    }

    /// The next pause: from half of the present length to all of it, as `random` decides.
    mutating func next(_ random: UInt64) -> UInt64 {
        let current = length
        length = min(range.upperBound, length.multipliedReportingOverflow(by: 2).partialValue)
        return current - random % (current / 2 + 1)
    }

    /// The peer was there for long: the next pause is short again.
    mutating func reset() { length = range.lowerBound }
}

/// Keeping peers connected.
extension PeerLoop {
    private static let simultaneousDials = 16

    /// Takes note of all peers that are to stay connected.
    func keep(_ wanted: [KnownPeer]) {
        var next: [PublicKey: KeptPeer] = [:]
        for peer in wanted where peer.isPermanent || peer.hasChannels {
            let endpoints = peer.addresses.compactMap { PeerEndpoint($0) }
            if var known = kept[peer.key] {
                known.endpoints = endpoints
                next[peer.key] = known
            } else {
                // After a start not all at the same moment.
                let delay = UInt64(next.count) * 20
                next[peer.key] = KeptPeer(
                    endpoints: endpoints, nextTry: now + delay,
                    pause: ReconnectPause(settings.backoff))
            }
        }
        for peer in settings.permanent where peer.key != local {
            var known =
                next[peer.key] ?? kept[peer.key]
                ?? KeptPeer(endpoints: [], nextTry: now, pause: ReconnectPause(settings.backoff))
            if !known.endpoints.contains(peer.endpoint) { known.endpoints.append(peer.endpoint) }
            next[peer.key] = known
        }
        kept = next
        for connection in peers.values { adjustLimits(of: connection) }
    }

    /// Has a peer that is to stay connected tried again after a pause. `held` is how long there was a connection; nil for a
    /// try that failed.
    func scheduleReturn(to key: PublicKey, after held: UInt64?) {
        guard var peer = kept[key] else { return }
        if let held, held >= settings.stableAfter { peer.pause.reset() }
        peer.nextTry = now + peer.pause.next(UInt64.random(in: 0 ... .max))
        kept[key] = peer
    }

    /// Tries the peers whose time has come.
    func dialKept() {
        for (key, peer) in kept where now >= peer.nextTry && !peer.isSuspended {
            guard peers[key] == nil, dials[key] == nil else { continue }
            guard dials.count < Self.simultaneousDials else { return }
            kept[key]?.nextTry = .max
            guard let sink else {
                dial(key, at: peer.endpoints, nil)
                continue
            }
            sink.findAddresses(of: NodeID(key)) { [weak self] announced in
                self?.post { loop in loop.dialKept(key, announced) }
            }
        }
    }

    private func dialKept(_ key: PublicKey, _ announced: [AddressDescriptor]) {
        guard let peer = kept[key], peers[key] == nil, dials[key] == nil else { return }
        var endpoints = peer.endpoints
        for endpoint in announced.prefix(8).compactMap({ PeerEndpoint($0) })
        where !endpoints.contains(endpoint) {
            endpoints.append(endpoint)
        }
        dial(key, at: endpoints, nil)
    }
}
