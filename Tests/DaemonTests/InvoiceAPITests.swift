import Bitcoin
import HTTP
import HTTPClient
import JSON
import TestSupport
import Testing

/// Invoices, signed texts and refused payments over the interface of a daemon without channels, asked for as LNbits, BTCPay,
/// Zeus and RTL ask.
@Suite(.serialized) struct InvoiceAPITests {
    let chainFolder: TemporaryFolder
    let folder: TemporaryFolder
    let chain: ChainProcess
    let node: NodeProcess

    init() throws {
        chainFolder = try TemporaryFolder()
        folder = try TemporaryFolder()
        chain = try ChainProcess(.salama, folder: chainFolder.path)
        node = try NodeProcess(folder: folder.path, chain: chain)
    }

    private static func base64(_ byte: UInt8) -> JSONValue {
        .string(Base64.encode([UInt8](repeating: byte, count: 32)))
    }

    /// The line of a stream, without its envelope.
    private func line(_ stream: HTTPClientStream) throws -> JSONValue? {
        guard let line = try stream.readLine(timeout: 120) else { return nil }
        #expect(
            line.starts(with: Array("{\"result\":".utf8))
                || line.starts(with: Array("{\"error\":".utf8)))
        return try JSONValue(parsing: line)["result"]
    }

    @Test("an invoice is made and found in every form that clients use")
    func lookUp() throws {
        // LNbits gives preimage and hash, and the amount as a number.
        let preimage = [UInt8](repeating: 7, count: 32)
        let hash = SHA256.hash(preimage).bytes
        let made = try node.post(
            "/v1/invoices",
            [
                "value": 1_000, "memo": "coffee", "private": true, "expiry": "3600",
                "r_hash": .string(Base64.encode(hash)),
                "r_preimage": .string(Base64.encode(preimage)),
            ])
        #expect(made["r_hash"]?.string == Base64.encode(hash))
        #expect(made["add_index"]?.string == "1")
        let request = try #require(made["payment_request"]?.string)
        #expect(request.hasPrefix("lnbcrt10u1"))
        let hex = Hex.encode(hash)
        let url = Base64.encode(hash).replacing("+", with: "-").replacing("/", with: "_")
        let escaped = url.replacing("=", with: "%3D")
        let found = try node.get("/v1/invoice/\(hex)")
        #expect(found["state"]?.string == "OPEN")
        #expect(found["settled"]?.bool == false)
        #expect(found["value"]?.string == "1000")
        #expect(found["value_msat"]?.string == "1000000")
        #expect(found["memo"]?.string == "coffee")
        #expect(found["expiry"]?.string == "3600")
        #expect(found["amt_paid_msat"]?.string == "0")
        #expect(found["r_preimage"]?.string == Base64.encode(preimage))
        #expect(found["payment_request"]?.string == request)
        #expect(found["payment_addr"]?.string == made["payment_addr"]?.string)
        for path in [
            "/v1/invoice/?r_hash=\(escaped)", "/v1/invoice?r_hash=\(escaped)",
            "/v2/invoices/lookup?payment_hash=\(escaped)",
            "/v2/invoices/lookup?payment_addr=\(try secret(made))",
        ] {
            #expect(try node.get(path) == found, "\(path)")
        }
        let decoded = try node.get("/v1/payreq/\(request)")
        #expect(decoded["payment_hash"]?.string == hex)
        #expect(decoded["num_satoshis"]?.string == "1000")
        #expect(decoded["cltv_expiry"]?.string == "80")
        #expect(decoded["features"]?["8"]?["name"]?.string == "tlv-onion")
        #expect(
            try decoded["destination"]?.string == node.get("/v1/getinfo")["identity_pubkey"]?.string
        )
        // The hash is taken now, whoever asks.
        let again = try node.failure(
            .post, "/v1/invoices", ["r_preimage": .string(Base64.encode(preimage))])
        #expect(again?.status == 409)
    }

    private func secret(_ invoice: JSONValue) throws -> String {
        try #require(invoice["payment_addr"]?.string).replacing("+", with: "-")
            .replacing("/", with: "_").replacing("=", with: "%3D")
    }

    /// Calls with the status, code and part of the message that answer them.
    private static let refusals: [(String, Int, Int, String)] = [
        ("GET /v1/invoice/" + String(repeating: "00", count: 32), 404, 5, "unable to locate"),
        ("GET /v1/invoice/00ff", 400, 3, "payment hash must be exactly 32 bytes"),
        ("GET /v1/invoice/zz", 400, 3, "encoding/hex"),
        ("GET /v2/invoices/lookup", 400, 3, "invoice ref must be set"),
        ("GET /v1/payreq/lnbcrt1junk", 400, 3, "no invoice"),
        (#"POST /v1/invoices {"value":"-1"}"#, 400, 3, "amount cannot be negative"),
        (#"POST /v1/invoices {"value":"1","value_msat":"1"}"#, 400, 3, "mutually exclusive"),
        (#"POST /v1/invoices {"value":"9223372036854775807"}"#, 400, 3, "more than there will"),
        (#"POST /v1/invoices {"value":"2100000000000001"}"#, 400, 3, "more than there will"),
        (
            #"POST /v1/invoices {"value_msat":"9223372036854775807"}"#, 400, 3,
            "more than there will"
        ),
        (
            #"POST /v1/transactions {"addr":"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080","#
                + #""amount":"9000","sat_per_byte":"-1"}"#, 400, 3, "sat_per_byte: -1 is not from 0"
        ),
        (
            #"POST /v1/transactions {"addr":"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080","#
                + #""amount":"9000","sat_per_byte":"1","sat_per_vbyte":"1"}"#, 400, 3,
            "but not both"
        ),
        (#"POST /v1/invoices {"is_amp":true}"#, 501, 12, "AMP"),
        (#"POST /v1/invoices {"is_blinded":true}"#, 501, 12, "blinded"),
        (#"POST /v1/invoices {"r_preimage":"AAAA"}"#, 400, 3, "32 bytes"),
        (#"POST /v1/invoices {"r_hash":"AAAA"}"#, 400, 3, "r_hash without r_preimage"),
        (#"POST /v1/invoices {"expiry":"31536001"}"#, 400, 3, "greater than max expiry"),
        (#"POST /v1/invoices {"cltv_expiry":"3"}"#, 400, 3, "CLTV delta of 3"),
        (#"POST /v1/invoices {"fallback_addr":"bc1q"}"#, 400, 3, "fallback address"),
        (#"POST /v2/invoices/hodl {"value":"1"}"#, 400, 3, "32 bytes"),
        (#"POST /v2/router/send {}"#, 400, 3, "must be specified"),
        (#"POST /v2/router/send {"payment_request":"x"}"#, 400, 3, "no invoice"),
        (
            #"POST /v2/router/route/estimatefee {"dest":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC","#
                + #""amt_sat":"9223372036854775807"}"#, 400, 3, "more than there will"
        ),
        (#"DELETE /v1/payments"#, 400, 3, "at least one of the options"),
        (#"GET /v2/router/track/AAAA"#, 400, 3, "32 bytes"),
        (
            "GET /v2/router/track/" + String(repeating: "A", count: 43), 404, 5,
            "payment isn't initiated"
        ),
    ]

    @Test("what there is not is not found, and what cannot be is refused")
    func refused() throws {
        for (call, status, code, message) in Self.refusals {
            let parts = call.split(separator: " ", maxSplits: 2).map(String.init)
            let body = try parts.dropFirst(2).first.map { try JSONValue(parsing: Array($0.utf8)) }
            let method = try #require(HTTPMethod(rawValue: parts[0]))
            let failure = try #require(try node.failure(method, parts[1], body), "\(call)")
            #expect(failure.status == status, "\(call)")
            #expect(failure.code == code, "\(call)")
            #expect(failure.message.contains(message), "\(call): \(failure.message)")
        }
    }

    @Test("invoices are listed in pages as lnd counts them, and expire or are cancelled")
    func pages() throws {
        for value in 1...5 { _ = try node.post("/v1/invoices", ["value": .integer(value)]) }
        func values(_ query: String) throws -> [String] {
            try node.get("/v1/invoices?\(query)")["invoices"]?.array?.compactMap {
                $0["value"]?.string
            } ?? []
        }
        #expect(try values("") == ["1", "2", "3", "4", "5"])
        #expect(try values("num_max_invoices=2") == ["1", "2"])
        #expect(try values("num_max_invoices=2&index_offset=2") == ["3", "4"])
        #expect(try values("num_max_invoices=2&reversed=true") == ["4", "5"])
        #expect(try values("num_max_invoices=2&reversed=true&index_offset=4") == ["2", "3"])
        #expect(try values("reversed=true&index_offset=1") == [])
        #expect(try values("creation_date_end=1") == [])
        let page = try node.get("/v1/invoices?num_max_invoices=2&index_offset=1")
        #expect(page["first_index_offset"]?.string == "2")
        #expect(page["last_index_offset"]?.string == "3")
        let hash = try #require(page["invoices"]?.array?.first?["r_hash"])
        #expect(try node.post("/v2/invoices/cancel", ["payment_hash": hash]) == [:])
        // Again, as after a lost answer.
        #expect(try node.post("/v2/invoices/cancel", ["payment_hash": hash]) == [:])
        #expect(try values("pending_only=true") == ["1", "3", "4", "5"])
        #expect(try values("") == ["1", "2", "3", "4", "5"])
        let hex = Hex.encode(try Base64.decode(hash.string ?? ""))
        #expect(try node.get("/v1/invoice/\(hex)")["state"]?.string == "CANCELED")
        #expect(try node.exchange(.delete, "/v1/invoices?invoice_hash=\(hex)").status == 200)
        #expect(try values("") == ["1", "3", "4", "5"])
    }

    @Test(
        "subscribers are told of new invoices, of those they missed first, and of one until its end"
    )
    func subscriptions() throws {
        let all = try node.stream(.get, "/v1/invoices/subscribe")
        let first = try node.post("/v1/invoices", ["memo": "one"])
        #expect(try line(all)?["memo"]?.string == "one")
        let second = try node.post("/v1/invoices", ["memo": "two"])
        let replayed = try node.stream(.get, "/v1/invoices/subscribe?add_index=1")
        #expect(try line(replayed)?["payment_request"] == second["payment_request"])
        #expect(try line(all)?["memo"]?.string == "two")
        let url = try #require(first["r_hash"]?.string).replacing("+", with: "-")
            .replacing("/", with: "_")
        let one = try node.stream(.get, "/v2/invoices/subscribe/\(url)")
        #expect(try line(one)?["state"]?.string == "OPEN")
        _ = try node.post("/v2/invoices/cancel", ["payment_hash": first["r_hash"] ?? .null])
        #expect(try line(one)?["state"]?.string == "CANCELED")
        #expect(try one.readLine(timeout: 120) == nil)
        _ = try node.post("/v1/invoices", ["memo": "three"])
        // Of the cancelled one they are not told, as by lnd.
        #expect(try line(all)?["memo"]?.string == "three")
        #expect(try line(replayed)?["memo"]?.string == "three")
        all.cancel()
        replayed.cancel()
    }

    @Test("a subscriber that missed much is told all of it, however slowly it reads")
    func replays() throws {
        // Each message is large, so that a thousand are more than the kernel holds for a client.
        let key = try node.get("/v1/getinfo")["identity_pubkey"] ?? .null
        let hint: JSONValue = ["hop_hints": [["node_id": key, "chan_id": "1"]]]
        let invoice: JSONValue = [
            "memo": .string(String(repeating: "m", count: 639)),
            "route_hints": .array(Array(repeating: hint, count: 20)),
        ]
        let count = 1_000
        for _ in 0..<count { _ = try node.post("/v1/invoices", invoice) }
        let slow = try node.stream(.get, "/v1/invoices/subscribe?add_index=1")
        // While it reads nothing another one is told all, and the news.
        let quick = try node.stream(.get, "/v1/invoices/subscribe?add_index=1")
        for index in 2...count { #expect(try self.index(quick) == index) }
        _ = try node.post("/v1/invoices", ["memo": "new"])
        #expect(try self.index(quick) == count + 1)
        for index in 2...count + 1 { #expect(try self.index(slow) == index) }
        slow.cancel()
        quick.cancel()
    }

    private func index(_ stream: HTTPClientStream) throws -> Int? {
        try line(stream)?["add_index"]?.string.flatMap { Int($0) }
    }

    @Test("a hold invoice is made of a hash alone, and cannot be settled before it is paid")
    func hold() throws {
        let preimage = [UInt8](repeating: 9, count: 32)
        let hash = Base64.encode(SHA256.hash(preimage).bytes)
        let made = try node.post(
            "/v2/invoices/hodl",
            [
                "hash": .string(hash), "value": 10, "private": false,
                "description_hash": Self.base64(1),
            ])
        let request = try #require(made["payment_request"]?.string)
        let decoded = try node.get("/v1/payreq/\(request)")
        #expect(decoded["description_hash"]?.string == String(repeating: "01", count: 32))
        let settle: JSONValue = ["preimage": .string(Base64.encode(preimage))]
        let early = try node.failure(.post, "/v2/invoices/settle", settle)
        #expect(early?.message.hasPrefix("invoice still open") == true)
        _ = try node.post("/v2/invoices/cancel", ["payment_hash": .string(hash)])
        let late = try node.failure(.post, "/v2/invoices/settle", settle)
        #expect(late?.message.hasPrefix("invoice already canceled") == true)
    }

    @Test("payments that cannot be are refused at once, in the nested form and lnd's words")
    func refusedPayments() throws {
        let own = try node.post("/v1/invoices", ["value": 5])
        let request = try #require(own["payment_request"]?.string)
        func refusal(_ body: JSONValue) throws -> String {
            let answer = try node.exchange(.post, "/v2/router/send", body)
            #expect(answer.status >= 400)
            #expect(answer.body.hasPrefix("{\"error\":{\"code\":"))
            return try JSONValue(parsing: Array(answer.body.utf8))["error"]?["message"]?.string
                ?? ""
        }
        #expect(
            try refusal(["payment_request": .string(request), "timeout_seconds": 30]).contains(
                "self-payment"))
        #expect(
            try refusal(["payment_request": .string(request), "amt": 5])
                == "amount must not be specified when paying a non-zero amount invoice")
        // BOLT 11's first example: of mainnet.
        let foreign =
            "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql"
        #expect(
            try refusal(["payment_request": .string(foreign)]).hasPrefix(
                "invoice not for current active network"))
        let open = try node.post("/v1/invoices", ["expiry": "1"])
        let brief = try #require(open["payment_request"]?.string)
        #expect(
            try refusal(["payment_request": .string(brief)])
                == "amount must be specified when paying a zero amount invoice")
        try eventually("the invoice's end") {
            try refusal(["payment_request": .string(brief), "amt": "1"]).hasPrefix(
                "invoice expired")
        }
        #expect(try node.get("/v1/payments?include_incomplete=true")["payments"] == [])
    }

    @Test("texts are signed the same way each time, and verified")
    func signedTexts() throws {
        let message: JSONValue = .string(Base64.encode(Array("hello".utf8)))
        let signed = try node.post("/v1/signmessage", ["msg": message])
        #expect(signed["signature"]?.string?.count == 104)
        #expect(try node.post("/v1/signmessage", ["msg": message]) == signed)
        let verified = try node.post(
            "/v1/verifymessage", ["msg": message, "signature": signed["signature"] ?? .null])
        #expect(verified["valid"]?.bool == true)
        #expect(try verified["pubkey"] == node.get("/v1/getinfo")["identity_pubkey"])
        let other: JSONValue = .string(Base64.encode(Array("other".utf8)))
        let wrong = try node.post(
            "/v1/verifymessage", ["msg": other, "signature": signed["signature"] ?? .null])
        #expect(wrong["valid"]?.bool == false)
        for type in [0, 1, 4] {
            let address = try JSONValue.string(node.newAddress(type))
            let path = "/v2/wallet/address"
            let signature =
                try node.post(
                    path + "/signmessage", ["msg": message, "addr": address])["signature"] ?? .null
            func isValid(_ text: JSONValue) throws -> Bool? {
                try node.post(
                    path + "/verifymessage",
                    ["msg": text, "addr": address, "signature": signature])["valid"]?.bool
            }
            #expect(try isValid(message) == true, "address type \(type)")
            #expect(try isValid(other) == false, "address type \(type)")
        }
        let foreign = try node.failure(
            .post, "/v2/wallet/address/signmessage",
            ["msg": message, "addr": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"])
        #expect(foreign?.status == 404)
    }

    @Test("the log's levels are shown and changed at run time")
    func logLevels() throws {
        let shown = try node.post("/v1/debuglevel", ["show": true])
        #expect(shown["sub_systems"]?.string?.contains("wallet") == true)
        let set = try node.post("/v1/debuglevel", ["level_spec": "warn,wallet=trace"])
        let text = try #require(set["sub_systems"]?.string)
        #expect(text.contains("chain=warn") && text.contains("wallet=trace"))
        let next = try node.post("/v1/debuglevel", ["level_spec": "chain=debug"])
        #expect(next["sub_systems"]?.string?.contains("wallet=trace") == true)
        let wrong = try node.failure(.post, "/v1/debuglevel", ["level_spec": "loud"])
        #expect(wrong?.status == 400)
    }
}
