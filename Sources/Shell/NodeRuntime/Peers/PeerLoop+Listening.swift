import Bitcoin
import Glibc
import LightningCrypto

/// A socket that waits for peers.
final class PeerListener: Sendable {
    let descriptor: Int32
    /// Where it listens, with the port that the system chose.
    let endpoint: PeerEndpoint

    private init(descriptor: Int32, endpoint: PeerEndpoint) {
        self.descriptor = descriptor
        self.endpoint = endpoint
    }

    deinit { close(descriptor) }

    /// Listens on every address that the endpoint's host stands for; where the system chooses the port, on the first alone.
    static func open(_ endpoint: PeerEndpoint) throws(PeerListenError) -> [PeerListener] {
        let addresses: [SocketAddress]
        do throws(NameFailure) {
            addresses = try SocketAddress.resolve(endpoint)
        } catch {
            throw PeerListenError(endpoint: endpoint, reason: error.reason)
        }
        var listeners: [PeerListener] = []
        var failure = SystemFailure(code: EADDRNOTAVAIL)
        for address in addresses {
            if endpoint.port == 0, !listeners.isEmpty { break }
            do throws(SystemFailure) {
                let descriptor = try PeerSocket.listen(on: address)
                let bound = PeerSocket.localAddress(of: descriptor)
                let place = bound.map { PeerEndpoint(host: $0.address.text, port: $0.port) }
                listeners.append(
                    PeerListener(descriptor: descriptor, endpoint: place ?? endpoint))
            } catch {
                failure = error
                // A machine without IPv6 still resolves names to it; a port that is taken is another matter.
                if error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT { continue }
                throw PeerListenError(endpoint: endpoint, reason: error.reason)
            }
        }
        guard !listeners.isEmpty else {
            throw PeerListenError(endpoint: endpoint, reason: failure.reason)
        }
        return listeners
    }
}

/// Who may connect: connections that have not proven a key cost the most for the least, so they are few.
struct AdmissionControl {
    private let limits: PeerConnectionLimits
    /// How many more may be accepted now, in thousandths.
    private var allowance: UInt64
    private var refilledAt: UInt64
    /// Until when nothing is accepted, for want of descriptors.
    private var pausedUntil: UInt64 = 0
    /// Whether the listeners rest.
    private(set) var isHolding = false

    init(_ limits: PeerConnectionLimits, now: UInt64) {
        self.limits = limits
        allowance = UInt64(limits.acceptedAtOnce) * 1_000
        refilledAt = now
    }

    /// Whether one more may be accepted now, which counts it; where not, the listeners are to rest.
    mutating func mayAccept() -> Bool {
        guard allowance >= 1_000 else {
            isHolding = true
            return false
        }
        allowance -= 1_000
        return true
    }

    /// There are no descriptors: the listeners are to rest for a while.
    mutating func pause(until time: UInt64) {
        pausedUntil = time
        isHolding = true
    }

    /// Takes note of the time that went by; answers whether listeners that rest are to go on.
    mutating func refill(now: UInt64) -> Bool {
        let most = UInt64(limits.acceptedAtOnce) * 1_000
        allowance = min(most, allowance + (now - refilledAt) * UInt64(limits.acceptedPerSecond))
        refilledAt = now
        guard isHolding, now >= pausedUntil, allowance >= 1_000 else { return false }
        isHolding = false
        return true
    }
}

/// Taking connections in.
extension PeerLoop {
    /// Accepts some of what waits at a listener; the rest comes with the next turn.
    func accept(_ listener: PeerListener) {
        for _ in 0..<16 {
            guard admission.mayAccept() else { return setAccepting(false) }
            do throws(SystemFailure) {
                guard let (descriptor, address) = try PeerSocket.accept(listener.descriptor) else {
                    return
                }
                take(descriptor, from: address)
            } catch {
                // Without a pause the loop would spin: what waits stays ready.
                admission.pause(until: now + 1_000)
                setAccepting(false)
                return log.write(
                    .warn, .peer,
                    "connections cannot be accepted: \(error.reason); next try in a second")
            }
        }
    }

    /// Lets the listeners work or rest.
    func setAccepting(_ isAccepting: Bool) {
        for (id, listener) in listeners {
            poller.change(listener.descriptor, owner: id, isAccepting ? .reading : [])
        }
    }

    private func take(_ descriptor: Int32, from address: SocketAddress) {
        guard let (source, port) = address.parts, makeRoom(for: source) else {
            Glibc.close(descriptor)
            return
        }
        guard let ephemeral = try? PrivateKey(SystemEntropy.hash()) else {
            Glibc.close(descriptor)
            return
        }
        let handshake = TransportHandshake.respond(local: identity, ephemeral: ephemeral)
        let connection = add(
            descriptor, endpoint: PeerEndpoint(host: source.text, port: port), source: source,
            dial: nil, stage: .shaking(handshake), .reading)
        connection?.deadline = now + settings.limits.handshakeTimeout
    }

    /// Whether one more unproven connection from `source` fits. With too many in all, the oldest of the network that has
    /// most of them goes: whoever opens connections and proves nothing pushes out his own.
    private func makeRoom(for source: IPAddress) -> Bool {
        let unproven = connections.values.filter { $0.isInbound && $0.key == nil }
        let networks = Dictionary(grouping: unproven) { $0.source?.network ?? [] }
        let limits = settings.limits
        // Whoever comes through Tor may be anybody: for them there is the common limit alone.
        if !isTor(source), networks[source.network, default: []].count >= limits.unprovenPerNetwork
        {
            return false
        }
        guard unproven.count >= limits.unproven else { return true }
        let largest = networks.values.max { $0.count < $1.count } ?? []
        guard let oldest = largest.min(by: { $0.id < $1.id }) else { return false }
        close(oldest, because: "too many connections that prove no key")
        return true
    }

    private func isTor(_ source: IPAddress) -> Bool {
        guard let host = settings.torHost else { return false }
        guard let address = IPAddress(host) else { return source.isLoopback }
        return address == source || (address.isLoopback && source.isLoopback)
    }

    /// Takes charge of a socket; nil where the system cannot watch it.
    func add(
        _ descriptor: Int32, endpoint: PeerEndpoint, source: IPAddress?, dial: PeerDial?,
        stage: PeerConnection.Stage, _ interest: Poller.Interest
    ) -> PeerConnection? {
        let id = newID()
        let limits = settings.limits
        let resume: @Sendable () -> Void = { [weak self] in
            self?.post { loop in loop.resume(id) }
        }
        let connection = PeerConnection(
            id: id, descriptor: descriptor, endpoint: endpoint, source: source, dial: dial,
            stage: stage, interest: interest,
            budgets: (
                InboundBudget(
                    bytes: limits.strangersWaitingBytes, messages: limits.strangersWaitingMessages,
                    operations: limits.strangersWaitingOperations, of: inbound, onRoom: resume),
                InboundBudget(
                    bytes: limits.waitingGossip, messages: limits.waitingGossipMessages,
                    of: inbound, onRoom: resume)
            ))
        guard (try? poller.add(descriptor, owner: id, interest)) != nil else { return nil }
        connections[id] = connection
        return connection
    }
}
