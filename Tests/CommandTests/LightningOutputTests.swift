import JSON
import Testing

/// What commands make of the node's answers.
struct LightningOutputTests {
    private static let key = "02" + String(repeating: "ab", count: 32)
    private static let id = String(repeating: "1", count: 64)
    private static let hash = String(repeating: "0", count: 64)

    /// Runs a command whose only question has this answer.
    private func output(_ line: String, _ request: String, _ answer: String) throws -> String {
        let result = try ScriptedNode([request: answer]).run(line)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.output.contains("\u{1b}"), "a pipe gets no colours")
        for row in result.output.split(separator: "\n") where !row.contains(Self.id) {
            #expect(row.count <= 80, "\(row)")
        }
        return result.output
    }

    @Test("channels stand in a table with a bar for their balance, and a sum")
    func channels() throws {
        let text = try output(
            "listchannels", "GET /v1/channels",
            """
            {"channels":[
            {"active":true,"remote_pubkey":"\(Self.key)","channel_point":"\(Self.id):0",
            "chan_id":"113249697726464","local_balance":"900000","remote_balance":"96530"},
            {"active":false,"private":true,"remote_pubkey":"\(Self.key)","peer_alias":"bob\\u001b[2J",
            "chan_id":"1099511758851","local_balance":"0","remote_balance":"1000000"}]}
            """)
        #expect(
            text == """
                channel  peer         here (sat)                there (sat)  state
                103x1x0  02abababab…     900,000  ███████████░       96,530  usable
                1x2x3    bob [2J               0  ░░░░░░░░░░░░    1,000,000  offline, private
                all                      900,000  █████░░░░░░░    1,096,530

                """)
    }

    @Test("channels on their way tell what they wait for")
    func pendingChannels() throws {
        let channel = """
            {"remote_node_pub":"\(Self.key)","channel_point":"\(Self.id):0","local_balance":"60000",
            "remote_balance":"40000"}
            """
        let text = try output(
            "pendingchannels", "GET /v1/channels/pending",
            """
            {"total_limbo_balance":"55000","pending_open_channels":[{"channel":\(channel),
            "confirmations_until_active":1,"confirmation_height":105}],
            "pending_force_closing_channels":[{"channel":\(channel),"closing_txid":"\(Self.id)",
            "limbo_balance":"55000","recovered_balance":"5000","blocks_til_maturity":144,
            "pending_htlcs":[{},{}]}]}
            """)
        #expect(
            text == """
                Opening
                  \(Self.id):0
                    with 02abababab…: 60,000 sat ███████░░░░░ 40,000 sat
                    mined; 1 more confirmation until it can be used

                Closed by force, not all claimed yet
                  \(Self.id):0
                    with 02abababab…: 60,000 sat ███████░░░░░ 40,000 sat
                    by \(Self.id)
                    5,000 sat are back, 55,000 sat to come in 144 blocks or later
                    2 payments still to be claimed

                55,000 sat will come back from channels that close.

                """)
    }

    @Test("invoices are listed from the latest on")
    func invoices() throws {
        let text = try output(
            "listinvoices", "GET /v1/invoices",
            """
            {"invoices":[{"add_index":"1","memo":"tea","value_msat":"1500","state":"SETTLED",
            "amt_paid_msat":"2000","creation_date":"0","expiry":"60"},
            {"add_index":"2","r_hash":"AAAA","value_msat":"0","state":"OPEN","creation_date":"0",
            "expiry":"60"}]}
            """)
        #expect(
            text == """
                index  made (UTC)           amount (sat)  state    memo or hash
                    2  1970-01-01 00:00:00           any  expired  000000
                    1  1970-01-01 00:00:00             2  paid     tea

                """)
    }

    @Test("--json prints the answer as it is")
    func json() throws {
        let text = try output("feereport --json", "GET /v1/fees", #"{"day_fee_sum":"7","x":[]}"#)
        #expect(try NodeJSON(parsing: Array(text.utf8)) == ["day_fee_sum": "7", "x": []])
    }

    @Test("a QR code is drawn where it is asked for, above what it says")
    func code() throws {
        let answer = #"{"address":"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"}"#
        let plain = try output("newaddress", "GET /v1/newaddress", answer)
        #expect(plain == "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080\n")
        let drawn = try output("newaddress --qr", "GET /v1/newaddress", answer)
        let lines = drawn.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[lines.count - 2] == "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")
        let code = lines.dropLast(2)
        // Version 3 has 29 modules a side, and the margin four on each: light, thus drawn.
        #expect(code.allSatisfy { $0.count == 37 } && code.count == 19)
        #expect(code.prefix(2).allSatisfy { $0 == String(repeating: "█", count: 37) })
        // The upper edges of two of the three marks that readers look for.
        #expect(code[2].hasPrefix("████ ▄▄▄▄▄ █") && code[2].hasSuffix("█ ▄▄▄▄▄ ████"))
    }

    private static let decoded = """
        {"destination":"\(key)","payment_hash":"\(hash)","num_msat":"25000500","description":"tea",
        "timestamp":"0","expiry":"60","cltv_expiry":"18"}
        """

    private static func attempt(_ status: String, failure: String = "null") -> String {
        """
        {"status":"\(status)","route":{"total_amt_msat":"25001750","total_fees_msat":"1250",\
        "hops":[{"chan_id":"1099511758851","pub_key":"\(key)"},\
        {"chan_id":"113249697726464","pub_key":"\(key)"}]},"resolve_time_ns":"43000000",\
        "failure":\(failure)}
        """
    }

    private static func event(_ status: String, _ attempts: String, reason: String = "NONE")
        -> String
    {
        """
        {"result":{"status":"\(status)","payment_hash":"\(hash)","payment_preimage":"\(hash)",\
        "value_msat":"25000500","fee_msat":"1250","creation_time_ns":"1000000",\
        "failure_reason":"FAILURE_REASON_\(reason)","htlcs":[\(attempts)]}}

        """
    }

    private func pay(
        _ events: String, _ flags: String = " --force"
    ) throws -> (status: Int32, output: String, errors: String) {
        let node = try ScriptedNode([
            "GET /v1/payreq/lnbcrt1": Self.decoded, "POST /v2/router/send": events,
        ])
        let result = try node.run("payinvoice lnbcrt1\(flags)")
        let body = node.requests.last?.body
        #expect(flags != " --force" || body?["fee_limit_msat"] == "1250025")
        return result
    }

    @Test("a payment ends with its route and fee, and shows how it gets there")
    func payment() throws {
        let result = try pay(
            Self.event("IN_FLIGHT", Self.attempt("IN_FLIGHT"))
                + Self.event("SUCCEEDED", Self.attempt("SUCCEEDED")))
        #expect(result.status == 0)
        #expect(
            result.output == """
                paid      25,000.500 sat
                fee       1.250 sat (less than 0.01 %)
                took      42 ms
                by        1x2x3 to 02abababab…, 103x1x0 to 02abababab…
                preimage  \(Self.hash)

                """)
        #expect(
            result.errors == """
                looking for a route
                25,000.500 of 25,000.500 sat on the way in 1 part

                """)
    }

    @Test("a payment that failed says why, that nothing was paid, and what may help")
    func failedPayment() throws {
        let failure = #"{"code":"TEMPORARY_CHANNEL_FAILURE","failure_source_index":1}"#
        let result = try pay(
            Self.event("FAILED", Self.attempt("FAILED", failure: failure), reason: "NO_ROUTE"))
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        let line = result.errors.split(separator: "\n").last.map(String.init) ?? ""
        #expect(
            line.contains("no route was found within the limits after 1 attempt; nothing was paid.")
        )
        #expect(line.contains("--fee_limit"))
        #expect(line.hasSuffix("ended with temporary channel failure at node 02abababab…."))
    }

    @Test("a payment whose end is not known warns against paying again")
    func lostPayment() throws {
        let result = try pay(Self.event("IN_FLIGHT", Self.attempt("IN_FLIGHT")))
        #expect(result.status == 1)
        #expect(result.errors.contains("may still be on its way: do not pay again"))
        #expect(result.errors.contains("`salama trackpayment \(Self.hash)`"))
    }

    @Test("without --force and without an answer nothing is paid")
    func unconfirmed() throws {
        let node = try ScriptedNode(["GET /v1/payreq/lnbcrt1": Self.decoded])
        let result = try node.run("payinvoice lnbcrt1")
        #expect(result.status == 1)
        #expect(
            result.errors.contains("Pay 25,000.500 sat, and up to 1,250.025 sat in fees? [y/N]"))
        #expect(result.errors.contains("nothing was paid"))
        #expect(node.requests.map(\.line) == ["GET /v1/payreq/lnbcrt1"])
    }

    @Test(
        "what the node refuses is told in its words, and ends with status 2 where the line was wrong"
    )
    func refusal() throws {
        let refused = try pay(
            #"{"error":{"code":6,"message":"invoice is already paid","details":[]}}"#)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("salama: invoice is already paid\n"))
        let wrong = try ScriptedNode([
            "POST /v1/peers": #"{"code":3,"message":"no such host","details":[]}"#
        ]).run("connect \(Self.key)@nowhere")
        #expect(wrong.status == 2)
        #expect(wrong.errors == "salama: no such host\n")
    }

    @Test("an opening tells its funding transaction, and for programs where the channel is")
    func opening() throws {
        // The bytes of a transaction's id come last first.
        let bytes = Base64.encode([UInt8](repeating: 0x11, count: 32))
        let events = """
            {"result":{"chan_pending":{"txid":"\(bytes)","output_index":1}}}
            {"result":{"chan_open":{"channel_point":{"funding_txid_bytes":"\(bytes)","output_index":1}}}}

            """
        let line = "openchannel \(Self.key) 100000"
        let pending = try ScriptedNode(["POST /v1/channels/stream": events]).run(line)
        #expect(pending.status == 0 && pending.output.contains("  \(Self.id)\n"))
        let open = try ScriptedNode(["POST /v1/channels/stream": events]).run(
            line + " --block --json")
        #expect(
            try NodeJSON(parsing: Array(open.output.utf8)) == [
                "funding_txid": .string(Self.id), "output_index": 1,
                "channel_point": .string(Self.id + ":1"),
            ])
    }

    @Test("an opening connects first where it is told to, also to a node that is connected already")
    func connectFirst() throws {
        let node = try ScriptedNode([
            "POST /v1/peers": #"{"code":2,"message":"already connected to peer","details":[]}"#
        ])
        _ = try node.run("openchannel \(Self.key) 100000 --connect 127.0.0.1:9735")
        #expect(node.requests.map(\.line) == ["POST /v1/peers", "POST /v1/channels/stream"])
        #expect(
            node.requests.first?.body?["addr"]
                == ["pubkey": .string(Self.key), "host": "127.0.0.1:9735"])
    }

    @Test("a signature of a stranger is none, with status 1")
    func strangersSignature() throws {
        let node = try ScriptedNode([
            "POST /v1/verifymessage": #"{"valid":false,"pubkey":"\#(Self.key)"}"#
        ])
        let result = try node.run("verifymessage hello d9abc")
        #expect(result.status == 1)
        #expect(result.errors.contains("which is no node that the network knows"))
    }
}
