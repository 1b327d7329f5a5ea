import Bitcoin
import LightningWire

/// What peers say, once both sides have said `init`.
extension LightningNode {
    /// Takes a message that came over an open connection.
    mutating func receive(
        _ message: Message, from peer: PublicKey, at moment: Moment
    ) -> Step {
        if let batch = links[peer]?.batch {
            return receive(message, within: batch, from: peer, at: moment)
        }
        switch message.scope {
        case .connection: return receiveControl(message, from: peer, at: moment)
        case .channel(let id): return receive(message, about: id, from: peer, at: moment)
        // BOLT 1: "upon receiving a message of _odd_, unknown type: MUST ignore the received message."
        case .unanswered: return Step()
        }
    }

    private mutating func receiveControl(
        _ message: Message, from peer: PublicKey, at moment: Moment
    ) -> Step {
        if case .ping(let ping) = message {
            return answer(ping, of: peer)
        } else if case .pong(let pong) = message {
            return receive(pong, from: peer)
        } else if case .error(let error) = message {
            var step = Step(events: [note("an error", error.data, error.channelID, from: peer)])
            step.append(tellChannels(message, about: error.channelID, from: peer, at: moment))
            return step
        } else if case .warning(let warning) = message {
            return Step(events: [note("a warning", warning.data, warning.channelID, from: peer)])
        }
        return Step()
    }

    private func note(
        _ kind: String, _ data: [UInt8], _ channel: ChannelID, from peer: PublicKey
    ) -> NodeEvent {
        let about = channel == .all ? "" : " about channel \(channel)"
        return NodeEvent(
            .warn, .peer, "peer \(peer.short) sent \(kind)\(about): \(Self.printable(data))")
    }

    /// BOLT 1: "if `data` is not composed solely of printable ASCII characters [...] SHOULD NOT print out `data`
    /// verbatim."
    private static func printable(_ data: [UInt8]) -> String {
        let start = data.prefix(400)
        return start.allSatisfy { (32...126).contains($0) }
            ? String(decoding: start, as: UTF8.self) : Hex.encode(Array(start))
    }
}

/// Whether a peer is still there (BOLT 1, "The `ping` and `pong` Messages").
extension LightningNode {
    /// BOLT 1: "if `num_pong_bytes` is less than 65532: MUST respond by sending a `pong` message, with `byteslen` equal to
    /// `num_pong_bytes`."
    private func answer(_ ping: Ping, of peer: PublicKey) -> Step {
        guard ping.pongByteCount < 65_532 else { return Step() }
        let padding = [UInt8](repeating: 0, count: Int(ping.pongByteCount))
        var step = Step()
        step.request(.send(peer, [.pong(Pong(ignored: padding))]))
        return step
    }

    private mutating func receive(_ pong: Pong, from peer: PublicKey) -> Step {
        // BOLT 1: "if `byteslen` does not correspond to any `ping`'s `num_pong_bytes` value it has sent: MAY close the
        // connection."
        guard let ping = links[peer]?.ping, pong.ignored.count == Int(ping.pongByteCount) else {
            return hangUp(on: peer, because: "a pong that was not asked for")
        }
        links[peer]?.ping = nil
        return Step()
    }

    /// Asks each peer for a sign of life now and then, by which its distance is known too, and gives up on those that neither
    /// answer nor say anything else.
    mutating func probePeers(at moment: Moment) -> Step {
        var step = Step()
        for peer in connectedPeers {
            guard let link = links[peer], link.stage != .closing else { continue }
            if let ping = link.ping {
                if moment.time >= max(ping.sentAt, link.heardAt) + policy.pongWithin {
                    step.append(hangUp(on: peer, because: "no answer to a ping"))
                }
            } else if moment.time >= link.pingedAt + policy.pingAfter
                || isOwing(peer, since: link.pingedAt, at: moment)
            {
                guard link.features != nil else {
                    step.append(hangUp(on: peer, because: "no init came"))
                    continue
                }
                let ping = PeerLink.OpenPing(sentAt: moment.time, pongByteCount: 1)
                links[peer]?.ping = ping
                links[peer]?.pingedAt = moment.time
                step.request(
                    .send(peer, [.ping(Ping(pongByteCount: ping.pongByteCount, ignored: []))]))
            }
        }
        return step
    }

    /// Whether the peer owes an answer to a `commitment_signed` that is younger than the last `ping`.
    private func isOwing(_ peer: PublicKey, since time: UInt64, at moment: Moment) -> Bool {
        guard !unanswered.isEmpty else { return false }
        return channels.numbers(of: peer).contains { number in
            isSilent(number, at: moment) && (unanswered[number]?.since ?? 0) >= time
        }
    }
}
