import Bitcoin
import Glibc
import HTTP
import HTTPClient
import JSON
import TestSupport
import Testing

/// What operators do with three daemons, over the interface and from the command line: routes and their fees, terms, channels
/// that other wallets fund or that are opened together, and the ends of channels.
@Suite(.serialized) struct ChannelNetworkTests {
    let network: PaymentNetwork
    var alice: NodeProcess { network.nodes[0] }
    var bob: NodeProcess { network.nodes[1] }
    var carol: NodeProcess { network.nodes[2] }

    init() throws { network = try PaymentNetwork(3) }

    private static func base64(ofHex text: String) throws -> JSONValue {
        .string(Base64.encode(try Hex.decode(text)))
    }

    // One network for all of it: to make one takes long.
    @Test(
        "routes are looked for, terms told, channels opened with others' coins and together, and closed"
    )
    func story() throws {
        try estimates()
        try feesOfCommitments()
        try texts()
        try routes()
        try ownRoutes()
        try keysend()
        try terms()
        try fundingFromOutside()
        try batch()
        try closeAlone()
        try closeAll()
    }

    private func event(_ stream: HTTPClientStream) throws -> JSONValue {
        let line = try #require(try stream.readLine(timeout: 120))
        return try JSONValue(parsing: line)["result"] ?? .null
    }

    private func height() throws -> Int {
        try alice.get("/v1/getinfo")["block_height"]?.integer() ?? 0
    }

