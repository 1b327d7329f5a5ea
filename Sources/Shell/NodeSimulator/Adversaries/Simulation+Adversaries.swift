import Bitcoin
import LightningNode
import LightningWire

/// Nodes that do not keep to the rules: real ones, whose past, ears and mouths are not their own.
extension Simulation {
    /// Lets a dishonest node do something, and something else later.
    func misbehave(_ index: Int) {
        guard phase == .active else { return }
        let node = nodes[index]
        schedule(.mischief(node: index), in: around(plan.mischiefInterval))
        guard node.isRunning, !node.isOutlaw, !node.isStalled,
            let mischief = random.element(of: Mischief.allCases)
        else { return }
        trace.note(.adversary, at: now, node: index, Array("\(mischief)".utf8), "\(mischief)")
        switch mischief {
        case .publishOldState: publishOldState(of: node)
        case .goSilent:
            node.silentUntil = now + UInt64(random.magnitude(in: 1_000...600_000))
        case .sendGarbage: sendToAll(from: node) { $0.bytes($0.number(in: 0...200)) }
        case .spoilSignature: node.spoilsNextSignature = true
        case .replay:
            guard let old = random.element(of: node.sentMessages) else { return }
            sendToAll(from: node) { _ in old }
        case .flood:
            for _ in 0..<random.number(in: 20...200) {
                sendToAll(from: node) { random in
                    Message.ping(Ping(pongByteCount: 10, ignored: random.bytes(8))).encoded
                }
            }
        case .accuse:
            let message = ErrorMessage(channelID: .all, data: Array("no more".utf8))
            sendToAll(from: node) { _ in Message.error(message).encoded }
        }
    }

    private func sendToAll(
        from node: SimulatedNode, _ bytes: (inout SimulationRandom) -> [UInt8]
    ) {
        for pair in links.keys.sorted() where pair.contains(node.index) {
            let peer = nodes[pair.low + pair.high - node.index]
            transmit(bytes(&random), from: node, to: peer)
        }
    }

    /// Keeps the node as it is now, to come back to: every state of its channels is fully signed.
    func keepState(of node: SimulatedNode) {
        guard !node.isHonest, !node.isOutlaw, let core = node.core, core.channelCount > 0,
            random.oneIn(12)
        else { return }
        if node.oldStates.count >= 4 {
            node.oldStates[random.number(below: node.oldStates.count)] = core
        } else {
            node.oldStates.append(core)
        }
    }

    /// A node takes itself back to an earlier state, leaves its peers and publishes what it had then. From now on it does
    /// for itself what an honest node does with its latest state: it takes what it can of the old one.
    private func publishOldState(of node: SimulatedNode) {
        guard let old = random.element(of: node.oldStates) else { return }
        for pair in links.keys.sorted() where pair.contains(node.index) {
            endConnection(Link.End(node: node.index, peer: pair.low + pair.high - node.index))
        }
        let channels = old.allChannels.filter { $0.state == .normal }
        end(node)
        node.becomeOutlaw(with: old)
        startTicking(node)
        report.breachesTried += channels.count
        for other in nodes where other.index != node.index {
            post(.peerDisconnected(other.id), to: node)
        }
        for channel in channels { ask(node, .channel(.forceClose(channel.channelID))) }
        schedule(.chainNews(node: node.index, life: node.life), in: 1)
    }

    /// What a node's message becomes on its way out; nil where it goes nowhere.
    func tampered(_ bytes: [UInt8], of node: SimulatedNode) -> [UInt8]? {
        guard !node.isHonest else { return bytes }
        if let silent = node.silentUntil, now < silent { return nil }
        if node.sentMessages.count < 40 {
            node.sentMessages.append(bytes)
        } else {
            node.sentMessages[random.number(below: 40)] = bytes
        }
        // `commitment_signed` and `revoke_and_ack`: type, channel_id, then the signature or the secret.
        guard node.spoilsNextSignature, bytes.count > 98, bytes[0] == 0,
            bytes[1] == 132 || bytes[1] == 133
        else { return bytes }
        node.spoilsNextSignature = false
        var spoilt = bytes
        spoilt[2 + 32 + random.number(below: 32)] ^= 1 << UInt8(random.number(below: 8))
        return spoilt
    }

    /// Whether a node takes no notice of what comes in.
    func isDeaf(_ node: SimulatedNode) -> Bool {
        node.isOutlaw || node.silentUntil.map { now < $0 } ?? false
    }
}
