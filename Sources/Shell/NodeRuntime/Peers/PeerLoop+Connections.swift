import Bitcoin
import Glibc
import LightningCrypto
import LightningNode
import LightningWire

/// Connections from the first byte to the last.
extension PeerLoop {
    /// Does what a socket is ready for.
    func serve(_ connection: PeerConnection, _ readiness: Poller.Readiness) {
        if case .connecting = connection.stage {
            if readiness.isWritable { finishConnecting(connection) }
            return
        }
        if connection.isPaused || !isReading {
            // It is not read now, so this can only be its end, which would come again and again.
            if readiness.isOver { close(connection, because: "the peer has gone") }
        } else if readiness.isReadable {
            read(connection)
        }
        if readiness.isWritable, connection.unsentCount > 0 { flushSoon(connection) }
    }

    private func read(_ connection: PeerConnection) {
        readSome(of: connection) { connection, bytes in
            switch connection.stage {
            case .shaking(let handshake):
                continueHandshake(handshake, of: connection, with: Array(bytes))
            case .proxying(let exchange):
                continueProxying(exchange, of: connection, with: Array(bytes))
            case .open:
                connection.transport?.receiver.append(bytes.bytes)
                takeMessages(of: connection)
            case .connecting, .leaving, .closed: break
            }
        }
    }

    /// What the peer sent before was processed: what it sent since can be.
    func resume(_ id: UInt64) {
        guard let connection = connections[id], connection.isPaused, connection.isOpen else {
            return
        }
        connection.isPaused = false
        takeMessages(of: connection)
        updateInterest(of: connection)
    }

    /// There is room again for what all peers send.
    func resumeAll() {
        for (id, connection) in connections where connection.isPaused { resume(id) }
    }

    /// Closes a connection that has had its time.
    func checkDeadline(of connection: PeerConnection) {
        let stall = settings.limits.stallTimeout
        if let since = connection.stalledSince, now >= since + stall {
            return close(connection, because: "it reads nothing")
        }
        guard let deadline = connection.deadline, now >= deadline else { return }
        if let dial = connection.dial, connection.key == nil {
            dial.failure = .timedOut(connection.endpoint)
        }
        close(connection, because: "it took too long")
    }

    // MARK: Handshake

    private func continueHandshake(
        _ handshake: TransportHandshake, of connection: PeerConnection, with bytes: [UInt8]
    ) {
        var handshake = handshake
        do throws(TransportError) {
            connection.output += try handshake.receive(bytes)
        } catch {
            connection.dial?.failure = .handshakeFailed(connection.endpoint, reason: "\(error)")
            return close(connection, because: "\(error)")
        }
        flushSoon(connection)
        guard handshake.isFinished, let transport = handshake.establish() else {
            connection.stage = .shaking(handshake)
            return
        }
        let remote = transport.remote
        guard let key = try? remote.point.publicKey() else {
            return close(connection, because: nil)
        }
        connection.transport = consume transport
        establish(connection, with: key)
    }

    /// The peer has proven its key: decides whether the connection is used.
    private func establish(_ connection: PeerConnection, with key: PublicKey) {
        connection.key = key
        connection.provenAt = now
        connection.since = WallClock.now.seconds
        connection.stage = .open
        connection.deadline = now + settings.limits.handshakeTimeout
        guard key != local else { return close(connection, because: "it is this node") }
        guard hasRoom(for: key, isInbound: connection.isInbound) else {
            return close(connection, because: "there is no room for peers without channels")
        }
        if let other = peers[key] {
            guard mustReplace(other, by: connection, of: key) else {
                return close(connection, because: "there is another connection to the peer")
            }
            replace(other)
        }
        peers[key] = connection
        // Whoever connects ends what a `disconnect` has asked for.
        kept[key]?.isSuspended = false
        adjustLimits(of: connection)
        greetingsDue[key, default: 0] += 1
        inputs.connectionChanged(.peerConnected(key))
        log.write(
            .debug, .peer,
            "\(connection.isInbound ? "inbound" : "outbound") connection with \(key) at"
                + " \(connection.endpoint)")
        takeMessages(of: connection)
    }

