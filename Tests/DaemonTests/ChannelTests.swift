import APISchemas
import Bitcoin
import HTTP
import HTTPClient
import JSON
import TestSupport
import Testing

/// Peers and channels of two nodes, each in a process of its own, as clients of the interface see them.
@Suite(.serialized) struct ChannelTests {
    @Test("two nodes connect, open, change terms, close in agreement and by force")
    func life() throws {
        let pair = try NodePair()
        try pair.connect()
        try pair.refuseBadOpenings()

        let events = try pair.left.client.stream(.get, "/v1/channels/subscribe")
        let funding = try pair.open(amount: 1_000_000, pushed: 100_000)
        #expect(
            try (0..<3).map { _ in try events.event()?["type"]?.string }
                == ["PENDING_OPEN_CHANNEL", "OPEN_CHANNEL", "ACTIVE_CHANNEL"])
        try pair.checkOpen(funding)
        try pair.checkTerms(funding)
        try pair.checkAnswers()
        try pair.closeInAgreement(funding)

        let second = try pair.open(amount: 500_000, pushed: 50_000)
        try pair.closeByForce(second)
        try pair.checkAnswers()
    }

    @Test("a channel is opened with all that the wallet has")
    func everything() throws {
        let pair = try NodePair()
        try pair.connect()
        let answer = try pair.left.post(
            "/v1/channels",
            [
                "node_pubkey_string": .string(pair.rightKey), "fund_max": true,
                "sat_per_vbyte": "2", "private": true, "memo": "all of it",
            ])
        #expect(answer["funding_txid_bytes"]?.string != nil, "\(answer)")
        let pending = try pair.left.get("/v1/channels/pending")["pending_open_channels"]?.array
        let capacity = pending?.first?["channel"]?["capacity"]?.string.flatMap { Int64($0) } ?? 0
        // What is left is the reserve for closing the channel alone.
        #expect((4_999_000_000..<5_000_000_000).contains(capacity))
        #expect(
            try pair.left.get("/v1/transactions")["transactions"]?[0]?["label"]?.string
                == "all of it")
    }

    @Test("whoever is asked about channels decides about them")
    func acceptor() throws {
        let pair = try NodePair()
        try pair.connect()
        let socket = try pair.right.client.webSocket("/v1/channels/acceptor?method=POST")
        let opening = try pair.left.client.webSocket("/v1/channels/stream?method=POST")
        try opening.send(.text(pair.opening(amount: 300_000)))
        guard case .text(let text)? = try socket.receive(timeout: 120) else {
            throw DaemonTestError.neverHappened("the question")
        }
        let request = try JSONValue(parsing: text)["result"] ?? [:]
        #expect(request["funding_amt"]?.string == "300000")
        let answer: JSONValue = [
            "accept": false, "pending_chan_id": request["pending_chan_id"] ?? "",
            "error": "not today",
        ]
        try socket.send(.text(String(decoding: answer.serialized(), as: UTF8.self)))
        guard case .text(let refusal)? = try opening.receive(timeout: 120) else {
            throw DaemonTestError.neverHappened("the refusal")
        }
        #expect(refusal.hasPrefix(#"{"error":{"code":9,"message":"not today"#))
    }
}

extension HTTPClientStream {
    /// The next event; nil at the end.
    fileprivate func event() throws -> JSONValue? {
        guard let line = try readLine(timeout: 120) else { return nil }
        #expect(line.starts(with: Array("{\"result\":".utf8)))
        return try JSONValue(parsing: line)["result"]
    }
}

/// A node with coins and one without, on a chain of their own.
private final class NodePair {
    let folders: [TemporaryFolder]
    let chain: ChainProcess
    let left: NodeProcess
    let right: NodeProcess
    let leftKey: String
    let rightKey: String
    private let schemas: Schemas

    init() throws {
        folders = try (0..<3).map { _ in try TemporaryFolder() }
        chain = try ChainProcess(.salama, folder: folders[0].path)
        left = try NodeProcess(folder: folders[1].path, chain: chain, alias: "left")
        right = try NodeProcess(folder: folders[2].path, chain: chain, alias: "right")
        leftKey = try left.get("/v1/getinfo")["identity_pubkey"]?.string ?? ""
        rightKey = try right.get("/v1/getinfo")["identity_pubkey"]?.string ?? ""
        schemas = Schemas(try left.get("/openapi.json"))
        try chain.mine(1, to: left.newAddress())
        try mine(100)
    }

    func mine(_ count: Int) throws {
        try chain.mine(count, to: Payee(0).address)
        for node in [left, right] { try node.waitForTip(chain) }
    }

    func connect() throws {
        let body: JSONValue = [
            "addr": ["pubkey": .string(rightKey), "host": .string("127.0.0.1:\(right.peerPort)")],
            "perm": true,
        ]
        #expect(try left.post("/v1/peers", body)["status"]?.string != nil)
        let again = try left.post("/v1/peers", body)
        #expect(again["message"]?.string?.contains("already connected") == true)
        let peers = try left.get("/v1/peers")["peers"]?.array
        #expect(peers?.map { $0["pub_key"]?.string } == [rightKey])
        #expect(peers?.first?["features"]?.object?.isEmpty == false)
        #expect(try right.get("/v1/peers")["peers"]?[0]?["inbound"]?.bool == true)
        #expect(try left.get("/v1/getinfo")["num_peers"]?.integer() == 1)
    }

