import Bitcoin
import LightningNode
import LightningWire

/// Connections between nodes, and what happens to what is sent over them.
extension Simulation {
    /// Lets two nodes try to connect in a while.
    func connectSoon(_ pair: Link.Pair) {
        guard links[pair]?.isConnectDue == false else { return }
        links[pair]?.isConnectDue = true
        schedule(.connect(pair), in: UInt64(random.magnitude(in: 50...5_000)))
    }

    func connect(_ pair: Link.Pair) {
        links[pair]?.isConnectDue = false
        guard let link = links[pair], link.openEnds.isEmpty else { return }
        let (low, high) = (nodes[pair.low], nodes[pair.high])
        // Who has gone back to an old state does not talk any more.
        guard !low.isOutlaw, !high.isOutlaw else { return }
        guard low.isRunning, high.isRunning, link.isFree else { return connectSoon(pair) }
        links[pair]?.connect(pair)
        trace.note(.link, at: now, [UInt8(pair.low), UInt8(pair.high)], "\(pair) connected")
        post(.peerConnected(high.id), to: low)
        post(.peerConnected(low.id), to: high)
    }

    /// Sends messages over the connection to a peer, each on its own; without a connection they are gone.
    func send(_ messages: [Message], from node: SimulatedNode, to peer: PublicKey) {
        for message in messages {
            let bytes = message.encoded
            trace.note(
                .release, at: now, node: node.index, [1] + bytes,
                "to \(String("\(peer)".prefix(8))): \(message.traceText)")
            guard let receiver = nodes.first(where: { $0.id == peer }) else { continue }
            watchForwards(bytes, from: node)
            if let sent = tampered(bytes, of: node) { transmit(sent, from: node, to: receiver) }
        }
    }

    /// Puts bytes on their way.
    func transmit(_ bytes: [UInt8], from node: SimulatedNode, to receiver: SimulatedNode) {
        let end = Link.End(node: receiver.index, peer: node.index)
        guard var link = links[end.pair], link.openEnds.contains(node.index), link.isCarrying
        else { return }
        let latency = UInt64(
            random.number(in: plan.latency.lowerBound...plan.latency.upperBound))
        let arrival = link.arrival(at: receiver.index, notBefore: now + latency)
        link.inFlight += 1
        links[end.pair] = link
        queue.insert(.delivery(end, generation: link.generation, bytes), at: arrival)
    }

    func deliver(_ bytes: [UInt8], to end: Link.End, _ generation: Int) {
        if links[end.pair]?.generation == generation { links[end.pair]?.inFlight -= 1 }
        guard let link = links[end.pair], link.generation == generation, link.isCarrying,
            !link.isPartitioned, link.openEnds.contains(end.node), nodes[end.node].isRunning
        else { return }
        guard !isDeaf(nodes[end.node]) else { return }
        post(.peerMessage(nodes[end.peer].id, bytes), to: nodes[end.node])
    }

    /// A node closes the connection to a peer: what it has sent arrives, then the peer notices.
    func hangUp(_ node: SimulatedNode, on peer: PublicKey) {
        trace.note(.release, at: now, node: node.index, [3] + peer.compressed, "hangs up")
        guard let other = nodes.first(where: { $0.id == peer }) else { return }
        let end = Link.End(node: node.index, peer: other.index)
        guard var link = links[end.pair], link.openEnds.contains(node.index) else { return }
        let arrival = link.arrival(at: other.index, notBefore: now + 1)
        links[end.pair] = link
        queue.insert(.connectionNoticed(end.other, generation: link.generation), at: arrival)
        queue.insert(.connectionNoticed(end, generation: link.generation), at: arrival)
    }

    /// The connection at a node that has ended is gone; the peer notices later.
    func endConnection(_ end: Link.End) {
        guard let link = links[end.pair], link.openEnds.contains(end.node) else { return }
        links[end.pair]?.close(end.node)
        guard link.openEnds.contains(end.peer) else { return }
        schedule(
            .connectionNoticed(end.other, generation: link.generation),
            in: UInt64(random.magnitude(in: 10...10_000)))
    }

    func noticeEnd(of end: Link.End, _ generation: Int) {
        guard let link = links[end.pair], link.generation == generation,
            link.openEnds.contains(end.node)
        else { return }
        links[end.pair]?.close(end.node)
        trace.note(.link, at: now, node: end.node, [UInt8(end.peer)], "has lost node \(end.peer)")
        if nodes[end.node].isRunning {
            post(.peerDisconnected(nodes[end.peer].id), to: nodes[end.node])
        }
        if links[end.pair]?.openEnds.isEmpty == true { connectSoon(end.pair) }
    }

    /// A connection breaks: what is on its way is lost, and each side notices in its own time.
    func breakConnection(_ pair: Link.Pair) {
        guard let link = links[pair], link.isCarrying else { return }
        report.connectionsLost += 1
        links[pair]?.breakOff()
        trace.note(.link, at: now, [UInt8(pair.low), UInt8(pair.high)], "\(pair) breaks")
        for end in [
            Link.End(node: pair.low, peer: pair.high), Link.End(node: pair.high, peer: pair.low),
        ] {
            schedule(
                .connectionNoticed(end, generation: link.generation),
                in: UInt64(random.magnitude(in: 1...5_000)))
        }
    }

    func heal(_ pair: Link.Pair) {
        guard links[pair]?.isPartitioned == true else { return }
        links[pair]?.isPartitioned = false
        trace.note(.link, at: now, [UInt8(pair.low), UInt8(pair.high)], "\(pair) heals")
        // What vanished meanwhile leaves a gap that no connection recovers from.
        breakConnection(pair)
        connectSoon(pair)
    }
}