    private func hasRoom(for key: PublicKey, isInbound: Bool) -> Bool {
        guard isInbound, kept[key] == nil, peers[key] == nil else { return true }
        let strangers = peers.filter { $0.value.isInbound && kept[$0.key] == nil }.count
        return strangers < settings.limits.strangers
    }

    /// Which of two connections to one peer is used.
    ///
    /// A peer that connects does not know of another connection, or has lost it: the new one is better. But where both
    /// sides connect at the same time each sees two, and both must drop the same one: that which the lesser key made.
    private func mustReplace(
        _ old: PeerConnection, by new: PeerConnection, of key: PublicKey
    ) -> Bool {
        guard old.isInbound != new.isInbound, now < old.provenAt + 5_000 else { return true }
        let isLocalGreater = key.compressed.lexicographicallyPrecedes(local.compressed)
        return isLocalGreater != new.isInbound
    }

    /// Ends a connection in whose place another comes; the node hears of that one alone.
    private func replace(_ old: PeerConnection) {
        guard let key = old.key else { return }
        peers[key] = nil
        tellGraphOfEnd(old, key)
        close(old, because: "another connection took its place")
    }

    /// Gives peers with channels more room than others.
    func adjustLimits(of connection: PeerConnection) {
        guard let key = connection.key else { return }
        let limits = settings.limits
        let isStranger = kept[key] == nil
        connection.budget.setLimits(
            bytes: isStranger ? limits.strangersWaitingBytes : limits.waitingBytes,
            messages: isStranger ? limits.strangersWaitingMessages : limits.waitingMessages,
            operations: isStranger ? limits.strangersWaitingOperations : limits.waitingOperations,
            isStranger: isStranger)
        connection.gossipBudget.setLimits(
            bytes: limits.waitingGossip, messages: limits.waitingGossipMessages,
            isStranger: isStranger)
    }

    // MARK: End

    /// Has a connection say its last words and end.
    func leave(_ connection: PeerConnection) {
        guard connection.isOpen else { return }
        detach(connection)
        connection.stage = .leaving
        connection.isPaused = false
        connection.deadline = now + settings.limits.goodbyeTimeout
        flushSoon(connection)
    }

    /// Ends a connection at once.
    func close(_ connection: PeerConnection, because reason: String?) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        let stage = connection.stage
        if let reason {
            log.write(.debug, .peer, "the connection with \(connection.name) ends: \(reason)")
        }
        detach(connection)
        connection.stage = .closed
        connection.closeSocket()
        guard let dial = connection.dial else { return }
        switch stage {
        case .connecting: tryNext(dial)
        case .proxying, .shaking:
            if case .noAddress = dial.failure {
                dial.failure = .handshakeRefused(connection.endpoint)
            }
            tryNext(dial)
        case .open, .leaving, .closed:
            if peers[dial.key] != nil { return end(dial, .success(())) }
            let reason = connection.complaint ?? reason
            end(dial, .failure(.ended(connection.endpoint, reason: reason)))
        }
    }

    /// Takes the connection out of the peers, and tells who has to know.
    private func detach(_ connection: PeerConnection) {
        while let left = connection.gossip.takeFirst() { left.onSent?() }
        guard let key = connection.key, peers[key] === connection else { return }
        peers[key] = nil
        // Keys cost a stranger nothing, so not all of them are remembered.
        if flaps[key] != nil || flaps.count < 10_000 { flaps[key, default: 0] += 1 }
        inputs.connectionChanged(.peerDisconnected(key))
        tellGraphOfEnd(connection, key)
        // A dial that is not over says so itself.
        if dials[key] == nil { scheduleReturn(to: key, after: now - connection.provenAt) }
    }

    private func tellGraphOfEnd(_ connection: PeerConnection, _ key: PublicKey) {
        guard connection.isToldToGraph else { return }
        connection.isToldToGraph = false
        sink?.peerDisconnected(NodeID(key))
    }
}
