import Bitcoin
import Glibc
import JSON
import LightningWire
import NodeRuntime

/// What strangers and bad peers do to the first node, each for so many seconds.
struct SoakAttacks {
    let network: SoakNetwork
    let seconds: Double

    var victim: LocalNode { network.honest[0] }

    /// Attacks for most of the trial's time, and lets the rest show how it ends.
    private func besiege(
        _ width: Int, _ body: @escaping @Sendable (Siege, Int) throws -> Void
    ) throws -> SoakRecord.Event {
        .done(try Siege.run(width, body) { try network.pass(seconds * 0.95) })
    }

    func floodWithConnections() throws -> SoakRecord.Event {
        let port = try victim.peerPort
        return try besiege(2) { siege, number in
            var kept: [TCPSocket] = []
            while !siege.isOver {
                let socket = try TCPSocket.connected(
                    to: port, from: TCPSocket.anyAddress(), patience: 200)
                // Some say nothing, others nonsense.
                if number == 0 { _ = socket.writeAll(SystemEntropy.bytes(50)) }
                kept.append(socket)
                siege.count("connections")
                if kept.count > 200 { kept.removeFirst(100) }
            }
        }
    }

    func shakeHandsSlowly() throws -> SoakRecord.Event {
        let (port, key) = (try victim.peerPort, try PublicKey(Hex.decode(victim.key)))
        return try besiege(1) { siege, _ in
            var open: [(socket: TCPSocket, left: ArraySlice<UInt8>)] = []
            while !siege.isOver {
                while open.count < 200, !siege.isOver {
                    let socket = try TCPSocket.connected(
                        to: port, from: TCPSocket.anyAddress(), patience: 200)
                    open.append((socket, try Stranger.firstAct(to: key)[...]))
                    siege.count("connections")
                }
                for index in open.indices.reversed() {
                    guard let byte = open[index].left.popFirst(),
                        case .some = open[index].socket.write([byte])
                    else {
                        open.remove(at: index)
                        continue
                    }
                }
                siege.rest(1_000)
            }
        }
    }

    func floodWithMessages() throws -> SoakRecord.Event {
        let (port, key) = (try victim.peerPort, try PublicKey(Hex.decode(victim.key)))
        let ping = Ping(pongByteCount: 65_535, ignored: [UInt8](repeating: 0, count: 1_000))
        let answered = Ping(pongByteCount: 64, ignored: [])
        let unknown = Message.unknown(
            type: 32_769, payload: [UInt8](repeating: 7, count: 500))
        let batch =
            [[UInt8]](repeating: Message.ping(ping).encoded, count: 20)
            + [[UInt8]](repeating: unknown.encoded, count: 20)
            + [[UInt8]](repeating: Message.ping(answered).encoded, count: 10)
        return try besiege(4) { siege, _ in
            let stranger = try Stranger(port, key)
            while !siege.isOver {
                try stranger.send(batch)
                siege.count("messages", batch.count)
            }
        }
    }

    func sendGarbage() throws -> SoakRecord.Event {
        let (port, key) = (try victim.peerPort, try PublicKey(Hex.decode(victim.key)))
        let (mallory, channels) = (network.attackers[0], try victimsChannels())
        let victimKey = victim.key
        return try besiege(6) { siege, number in
            guard number > 3 else {
                try Self.payNobody(mallory, over: channels, through: victimKey, siege)
                return
            }
            let stranger = try Stranger(port, key)
            while !siege.isOver {
                let messages = try (0..<20).map { _ in
                    Message.onionMessage(
                        OnionMessage(
                            pathKey: Point(try Stranger.freshKey().publicKey),
                            packet: SystemEntropy.bytes(1_366))
                    ).encoded
                }
                try stranger.send(messages)
                siege.count("onion messages", messages.count)
            }
        }
    }

    /// The channels that lead from the attacker to the victim, and on from there.
    private func victimsChannels() throws -> (first: String, second: String) {
        let first = try network.attackers[0].channels(with: victim).first?.text("chan_id") ?? ""
        let second = try victim.channels(with: network.honest[1]).first?.text("chan_id") ?? ""
        return (first, second)
    }

    /// Sends a payment whose second onion is for a key that nobody has.
    private static func payNobody(
        _ payer: LocalNode, over channels: (first: String, second: String), through node: String,
        _ siege: Siege
    ) throws {
        func hop(_ channel: String, _ key: String, _ expiry: Int64) -> JSONValue {
            [
                "chan_id": .string(channel), "pub_key": .string(key),
                "amt_to_forward_msat": "1000000", "expiry": .integer(expiry),
                "fee_msat": "0",
            ]
        }
        let height = try payer.client.get("/v1/getinfo").number("block_height")
        let stranger = Hex.encode(try Stranger.freshKey().publicKey.compressed)
        let answer = try payer.client.post(
            "/v2/router/route/send",
            [
                "payment_hash": .string(Base64.encode(SystemEntropy.bytes(32))),
                "route": [
                    "total_time_lock": .integer(height + 200), "total_amt_msat": "1010000",
                    "total_fees_msat": "10000",
                    "hops": [
                        hop(channels.first, node, height + 60),
                        hop(channels.second, stranger, height + 60),
                    ],
                ],
            ])
        siege.count("payments (\(answer["failure"]?.text("code") ?? answer.text("status")))")
    }

    func floodWithRequests() throws -> SoakRecord.Event {
        let victim = victim
        return try besiege(6) { siege, number in
            let client = try NodeClient(victim.configuration, needsMacaroon: false)
            // Half of them greet the node anew for each request.
            for _ in 0..<(number % 2 == 0 ? 1 : 1_000) where !siege.isOver {
                _ = try? client.get(number < 3 ? "/v1/getinfo" : "/v1/nothing")
                siege.count("requests")
            }
        }
    }

    func askSlowly() throws -> SoakRecord.Event {
        guard let port = victim.configuration.runningAddress.flatMap({ HostAndPort($0) })?.port
        else { throw CommandFailure("\(victim.name) does not run") }
        // The beginning of a handshake of TLS, of which 512 bytes are promised.
        let hello: [UInt8] = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3] + SystemEntropy.bytes(500)
        return try besiege(1) { siege, _ in
            var open: [(socket: TCPSocket, left: ArraySlice<UInt8>)] = []
            while !siege.isOver {
                while open.count < 300, !siege.isOver {
                    open.append((try TCPSocket.connected(to: port, patience: 200), hello[...]))
                    siege.count("connections")
                }
                for index in open.indices.reversed() {
                    guard let byte = open[index].left.popFirst(),
                        case .some = open[index].socket.write([byte])
                    else {
                        open.remove(at: index)
                        continue
                    }
                }
                siege.rest(1_000)
            }
        }
    }
}
