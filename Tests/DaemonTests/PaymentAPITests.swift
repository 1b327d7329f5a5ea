import Bitcoin
import HTTP
import HTTPClient
import JSON
import TestSupport
import Testing

/// Payments between three daemons, made and followed with the calls that LNbits, BTCPay, Zeus and RTL make.
@Suite(.serialized) struct PaymentAPITests {
    let network: PaymentNetwork
    var alice: NodeProcess { network.nodes[0] }
    var bob: NodeProcess { network.nodes[1] }
    var carol: NodeProcess { network.nodes[2] }

    init() throws { network = try PaymentNetwork(3) }

    private static func url(_ base64: String) -> String {
        base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "%3D")
    }

    private static func hex(_ base64: String) throws -> String {
        Hex.encode(try Base64.decode(base64))
    }

    private func line(_ stream: HTTPClientStream) throws -> JSONValue? {
        guard let line = try stream.readLine(timeout: 120) else { return nil }
        #expect(line.starts(with: Array("{\"result\":".utf8)))
        return try JSONValue(parsing: line)["result"]
    }

    // One network for all of it: to make one takes long.
    @Test("applications pay, are paid, and read what became of it")
    func story() throws {
        try lnbits()
        try btcpay()
        try zeus()
        try hold()
        try keysend()
        try failures()
        try routes()
        try histories()
    }

    /// LNbits: a preimage of its own, one line as the answer, and the hash in hexadecimal to look it up.
    private func lnbits() throws {
        let events = try carol.stream(.get, "/v1/invoices/subscribe")
        let (text, hash) = try carol.invoice(["value": 1_000, "memo": "coffee", "private": true])
        #expect(try line(events)?["state"]?.string == "OPEN")
        let before = try (alice.localBalance(), carol.localBalance())
        let answer = try alice.pay([
            "payment_request": .string(text), "fee_limit_msat": 10_000, "fee_limit_sat": 0,
            "allow_self_payment": true,
        ])
        let paid = try #require(answer["result"], "\(answer)")
        #expect(paid["status"]?.string == "SUCCEEDED")
        #expect(try paid["payment_hash"]?.string == Self.hex(hash))
        #expect(paid["failure_reason"]?.string == "FAILURE_REASON_NONE")
        #expect(paid["value_sat"]?.string == "1000")
        let fee = try #require(paid["fee_msat"]?.string.flatMap { Int64($0) })
        #expect(fee > 0 && fee <= 10_000)
        let preimage = try #require(paid["payment_preimage"]?.string)
        #expect(try Hex.encode(SHA256.hash(Hex.decode(preimage)).bytes) == Self.hex(hash))
        let hops = paid["htlcs"]?.array?.first?["route"]?["hops"]?.array ?? []
        #expect(try hops.map { $0["pub_key"]?.string } == [bob.key(), carol.key()])
        #expect(hops.first?["fee_msat"]?.string == "\(fee)")
        let settled = try #require(try line(events))
        #expect(settled["state"]?.string == "SETTLED")
        #expect(settled["r_hash"]?.string == hash)
        #expect(settled["settle_index"]?.string == "1")
        events.cancel()
        let found = try carol.get("/v1/invoice/\(Self.hex(hash))")
        #expect(found == settled)
        #expect(found["settled"]?.bool == true)
        #expect(found["amt_paid_msat"]?.string == "1000000")
        #expect(found["htlcs"]?.array?.first?["state"]?.string == "SETTLED")
        #expect(found["htlcs"]?.array?.first?["chan_id"]?.string != "0")
        try eventually("the balances") {
            try alice.localBalance() == before.0 - 1_000_000 - fee
                && carol.localBalance() == before.1 + 1_000_000
        }
        let again = try alice.failure(
            .post, "/v2/router/send",
            ["payment_request": .string(text), "timeout_seconds": 30, "fee_limit_sat": "10"])
        #expect(again?.status == 409)
        #expect(again?.code == 6)
        #expect(again?.message.contains("already paid") == true)
        let tracked = try alice.exchange(.get, "/v2/router/track/\(Self.url(hash))")
        #expect(
            try JSONValue(parsing: Array(tracked.body.utf8))["result"]?["status"]?.string
                == "SUCCEEDED")
    }

    /// BTCPay: the hash in the query, events as lines, the invoice's own word for being settled.
    private func btcpay() throws {
        let (text, hash) = try carol.invoice([
            "value_msat": "2500000",
            "description_hash": .string(
                Base64.encode([UInt8](repeating: 3, count: 32))), "expiry": "600",
        ])
        let path = "/v1/invoice/?r_hash=\(Self.url(hash))"
        #expect(try carol.get(path)["settled"]?.bool == false)
        let track = "/v2/router/track/\(Self.url(hash))"
        #expect(try alice.failure(.get, track)?.code == 5)
        let answer = try alice.pay(["payment_request": .string(text), "fee_limit_sat": "25"])
        #expect(answer["result"]?["status"]?.string == "SUCCEEDED", "\(answer)")
        #expect(try carol.get(path)["settled"]?.bool == true)
        #expect(try carol.get(path)["amt_paid_msat"]?.string == "2500000")
        let missed = try carol.stream(.get, "/v1/invoices/subscribe?settle_index=1")
        #expect(try line(missed)?["r_hash"]?.string == hash)
        missed.cancel()
    }

    /// Zeus: updates while the payment is on its way, amounts that the payer chooses, single invoices followed.
    private func zeus() throws {
        let (text, hash) = try carol.invoice(["memo": "tip"])
        let one = try carol.stream(.get, "/v2/invoices/subscribe/\(Self.url(hash))")
        #expect(try line(one)?["state"]?.string == "OPEN")
        let channel = try #require(
            try alice.get("/v1/channels")["channels"]?.array?.first?["chan_id"])
        let updates = try alice.stream(
            .post, "/v2/router/send",
            [
                "payment_request": .string(text), "amt": "77", "fee_limit_sat": "10",
                "timeout_seconds": 60, "max_parts": 4, "outgoing_chan_id": channel,
                "last_hop_pubkey": .string(Base64.encode(try Hex.decode(bob.key()))),
            ])
        var states: [String] = []
        while let update = try line(updates) {
            states.append(update["status"]?.string ?? "")
        }
        #expect(states.count > 1 && states.dropLast().allSatisfy { $0 == "IN_FLIGHT" })
        #expect(states.last == "SUCCEEDED")
        #expect(try line(one)?["amt_paid_sat"]?.string == "77")
        #expect(try one.readLine(timeout: 120) == nil)
    }

    private func hold() throws {
        for settles in [true, false] {
            let preimage = [UInt8](repeating: settles ? 21 : 22, count: 32)
            let hash = Base64.encode(SHA256.hash(preimage).bytes)
            let held = try carol.post(
                "/v2/invoices/hodl",
                ["hash": .string(hash), "value": 500, "private": false, "memo": "held"])
            let text = try #require(held["payment_request"]?.string)
            let one = try carol.stream(.get, "/v2/invoices/subscribe/\(Self.url(hash))")
            #expect(try line(one)?["state"]?.string == "OPEN")
            let payment = try alice.stream(
                .post, "/v2/router/send",
                [
                    "payment_request": .string(text), "timeout_seconds": 30,
                    "fee_limit_sat": "10",
                ])
            let accepted = try #require(try line(one))
            #expect(accepted["state"]?.string == "ACCEPTED")
            #expect(accepted["amt_paid_sat"]?.string == "500")
            #expect(try carol.get("/v1/invoice/\(Self.hex(hash))") == accepted)
            #expect(
                try carol.get("/v1/invoices?pending_only=true")["invoices"]?.array?.last == accepted
            )
            let again = try alice.failure(
                .post, "/v2/router/send",
                [
                    "payment_request": .string(text), "timeout_seconds": 30, "fee_limit_sat": "10",
                    // Whoever asks for it goes at once; the first order is none of his business.
                    "cancelable": true,
                ])
            #expect(again?.code == 6)
            #expect(again?.message.contains("in transition") == true)
            let track = try alice.stream(.get, "/v2/router/track/\(Self.url(hash))")
            #expect(try line(track)?["status"]?.string == "IN_FLIGHT")
            if settles {
                let body: JSONValue = ["preimage": .string(Base64.encode(preimage))]
                #expect(try carol.post("/v2/invoices/settle", body) == [:])
                #expect(try carol.post("/v2/invoices/settle", body) == [:])
            } else {
                #expect(
                    try carol.post("/v2/invoices/cancel", ["payment_hash": .string(hash)]) == [:])
            }
            let outcome = settles ? "SUCCEEDED" : "FAILED"
            var last: JSONValue?
            while let update = try line(payment) { last = update }
            let end = try #require(last)
            #expect(end["status"]?.string == outcome)
            #expect(
                end["failure_reason"]?.string
                    == (settles
                        ? "FAILURE_REASON_NONE" : "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS"))
            #expect(try line(track)?["status"]?.string == outcome)
            #expect(try track.readLine(timeout: 120) == nil)
            #expect(try line(one)?["state"]?.string == (settles ? "SETTLED" : "CANCELED"))
        }
    }

    private func keysend() throws {
        let preimage = [UInt8](repeating: 31, count: 32)
        let note = Base64.encode(Array("hello".utf8))
        let answer = try alice.pay([
            "dest": .string(Base64.encode(try Hex.decode(carol.key()))), "amt": "42",
            "payment_hash": .string(Base64.encode(SHA256.hash(preimage).bytes)),
            "dest_custom_records": [
                "5482373484": .string(Base64.encode(preimage)), "34349334": .string(note),
            ],
        ])
        #expect(answer["result"]?["status"]?.string == "SUCCEEDED", "\(answer)")
        let hex = Hex.encode(SHA256.hash(preimage).bytes)
        let invoice = try carol.get("/v1/invoice/\(hex)")
        #expect(invoice["is_keysend"]?.bool == true)
        #expect(invoice["settled"]?.bool == true)
        #expect(invoice["amt_paid_sat"]?.string == "42")
        let records = invoice["htlcs"]?.array?.first?["custom_records"]
        #expect(records?["34349334"]?.string == note)
        #expect(records?["5482373484"]?.string == Base64.encode(preimage))
    }

    private func failures() throws {
        // More than there is.
        let much = try carol.invoice(["value": .string("\(PaymentNetwork.capacity * 2)")])
        let answer = try alice.pay(["payment_request": .string(much.text)])
        #expect(answer["result"]?["status"]?.string == "FAILED")
        #expect(
            answer["result"]?["failure_reason"]?.string == "FAILURE_REASON_INSUFFICIENT_BALANCE")
        #expect(
            answer["result"]?["payment_preimage"]?.string == String(repeating: "0", count: 64))
        // Nothing for the way.
        let far = try carol.invoice(["value": 100])
        let dear = try alice.pay(["payment_request": .string(far.text), "fee_limit_sat": "0"])
        #expect(dear["result"]?["failure_reason"]?.string == "FAILURE_REASON_NO_ROUTE", "\(dear)")
        // Nobody knows the hash.
        let unknown = try alice.pay([
            "dest": .string(Base64.encode(try Hex.decode(bob.key()))), "amt": "5",
            "payment_hash": .string(Base64.encode([UInt8](repeating: 1, count: 32))),
            "payment_addr": .string(Base64.encode([UInt8](repeating: 2, count: 32))),
        ])
        #expect(
            unknown["result"]?["failure_reason"]?.string
                == "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS", "\(unknown)")
        #expect(
            unknown["result"]?["htlcs"]?.array?.first?["failure"]?["code"]?.string
                == "INCORRECT_OR_UNKNOWN_PAYMENT_DETAILS")
    }

    /// lncli's `sendtoroute`: a route that was used before is used again.
    private func routes() throws {
        let payments = try alice.get("/v1/payments")["payments"]?.array ?? []
        let route = try #require(payments.first?["htlcs"]?.array?.first?["route"]?.object)
        let made = try carol.post("/v1/invoices", ["value": 1_000])
        var hops = route["hops"]?.array ?? []
        var last = try #require(hops.popLast()?.object)
        last["mpp_record"] = [
            "payment_addr": made["payment_addr"] ?? .null, "total_amt_msat": "1000000",
        ]
        var fresh = route
        fresh["hops"] = .array(hops + [.object(last)])
        let attempt = try alice.post(
            "/v2/router/route/send",
            ["payment_hash": made["r_hash"] ?? .null, "route": .object(fresh)])
        #expect(attempt["status"]?.string == "SUCCEEDED", "\(attempt)")
        let preimage: [UInt8] = try Base64.decode(attempt["preimage"]?.string ?? "")
        #expect(Base64.encode(SHA256.hash(preimage).bytes) == made["r_hash"]?.string)
    }

    private func histories() throws {
        let forwarded = try bob.post("/v1/switch", ["peer_alias_lookup": true])
        let first = try #require(forwarded["forwarding_events"]?.array?.first)
        #expect(forwarded["last_offset_index"]?.integer() == 6)
        #expect(first["amt_out_msat"]?.string == "1000000")
        #expect(first["fee_msat"]?.string == "1001")
        #expect(first["peer_alias_in"]?.string == "node0")
        #expect(first["peer_alias_out"]?.string == "node2")
        let rest = try bob.post("/v1/switch", ["index_offset": 5, "num_max_events": 100])
        #expect(rest["forwarding_events"]?.array?.count == 1)
        let payments = try alice.get("/v1/payments?count_total_payments=true")
        let succeeded = payments["payments"]?.array ?? []
        #expect(succeeded.count == 6)
        #expect(succeeded.allSatisfy { $0["status"]?.string == "SUCCEEDED" })
        let everything = try alice.get("/v1/payments?include_incomplete=true")
        let indices =
            everything["payments"]?.array?.compactMap {
                $0["payment_index"]?.string.flatMap { Int($0) }
            } ?? []
        #expect(indices.count > succeeded.count && indices == indices.sorted())
        #expect(payments["total_num_payments"]?.string == "\(indices.count)")
        let page = try alice.get("/v1/payments?max_payments=2&reversed=true")
        #expect(page["payments"]?.array == Array(succeeded.suffix(2)))
        let hash = Base64.encode(
            try Hex.decode(try #require(succeeded.first?["payment_hash"]?.string)))
        let deleted = try alice.exchange(.delete, "/v1/payment?payment_hash=\(Self.url(hash))")
        #expect(deleted.status == 200, "\(deleted.body)")
        #expect(try alice.get("/v1/payments")["payments"]?.array?.count == succeeded.count - 1)
        // What is forgotten is not paid twice for it.
        let text = try #require(succeeded.first?["payment_request"])
        let again = try alice.failure(
            .post, "/v2/router/send",
            ["payment_request": text, "timeout_seconds": 30, "fee_limit_sat": "10"])
        #expect(again?.message.contains("already paid") == true)
        _ = try alice.exchange(.delete, "/v1/payments?failed_payments_only=true")
        let left = try alice.get("/v1/payments?include_incomplete=true")
        #expect(left["payments"]?.array?.count == succeeded.count - 1)
    }
}