    private func body(_ amount: Int, pushed: Int = 0) -> JSONValue {
        [
            "node_pubkey": .string(Base64.encode((try? Hex.decode(rightKey)) ?? [])),
            "local_funding_amount": .string("\(amount)"), "push_sat": .string("\(pushed)"),
            "sat_per_vbyte": "2",
        ]
    }

    func refuseBadOpenings() throws {
        #expect(
            try left.post("/v1/channels", body(19_999))["message"]?.string
                == "channel is too small, the minimum channel size is: 20000 SAT")
        #expect(
            try left.post("/v1/channels", body(50_000, pushed: 50_000))["message"]?.string?
                .hasPrefix("amount pushed to remote peer for initial state must be below") == true)
        #expect(
            try left.post("/v1/channels", body(900_000_000_000))["message"]?.string?
                .hasPrefix("not enough witness outputs to create funding transaction, need ")
                == true)
        let stranger = try left.post(
            "/v1/channels",
            [
                "node_pubkey_string":
                    "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                "local_funding_amount": 100_000, "sat_per_vbyte": 2,
            ])
        #expect(stranger["message"]?.string?.hasSuffix("is not online") == true)
        #expect(stranger["code"]?.integer() == 14)
    }

    func startOpening(amount: Int, pushed: Int = 0) throws -> HTTPClientStream {
        try left.client.stream(
            .post, "/v1/channels/stream", body: body(amount, pushed: pushed).serialized())
    }

    /// The request for a channel, as text.
    func opening(amount: Int) -> String {
        String(decoding: body(amount).serialized(), as: UTF8.self)
    }

    /// Opens a channel and mines it; answers its funding output.
    func open(amount: Int, pushed: Int) throws -> OutPoint {
        let stream = try startOpening(amount: amount, pushed: pushed)
        let pending = try stream.event()?["chan_pending"]
        let hash = try Hash256(Base64.decode(pending?["txid"]?.string ?? "") ?? [])
        let funding = OutPoint(TransactionID(hash), pending?["output_index"]?.integer() ?? 0)
        let waiting = try left.get("/v1/channels/pending")
        #expect(
            waiting["pending_open_channels"]?[0]?["channel"]?["channel_point"]?.string
                == funding.description)
        // The answer says that the chain has it.
        #expect(try chain.call("getrawmempool").array?.isEmpty == false)
        try mine(6)
        let open = try stream.event()?["chan_open"]
        #expect(open?["channel_point"]?["funding_txid_bytes"] == pending?["txid"])
        #expect(try stream.readLine(timeout: 120) == nil)
        for node in [left, right] {
            try eventually("an active channel") {
                try node.get("/v1/channels?active_only=true")["channels"]?.array?.count == 1
            }
        }
        return funding
    }

    func checkOpen(_ funding: OutPoint) throws {
        for (node, peer, isOpener) in [(left, rightKey, true), (right, leftKey, false)] {
            let channel = try node.get("/v1/channels")["channels"]?[0]
            func amount(_ name: String) -> Int {
                channel?[name]?.string.flatMap { Int($0) } ?? -1
            }
            #expect(channel?["remote_pubkey"]?.string == peer)
            #expect(channel?["channel_point"]?.string == funding.description)
            #expect(channel?["initiator"]?.bool == isOpener)
            #expect(channel?["commitment_type"]?.string == "ANCHORS")
            #expect(channel?["chan_status_flags"]?.string == "ChanStatusDefault")
            #expect(amount("push_amount_sat") == 100_000)
            #expect(
                amount("local_balance") + amount("remote_balance") + amount("commit_fee") + 660
                    == 1_000_000)
            #expect(amount("chan_id") >> 40 > 100)
            // The opener's balance moves with the fee rate of the commitments, which follows the chain's.
            try eventually("the sum of the channels' balances") {
                let one = try node.get("/v1/channels")["channels"]?[0]
                let balance = try node.get("/v1/balance/channels")
                return balance["balance"] == one?["local_balance"]
            }
            let info = try node.get("/v1/getinfo")
            #expect(info["num_active_channels"]?.integer() == 1)
            #expect(info["num_pending_channels"]?.integer() == 0)
        }
        #expect(
            try left.get("/v1/channels?inactive_only=true")["channels"]?.array?.isEmpty == true)
        let peer = Base64.encodeURL((try? Hex.decode(rightKey)) ?? [])
        #expect(
            try left.get("/v1/channels?peer=\(peer)&peer_alias_lookup=true")["channels"]?.array?
                .count == 1)
    }

    func checkTerms(_ funding: OutPoint) throws {
        let point: JSONValue = [
            "funding_txid_str": .string(funding.transactionID.description),
            "output_index": .integer(funding.index),
        ]
        let answer = try left.post(
            "/v1/chanpolicy",
            [
                "chan_point": point, "base_fee_msat": "2500", "fee_rate_ppm": 321,
                "time_lock_delta": 60,
            ])
        #expect(answer["failed_updates"]?.array?.isEmpty == true)
        let fees = try left.get("/v1/fees")
        #expect(fees["channel_fees"]?[0]?["base_fee_msat"]?.string == "2500")
        #expect(fees["channel_fees"]?[0]?["fee_per_mil"]?.string == "321")
        #expect(fees["day_fee_sum"]?.string == "0")
        let refused = try left.post(
            "/v1/chanpolicy",
            ["global": true, "base_fee_msat": "1", "fee_rate_ppm": 1, "time_lock_delta": 3])
        #expect(refused["message"]?.string?.contains("is too small") == true)
        let unknown = try left.post(
            "/v1/chanpolicy",
            [
                "chan_point": [
                    "funding_txid_str": .string(String(repeating: "11", count: 32)),
                    "output_index": 0,
                ], "base_fee_msat": "1", "fee_rate_ppm": 1, "time_lock_delta": 40,
            ])
        #expect(unknown["failed_updates"]?[0]?["reason"]?.string == "UPDATE_FAILURE_NOT_FOUND")
    }

    /// Holds the answers of every call that needs nothing against the description.
    func checkAnswers() throws {
        let paths = [
            "/v1/getinfo", "/v1/balance/channels", "/v1/balance/blockchain", "/v1/channels",
            "/v1/channels/pending", "/v1/channels/closed", "/v1/peers", "/v1/fees",
            "/v1/invoices", "/v1/payments", "/v1/transactions", "/v1/utxos", "/v1/graph/info",
            "/v1/graph", "/v2/wallet/accounts", "/v2/wallet/addresses",
        ]
        for node in [left, right] {
            for path in paths {
                let answer = try node.get(path)
                #expect(
                    schemas.problems(of: answer, method: "get", path: path).isEmpty, "\(path)")
            }
        }
        let metrics = try left.client.request(.get, "/metrics")
        let text = String(decoding: metrics.body, as: UTF8.self)
        #expect(text.contains("\nsalama_peers "))
        #expect(text.contains("\nsalama_storage_commit_seconds_count "))
    }

    private func close(_ funding: OutPoint, _ query: String) throws -> HTTPClientStream {
        try left.client.stream(
            .delete, "/v1/channels/\(funding.transactionID)/\(funding.index)?\(query)")
    }

    func closeInAgreement(_ funding: OutPoint) throws {
        let stream = try close(funding, "sat_per_vbyte=3")
        let pending = try stream.event()?["close_pending"]?["txid"]?.string
        #expect(pending != nil)
        let waiting = try left.get("/v1/channels/pending")["waiting_close_channels"]
        #expect(waiting?[0]?["channel"]?["channel_point"]?.string == funding.description)
        try mine(1)
        let closed = try stream.event()?["chan_close"]
        #expect(closed?["success"]?.bool == true)
        #expect(try stream.readLine(timeout: 120) == nil)
        // Each side has signed a transaction that it pays itself, and either may be mined.
        let remote = closed?["remote_close_output"]?["amount_sat"]?.string.flatMap { Int($0) }
        #expect((95_000...100_000).contains(remote ?? 0))
        for node in [left, right] {
            let channel = try node.get("/v1/channels/closed")["channels"]?[0]
            #expect(channel?["close_type"]?.string == "COOPERATIVE_CLOSE")
            #expect(channel?["channel_point"]?.string == funding.description)
            #expect(try node.get("/v1/channels")["channels"]?.array?.isEmpty == true)
        }
    }

    func closeByForce(_ funding: OutPoint) throws {
        let refused = try left.client.request(
            .delete,
            "/v1/channels/\(funding.transactionID)/\(funding.index)?force=true&sat_per_vbyte=3")
        #expect(
            String(decoding: refused.body, as: UTF8.self).contains(
                "force closing a channel uses a pre-defined fee"))
        // The peer must not answer with its own commitment, of which either may be mined.
        #expect(
            try left.client.request(.delete, "/v1/peers/\(rightKey)").status == .ok)
        let stream = try close(funding, "force=true")
        #expect(try stream.event()?["close_pending"]?["local_close_tx"]?.bool == true)
        try mine(1)
        #expect(try stream.event()?["chan_close"]?["success"]?.bool == true)
        let pending = try left.get("/v1/channels/pending")
        let closing = pending["pending_force_closing_channels"]?[0]
        #expect(closing?["channel"]?["channel_point"]?.string == funding.description)
        #expect(closing?["limbo_balance"] == pending["total_limbo_balance"])
        #expect((closing?["blocks_til_maturity"]?.integer() ?? 0) > 100)
        try mine(150)
        try eventually("the sweep") {
            try mine(1)
            return try left.get("/v1/channels/closed?local_force=true")["channels"]?.array?.count
                == 1
        }
        #expect(
            try left.get("/v1/channels/pending")["total_limbo_balance"]?.string == "0")
    }
}