    /// What a payment would cost, to a node and of an invoice.
    private func estimates() throws {
        let path = "/v2/router/route/estimatefee"
        let invoice = try carol.invoice(["value": 1_000])
        for body in [
            ["dest": try Self.base64(ofHex: carol.key()), "amt_sat": "1000"],
            ["payment_request": .string(invoice.text)],
        ] as [JSONValue] {
            let estimate = try alice.post(path, body)
            #expect(estimate["routing_fee_msat"]?.string == "1001", "\(estimate)")
            #expect(estimate["failure_reason"]?.string == "FAILURE_REASON_NONE")
            let end = estimate["time_lock_delay"]?.string.flatMap { Int($0) } ?? 0
            #expect(try (height() + 163...height() + 400).contains(end))
        }
        let direct = try alice.post(
            path, ["dest": try Self.base64(ofHex: bob.key()), "amt_sat": "1000"])
        #expect(direct["routing_fee_msat"]?.string == "0", "\(direct)")
        let much = try carol.invoice(["value": .string("\(PaymentNetwork.capacity * 2)")])
        #expect(
            try alice.post(path, ["payment_request": .string(much.text)])["failure_reason"]?.string
                == "FAILURE_REASON_INSUFFICIENT_BALANCE")
        // The point of the key 1, of which no channel is known.
        let stranger = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        #expect(
            try alice.failure(
                .post, path, ["dest": try Self.base64(ofHex: stranger), "amt_sat": "1"])?.code == 5)
        #expect(try alice.failure(.post, path, [:])?.code == 3)
    }

    /// The opener's commitments pay what the chain's transactions pay now.
    private func feesOfCommitments() throws {
        let address = try carol.newAddress()
        for _ in 0..<12 {
            let sent = try alice.post(
                "/v1/transactions",
                [
                    "addr": .string(address), "amount": "100000", "sat_per_vbyte": "1",
                    "spend_unconfirmed": true,
                ])
            #expect(sent["txid"]?.string != nil, "\(sent)")
        }
        try eventually("all of them") {
            try network.chain.call("getrawmempool").array?.count == 12
        }
        try network.mine(1)
        for node in [alice, bob] {
            try eventually("the new fee rate") {
                let channels = try node.get("/v1/channels")["channels"]?.array ?? []
                // What a transaction pays is a little above what it was to pay, at least.
                return channels.contains { channel in
                    let rate = channel["fee_per_kw"]?.string.flatMap { Int($0) } ?? 0
                    return (250...300).contains(rate)
                }
            }
        }
        let paid = try alice.pay([
            "payment_request": .string(try bob.invoice(["value": "5000"]).text)
        ])
        #expect(paid["result"]?["status"]?.string == "SUCCEEDED", "\(paid)")
    }

    /// A text that a node far away has signed.
    private func texts() throws {
        let signature = try carol.json("signmessage hello")["signature"]?.string ?? ""
        #expect(
            try alice.run("verifymessage hello \(signature)") == "signed by \(carol.key())\n")
        let other = try alice.attempt(["verifymessage", "goodbye", signature])
        #expect(other.status == 1, "\(other)")
    }

    private func routes() throws {
        let path = "/v1/graph/routes/\(try carol.key())/1000"
        let found = try alice.get(path)
        let route = try #require(found["routes"]?[0], "\(found)")
        #expect(route["total_amt_msat"]?.string == "1001001")
        #expect(route["total_fees_msat"]?.string == "1001")
        let hops = route["hops"]?.array ?? []
        #expect(
            try hops.map { $0["pub_key"]?.string } == [bob.key(), carol.key()])
        #expect(hops.first?["chan_capacity"]?.string == "\(PaymentNetwork.capacity)")
        let last = try #require(hops.last?["expiry"]?.integer() as Int?)
        #expect(try last >= height() + 80)
        #expect((route["total_time_lock"]?.integer() ?? 0) > last)
        for body in [
            ["ignored_nodes": [try Self.base64(ofHex: bob.key())]],
            ["fee_limit": ["fixed_msat": "1000"]], ["cltv_limit": 100],
            [
                "ignored_pairs": [
                    [
                        "from": try Self.base64(ofHex: bob.key()),
                        "to": try Self.base64(ofHex: carol.key()),
                    ]
                ]
            ],
        ] as [JSONValue] {
            let failure = try alice.failure(.post, path, body)
            #expect(failure?.code == 5, "\(body)")
            #expect(failure?.message.hasPrefix("unable to find a path") == true)
        }
        // From another node's view.
        let elsewhere = try alice.get(
            "/v1/graph/routes/\(try carol.key())/1000?source_pub_key=\(try bob.key())")
        #expect(elsewhere["routes"]?[0]?["hops"]?.array?.count == 1)
        let text = try alice.run("queryroutes \(try carol.key()) 1000")
        let far = try alice.attempt(["queryroutes", carol.key(), "1000", "--time_pref", "2"])
        #expect(far.status == 2 && far.errors.contains("from -1 to 1"), "\(far)")
        #expect(text.contains("1,001.001 sat leave, 1.001 of them fees"), "\(text)")
    }

    /// `queryroutes` and `sendtoroute`.
    private func ownRoutes() throws {
        let invoice = try carol.json("addinvoice 1000")
        let hash = try Hex.encode(Base64.decode(try #require(invoice["r_hash"]?.string)))
        let secret = try Hex.encode(Base64.decode(try #require(invoice["payment_addr"]?.string)))
        let found = try alice.run("queryroutes \(try carol.key()) 1000 --json")
        // Without its secret the payee takes nothing.
        let blind = try alice.attempt(["sendtoroute", hash, found])
        #expect(blind.status == 1 && blind.errors.contains("INCORRECT") == false, "\(blind)")
        let paid = try alice.run("sendtoroute \(hash)", found, "--pay_addr", secret)
        #expect(paid.hasPrefix("Paid; the preimage is "))
        let again = try alice.attempt(["sendtoroute", hash, found, "--pay_addr", secret])
        #expect(again.status == 1 && again.errors.contains("already paid"), "\(again)")

        var route = try #require(
            JSONValue(parsing: Array(found.utf8))["routes"]?[0]?.object)
        let (soon, hops) = (try height() + 10, route["hops"]?.array ?? [])
        route["total_time_lock"] = .integer(soon)
        route["hops"] = .array(
            hops.map { hop in
                var hop = hop.object ?? JSONObject()
                hop["expiry"] = .integer(soon)
                return .object(hop)
            })
        let other = try carol.json("addinvoice 1000")
        let late = try alice.failure(
            .post, "/v2/router/route/send",
            ["payment_hash": other["r_hash"] ?? .null, "route": .object(route)])
        #expect(late?.code == 3)
        #expect(late?.message.contains("would expire at height \(soon)") == true, "\(late as Any)")
    }

    private func keysend() throws {
        let receipt = try alice.run(
            "sendpayment --dest \(try carol.key()) --amt 42 --keysend --force --data 65537=0a21 --time_pref=-0.5"
        )
        #expect(receipt.contains("paid      42 sat\n"), "\(receipt)")
        let invoice = try carol.json("listinvoices")["invoices"]?.array?.last
        #expect(invoice?["is_keysend"]?.bool == true)
        #expect(invoice?["htlcs"]?[0]?["custom_records"]?["65537"]?.string == "CiE=")
    }

    /// `updatechanpolicy`, and who is told of it.
    private func terms() throws {
        let point = try #require(
            alice.get("/v1/channels")["channels"]?[0]?["channel_point"]?.string)
        let plain = try carol.json("getchaninfo --chan_point \(point)")
        #expect(plain["auth_proof"]?.isNull == true, "\(plain)")
        let proven = try carol.json("getchaninfo --chan_point \(point) --include_auth_proof")
        for name in ["node_sig1", "node_sig2", "bitcoin_sig1", "bitcoin_sig2"] {
            let bytes: [UInt8] = try Base64.decode(proven["auth_proof"]?[name]?.string ?? "")
            #expect(throws: Never.self) { try ECDSASignature(der: bytes) }
        }
        #expect(
            try carol.get("/v1/graph?include_auth_proof=true")["edges"]?.array?.allSatisfy {
                $0["auth_proof"]?["node_sig1"]?.string?.isEmpty == false
            } == true)
        let updates = try carol.stream(.get, "/v1/graph/subscribe")
        let told = try alice.run(
            "updatechanpolicy 2500 0.000321 60 \(point) --max_htlc_msat 900000000")
        #expect(told.hasPrefix("The new terms are in force"))
        var policy: JSONValue?
        while policy?["fee_base_msat"]?.string != "2500" {
            for update in try event(updates)["channel_updates"]?.array ?? [] {
                #expect(update["capacity"]?.string == "\(PaymentNetwork.capacity)")
                guard try update["advertising_node"]?.string == alice.key() else { continue }
                #expect(try update["connecting_node"]?.string == bob.key())
                policy = update["routing_policy"]
            }
        }
        updates.cancel()
        #expect(policy?["fee_rate_milli_msat"]?.string == "321")
        #expect(policy?["time_lock_delta"]?.integer() == 60)
        #expect(policy?["max_htlc_msat"]?.string == "900000000")
        #expect(try alice.run("feereport").contains("2,500"))
        for (words, part) in [
            (["updatechanpolicy", "1", "0.1", "3"], "too small"),
            (["updatechanpolicy", "1", "often", "40"], "fee_rate"),
            (["updatechanpolicy"], "missing"),
        ] {
            let refused = try alice.attempt(words)
            #expect(refused.status == 2 && refused.errors.contains(part), "\(refused)")
        }
    }

    // MARK: - Opening

    private func active(_ node: NodeProcess, _ count: Int) throws {
        try eventually("\(count) active channels") {
            try node.get("/v1/channels?active_only=true")["channels"]?.array?.count == count
        }
    }

    private func waitForMempool(_ id: String) throws {
        try eventually("the transaction \(id)") {
            try network.chain.call("getrawmempool").array?.contains(.string(id)) == true
        }
    }

    /// A channel whose transaction another wallet makes, asked for.
    private func outside(
        _ peer: NodeProcess, _ amount: Int, _ id: JSONValue, base: JSONValue? = nil
    ) throws -> (stream: HTTPClientStream, psbt: JSONValue) {
        var shim: JSONObject = ["pending_chan_id": id, "no_publish": .bool(base == nil)]
        if let base { shim["base_psbt"] = base }
        let stream = try alice.stream(
            .post, "/v1/channels/stream",
            [
                "node_pubkey_string": .string(try peer.key()),
                "local_funding_amount": .string("\(amount)"), "use_base_fee": true,
                "base_fee": "77", "funding_shim": ["psbt_shim": .object(shim)],
            ])
        let update = try event(stream)
        let fund = try #require(update["psbt_fund"], "\(update)")
        #expect(update["pending_chan_id"] == id)
        #expect(fund["funding_amount"]?.string == "\(amount)")
        let psbt = try PSBT(base64: #require(fund["psbt"]?.string)).unsignedTransaction()
        #expect(psbt.outputs.last?.amount == Satoshi(Int64(amount)))
        #expect(psbt.outputs.count == (base == nil ? 1 : 2))
        return (stream, fund["psbt"] ?? .null)
    }

    private func step(_ name: String, _ body: JSONValue) throws -> String? {
        try alice.failure(.post, "/v1/funding/step", [name: body])?.message
    }

    /// Bob's wallet pays for two channels of Alice's with one transaction.
    private func fundingFromOutside() throws {
        try network.connect(alice, carol)
        let ids = try (1...3).map {
            try Self.base64(ofHex: String(repeating: "0\($0)", count: 32))
        }
        let first = try outside(bob, 300_000, ids[0])
        let second = try outside(carol, 400_000, ids[1], base: first.psbt)
        let funded = try bob.post(
            "/v2/wallet/psbt/fund", ["psbt": second.psbt, "sat_per_vbyte": "2"])
        let psbt = try #require(funded["funded_psbt"], "\(funded)")
        let signed = try bob.post("/v2/wallet/psbt/finalize", ["funded_psbt": psbt])
        let bytes: [UInt8] = try Base64.decode(try #require(signed["raw_final_tx"]?.string))
        let id = try Transaction(decoding: bytes).id.description

        let last: JSONValue = [
            "final_raw_tx": signed["raw_final_tx"] ?? .null, "pending_chan_id": ids[1],
        ]
        #expect(
            try step("psbt_verify", ["funded_psbt": psbt, "pending_chan_id": ids[1]]) == nil)
        // Bob has not signed for the first channel: its coins would be lost.
        #expect(try step("psbt_finalize", last)?.contains("not all peers have signed") == true)
        #expect(try network.chain.call("getrawmempool").array?.isEmpty == true)
        #expect(
            try step("psbt_verify", ["funded_psbt": psbt, "pending_chan_id": ids[0]]) == nil)
        #expect(
            try step(
                "psbt_finalize",
                ["signed_psbt": signed["signed_psbt"] ?? .null, "pending_chan_id": ids[0]]) == nil)
        #expect(try network.chain.call("getrawmempool").array?.isEmpty == true)
        #expect(try step("psbt_finalize", last) == nil)
        try waitForMempool(id)
        for stream in [first.stream, second.stream] {
            #expect(try event(stream)["chan_pending"] != nil)
        }

        // One that nobody pays for is given up.
        let third = try outside(bob, 100_000, ids[2])
        #expect(try step("shim_cancel", ["pending_chan_id": ids[2]]) == nil)
        let end = try #require(try third.stream.readLine(timeout: 120))
        #expect(String(decoding: end, as: UTF8.self).hasPrefix("{\"error\":"))
        #expect(try step("shim_cancel", ["pending_chan_id": ids[2]]) != nil)

        try network.mine(6)
        for stream in [first.stream, second.stream] {
            #expect(try event(stream)["chan_open"] != nil)
        }
        try active(alice, 3)
        #expect(
            try alice.get("/v1/channels/pending")["pending_open_channels"]?.array?.isEmpty == true)
        // The terms that were asked for with the opening are those of the channel.
        let fees = try alice.get("/v1/fees")["channel_fees"]?.array ?? []
        #expect(fees.count { $0["base_fee_msat"]?.string == "77" } == 2, "\(fees)")
        let direct = try carol.invoice(["value": 50_000])
        let paid = try alice.pay(["payment_request": .string(direct.text), "fee_limit_sat": "1"])
        #expect(paid["result"]?["status"]?.string == "SUCCEEDED", "\(paid)")
    }

    /// `batchopenchannel`.
    private func batch() throws {
        let list = """
            [{"node_pubkey": "\(try bob.key())", "local_funding_amount": 200000, "memo": "one"},
             {"node_pubkey": "\(try carol.key())", "local_funding_amount": "150000",
              "push_sat": 20000, "private": true}]
            """
        let odd = try alice.attempt([
            "batchopenchannel", list, "--coin_selection_strategy", "oldest",
        ])
        #expect(odd.status == 2 && odd.errors.contains("largest or random"), "\(odd)")
        let answer = try alice.json(
            "batchopenchannel --sat_per_vbyte 2 --coin_selection_strategy largest", list)
        let pending = answer["pending_channels"]?.array ?? []
        #expect(pending.count == 2 && pending[0]["txid"] == pending[1]["txid"], "\(answer)")
        #expect(Set(pending.compactMap { $0["output_index"]?.integer() as Int? }).count == 2)
        let waiting = try alice.get("/v1/channels/pending")["pending_open_channels"]?.array
        #expect(
            Set(waiting?.compactMap { $0["channel"]?["capacity"]?.string } ?? [])
                == ["200000", "150000"])
        try network.mine(6)
        try active(alice, 5)
        // All or none.
        let bad = try alice.attempt([
            "batchopenchannel",
            list.replacing("150000", with: "900000000000"), "--sat_per_vbyte", "2",
        ])
        #expect(bad.status == 1, "\(bad)")
        #expect(
            try alice.get("/v1/channels/pending")["pending_open_channels"]?.array?.isEmpty == true)
    }

    // MARK: - Closing

    private func closeAlone() throws {
        let channels = try alice.get("/v1/channels")["channels"]?.array ?? []
        let channel = try #require(channels.first { $0["capacity"]?.string == "400000" })
        let point = try #require(channel["channel_point"]?.string)
        let both = try alice.attempt(["closechannel", point, "--force", "--sat_per_vbyte", "3"])
        #expect(both.status == 2, "\(both)")
        // The peer must not answer with its own commitment, of which either may be mined: it sleeps meanwhile.
        let peer = try carol.key()
        kill(carol.process.identifier, SIGSTOP)
        defer { kill(carol.process.identifier, SIGCONT) }
        _ = try alice.run("disconnect \(peer)")
        let closed = try alice.json("closechannel \(point) --force")
        try waitForMempool(try #require(closed["closing_txid"]?.string))
        let waiting = try network.chain.call("getrawmempool").array?.count ?? 0
        #expect(
            try alice.run("wallet bumpforceclosefee \(point) --sat_per_vbyte 60")
                == "The closing pays more now.\n")
        // A child pays for it.
        try eventually("the child") {
            try network.chain.call("getrawmempool").array?.count == waiting + 1
        }
        let less = try alice.attempt([
            "wallet", "bumpforceclosefee", point, "--sat_per_vbyte", "2",
        ])
        #expect(less.status == 1 && less.errors.contains("already"), "\(less)")
        kill(carol.process.identifier, SIGCONT)
        try network.mine(1)
        #expect(
            try alice.attempt(["wallet", "bumpforceclosefee", point, "--sat_per_vbyte", "80"])
                .status == 1)
        let pending = try alice.run("pendingchannels")
        #expect(pending.contains("force"), "\(pending)")
        let limbo = try alice.get("/v1/channels/pending")["pending_force_closing_channels"]?[0]
        #expect(limbo?["channel"]?["channel_point"]?.string == point)
        #expect((limbo?["limbo_balance"]?.string.flatMap { Int($0) } ?? 0) > 300_000)
        try network.connect(alice, carol)
        try active(alice, 4)
    }

    private func closeAll() throws {
        let question = try alice.attempt(["closeallchannels"])
        #expect(question.status == 1 && question.errors.contains("no channel was closed"))
        let closed = try alice.json("closeallchannels --skip_confirmation --sat_per_vbyte 3")
        let outcomes = closed["closed"]?.array ?? []
        #expect(outcomes.count == 4, "\(closed)")
        #expect(outcomes.allSatisfy { $0["closing_txid"]?.string != nil }, "\(closed)")
        // Each side makes a transaction for each channel; the one that pays more stays.
        try eventually("the closings") {
            try network.chain.call("getrawmempool").array?.count == 4
        }
        try network.mine(1)
        #expect(try alice.get("/v1/channels")["channels"]?.array?.isEmpty == true)
        let past = try alice.get("/v1/channels/closed?cooperative=true")["channels"]?.array
        #expect(past?.count == 4)
        #expect(try alice.run("closeallchannels -s") == "There is no such channel.\n")
    }
}
