import Bitcoin
import Glibc
import LightningCrypto

/// Making connections.
extension PeerLoop {
    /// Begins to connect to a peer at these places, one after the other, or joins what is under way. `answer` waits for so
    /// many milliseconds at most, or without end.
    func dial(
        _ key: PublicKey, at endpoints: [PeerEndpoint], timeout: UInt64? = nil,
        _ answer: PeerDial.Answer?
    ) {
        let end = timeout.map { Self.clock() / 1_000 + $0 }
        if key == local {
            answer?(.failure(.isSelf))
        } else if let connection = peers[key] {
            answer?(.failure(.alreadyConnected(connection.endpoint)))
        } else if let dial = dials[key] {
            if let answer { dial.add(answer, until: end) }
            dial.endpoints.insert(
                contentsOf: endpoints.reversed().filter { !dial.endpoints.contains($0) }, at: 0)
        } else {
            let dial = PeerDial(key, endpoints)
            if let answer { dial.add(answer, until: end) }
            dials[key] = dial
            tryNext(dial)
        }
    }

    /// Tries the next address, or gives up.
    func tryNext(_ dial: PeerDial) {
        guard dials[dial.key] === dial else { return }
        // The peer may have connected meanwhile.
        if peers[dial.key] != nil { return end(dial, .success(())) }
        while let (address, endpoint) = dial.addresses.popLast() {
            do throws(SystemFailure) {
                return try connect(dial, to: address, endpoint)
            } catch {
                dial.failure = Self.failure(endpoint, error)
            }
        }
        guard let endpoint = dial.endpoints.popLast() else {
            return end(dial, .failure(dial.failure))
        }
        let proxy = proxy(for: endpoint)
        if endpoint.isOnion, proxy == nil {
            dial.failure = .needsTor(endpoint)
            return tryNext(dial)
        }
        // Behind a proxy no name is looked up here: that would tell others who is being reached.
        resolver.resolve(proxy?.socks ?? endpoint) { [weak self, key = dial.key] result in
            self?.post { loop in loop.take(result, of: endpoint, for: key) }
        }
    }

    private func take(
        _ result: Result<[SocketAddress], NameFailure>, of endpoint: PeerEndpoint,
        for key: PublicKey
    ) {
        guard let dial = dials[key] else { return }
        switch result {
        case .success(let addresses):
            dial.addresses = addresses.reversed().map { ($0, endpoint) }
        case .failure(let failure):
            dial.failure = .unknownHost(endpoint.host, reason: failure.reason)
        }
        tryNext(dial)
    }

    private func connect(
        _ dial: PeerDial, to address: SocketAddress, _ endpoint: PeerEndpoint
    ) throws(SystemFailure) {
        let descriptor = try PeerSocket.connect(to: address)
        let proxy = proxy(for: endpoint)
        let place = address.parts.map { PeerEndpoint(host: $0.address.text, port: $0.port) }
        let connection = add(
            descriptor, endpoint: proxy == nil ? place ?? endpoint : endpoint, source: nil,
            dial: dial, stage: .connecting,
            .writing)
        guard let connection else {
            Glibc.close(descriptor)
            throw SystemFailure(code: ENOMEM)
        }
        connection.deadline = now + settings.connectTimeout
    }

    /// A connection that was begun is there, or is not.
    func finishConnecting(_ connection: PeerConnection) {
        guard let dial = connection.dial else { return }
        if let failure = PeerSocket.failure(of: connection.descriptor) {
            dial.failure = Self.failure(connection.endpoint, failure)
            return close(connection, because: failure.reason)
        }
        guard let proxy = proxy(for: connection.endpoint) else {
            return beginHandshake(connection, dial)
        }
        let isolation = proxy.isolatesStreams ? "\(SystemEntropy.hash())" : nil
        let exchange = SOCKSConnect(to: connection.endpoint, isolation: isolation)
        connection.stage = .proxying(exchange)
        connection.output = exchange.greeting
        connection.deadline = now + proxy.timeout
        flush(connection)
    }

    private func proxy(for endpoint: PeerEndpoint) -> TorSettings? {
        guard let tor = settings.tor, tor.isUsed(for: endpoint) else { return nil }
        return tor
    }

    /// Goes on with what the proxy said.
    func continueProxying(
        _ exchange: SOCKSConnect, of connection: PeerConnection, with bytes: [UInt8]
    ) {
        guard let dial = connection.dial else { return }
        var exchange = exchange
        do throws(SOCKSFailure) {
            connection.output += try exchange.receive(bytes)
        } catch {
            dial.failure = .unreachable(connection.endpoint, reason: error.reason)
            return close(connection, because: error.reason)
        }
        guard exchange.isFinished else {
            connection.stage = .proxying(exchange)
            return flushSoon(connection)
        }
        beginHandshake(connection, dial)
    }

    private func beginHandshake(_ connection: PeerConnection, _ dial: PeerDial) {
        guard let ephemeral = try? PrivateKey(SystemEntropy.hash()) else {
            return close(connection, because: nil)
        }
        let (handshake, output) = TransportHandshake.initiate(
            local: identity, remote: dial.key, ephemeral: ephemeral)
        dial.failure = .noAddress
        connection.stage = .shaking(handshake)
        connection.output += output
        connection.deadline = now + settings.limits.handshakeTimeout
        flush(connection)
    }

    /// The making of a connection has come to its end.
    func end(_ dial: PeerDial, _ result: Result<Void, PeerConnectError>) {
        guard dials[dial.key] === dial else { return }
        dials[dial.key] = nil
        dial.answer(result)
        if case .failure(let error) = result {
            if error != .noAddress {
                log.write(.debug, .peer, "no connection to \(dial.key): \(error)")
            }
            scheduleReturn(to: dial.key, after: nil)
        }
    }

    private static func failure(
        _ endpoint: PeerEndpoint, _ failure: SystemFailure
    ) -> PeerConnectError {
        switch failure.code {
        case ECONNREFUSED: .refused(endpoint)
        case ETIMEDOUT: .timedOut(endpoint)
        default: .unreachable(endpoint, reason: failure.reason)
        }
    }
}
