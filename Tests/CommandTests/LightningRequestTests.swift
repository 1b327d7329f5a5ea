import Bitcoin
import JSON
import Testing

/// What commands ask the node for.
struct LightningRequestTests {
    private static let key = "02" + String(repeating: "ab", count: 32)
    private static let keyBytes = "Aqurq6urq6urq6urq6urq6urq6urq6urq6urq6urq6ur"
    private static let keyURL = keyBytes
    private static let id = String(repeating: "1", count: 64)
    private static let hash = String(repeating: "0", count: 64)
    private static let zeros = String(repeating: "A", count: 43) + "="

    struct Case: Sendable, CustomTestStringConvertible {
        let line: String
        let request: String
        /// Empty for a request without a body.
        var body = ""

        var testDescription: String { line }
    }

    private static let peers = [
        Case(
            line: "connect \(key)@10.0.0.1:9736 --perm --timeout 1m30s", request: "POST /v1/peers",
            body: """
                {"addr":{"pubkey":"\(key)","host":"10.0.0.1:9736"},"perm":true,"timeout":"90"}
                """),
        Case(line: "disconnect \(key)", request: "DELETE /v1/peers/\(key)"),
        Case(line: "listpeers", request: "GET /v1/peers?latest_error=true"),
    ]

    private static let channels = [
        Case(
            line: "openchannel \(key) 500000 1000 --sat_per_vbyte 3 --min_confs 0 --private"
                + " --channel_type anchors --utxo \(id):2 --fee_rate_ppm 0 --remote_csv_delay 144",
            request: "POST /v1/channels/stream",
            body: """
                {"sat_per_vbyte":"3","node_pubkey":"\(keyBytes)","local_funding_amount":"500000",
                "push_sat":"1000","outpoints":[{"txid_str":"\(id)","output_index":2}],"min_confs":0,
                "spend_unconfirmed":true,"private":true,"commitment_type":"ANCHORS","fee_rate":"0",
                "use_fee_rate":true,"remote_csv_delay":144}
                """),
        Case(
            line:
                "openchannel --node_key \(key) --fundmax --conf_target 6 --zero_conf --scid_alias",
            request: "POST /v1/channels/stream",
            body: """
                {"target_conf":6,"node_pubkey":"\(keyBytes)","fund_max":true,"zero_conf":true,
                "scid_alias":true}
                """),
        Case(
            line: "closechannel \(id) 1 --sat_per_vbyte 2 --delivery_addr bcrt1qx",
            request: "DELETE /v1/channels/\(id)/1?sat_per_vbyte=2&delivery_address=bcrt1qx"),
        Case(
            line: "closechannel --chan_point \(id):0 --force",
            request: "DELETE /v1/channels/\(id)/0?force=true"),
        Case(
            line: "abandonchannel \(id):3 --i_know_what_i_am_doing",
            request: "DELETE /v1/channels/abandon/\(id)/3?i_know_what_i_am_doing=true"),
        Case(
            line: "listchannels --active_only --private_only --peer \(key)",
            request: "GET /v1/channels?active_only=true&private_only=true&peer=\(keyURL)"
                + "&peer_alias_lookup=true"),
        Case(line: "closedchannels --breach", request: "GET /v1/channels/closed?breach=true"),
        Case(line: "pendingchannels", request: "GET /v1/channels/pending"),
        Case(line: "channelbalance", request: "GET /v1/balance/channels"),
        Case(
            line: "updatechanpolicy 1000 0.000025 40 \(id):1 --min_htlc_msat 0",
            request: "POST /v1/chanpolicy",
            body: """
                {"base_fee_msat":"1000","fee_rate_ppm":25,"time_lock_delta":40,
                "chan_point":{"funding_txid_str":"\(id)","output_index":1},"min_htlc_msat":"0",
                "min_htlc_msat_specified":true}
                """),
        Case(
            line: "updatechanpolicy --base_fee_msat 0 --fee_rate_ppm 500 --time_lock_delta 80"
                + " --inbound_base_fee_msat -1 --inbound_fee_rate_ppm -10",
            request: "POST /v1/chanpolicy",
            body: """
                {"base_fee_msat":"0","fee_rate_ppm":500,"time_lock_delta":80,"global":true,
                "inbound_fee":{"base_fee_msat":-1,"fee_rate_ppm":-10}}
                """),
        Case(line: "feereport", request: "GET /v1/fees"),
        Case(
            line: "fwdinghistory 100 200 3 7 --incoming_chan_ids 1x2x3", request: "POST /v1/switch",
            body: """
                {"start_time":"100","end_time":"200","peer_alias_lookup":true,"index_offset":3,
                "num_max_events":7,"incoming_chan_ids":["1099511758851"]}
                """),
    ]

    private static let invoices = [
        Case(
            line: "addinvoice 1000 --memo coffee --expiry 60 --private",
            request: "POST /v1/invoices",
            body: """
                {"value":"1000","memo":"coffee","expiry":"60","private":true}
                """),
        Case(
            line: "addinvoice --amt_msat 1500 \(hash) --cltv_expiry_delta 40",
            request: "POST /v1/invoices",
            body: """
                {"value_msat":"1500","cltv_expiry":"40","r_preimage":"\(zeros)"}
                """),
        Case(
            line: "addholdinvoice \(hash) 7", request: "POST /v2/invoices/hodl",
            body: "{\"value\":\"7\",\"hash\":\"\(zeros)\"}"),
        Case(
            line: "settleinvoice \(hash)", request: "POST /v2/invoices/settle",
            body: "{\"preimage\":\"\(zeros)\"}"),
        Case(
            line: "cancelinvoice --paymenthash \(hash)", request: "POST /v2/invoices/cancel",
            body: "{\"payment_hash\":\"\(zeros)\"}"),
        Case(line: "lookupinvoice \(hash)", request: "GET /v1/invoice/\(hash)"),
        Case(
            line: "listinvoices --pending_only --index_offset 5 --max_invoices 2",
            request: "GET /v1/invoices?reversed=true&pending_only=true&index_offset=5"
                + "&num_max_invoices=2"),
        Case(line: "decodepayreq lightning:LNBC1x", request: "GET /v1/payreq/LNBC1x"),
    ]

    private static let payments = [
        Case(
            line: "sendpayment \(key) 50 \(hash) 40 \(hash) --force --json --timeout 10s"
                + " --outgoing_chan_id 1x2x3 --max_parts 1 --fee_limit 2 --data 65537=0a",
            request: "POST /v2/router/send",
            body: """
                {"timeout_seconds":10,"no_inflight_updates":true,"max_parts":1,
                "outgoing_chan_ids":["1099511758851"],"dest_custom_records":{"65537":"Cg=="},
                "dest":"\(keyBytes)","amt":"50","payment_hash":"\(zeros)","final_cltv_delta":40,
                "payment_addr":"\(zeros)","fee_limit_msat":"2000"}
                """),
        Case(
            line: "trackpayment \(hash)",
            request: "GET /v2/router/track/\(zeros)"),
        Case(
            line: "listpayments --include_incomplete --paginate_forwards",
            request: "GET /v1/payments?reversed=false&include_incomplete=true&max_payments=100"),
        Case(
            line: "queryroutes \(key) 2000 --last_hop \(key) --use_mc"
                + " --ignore_pair \(key):\(key)",
            request: "POST /v1/graph/routes/\(key)/2000",
            body: """
                {"fee_limit":{"fixed_msat":"100000"},"use_mission_control":true,
                "last_hop_pubkey":"\(keyBytes)","ignored_pairs":[{"from":"\(keyBytes)",
                "to":"\(keyBytes)"}]}
                """),
        Case(
            line: "sendtoroute \(hash) {\"routes\":[{\"hops\":[{\"fee\":\"1\"}]}]}",
            request: "POST /v2/router/route/send",
            body: """
                {"payment_hash":"\(zeros)","route":{"hops":[{"fee":"1"}]},"skip_temp_err":false}
                """),
    ]

    private static let network = [
        Case(line: "describegraph", request: "GET /v1/graph"),
        Case(
            line: "getnodeinfo \(key) --include_channels",
            request: "GET /v1/graph/node/\(key)?include_channels=true"),
        Case(line: "getchaninfo 1x2x3", request: "GET /v1/graph/edge/1099511758851"),
        Case(line: "getnetworkinfo", request: "GET /v1/graph/info"),
        Case(
            line: "signmessage hello", request: "POST /v1/signmessage",
            body: "{\"msg\":\"aGVsbG8=\"}"),
        Case(
            line: "verifymessage hello d9abc", request: "POST /v1/verifymessage",
            body: "{\"msg\":\"aGVsbG8=\",\"signature\":\"d9abc\"}"),
        Case(
            line: "debuglevel peer=trace", request: "POST /v1/debuglevel",
            body: "{\"show\":false,\"level_spec\":\"peer=trace\"}"),
    ]

    @Test(
        "a command asks for what its flags and words say",
        arguments: peers + channels + invoices + payments + network)
    func request(_ command: Case) throws {
        let node = try ScriptedNode([:])
        let result = try node.run(command.line)
        // The node knows no answer, which is the command's failure, but not the line's.
        #expect(result.status == 1, "\(result.errors)")
        var body: NodeJSON?
        if !command.body.isEmpty { body = try NodeJSON(parsing: Array(command.body.utf8)) }
        #expect(node.requests == [ScriptedNode.Request(line: command.request, body: body)])
    }

    @Test(
        "a line that cannot be right ends with status 2 before the node is asked",
        arguments: [
            "connect \(key)", "connect 04ab@host", "openchannel \(key)",
            "openchannel \(key) 100 --fundmax", "openchannel \(key) 100 100",
            "openchannel \(key) 100 --channel_type gold", "closechannel", "closechannel nonsense",
            "closechannel \(id) 0 --force --sat_per_vbyte 2", "abandonchannel \(id) 0",
            "listchannels --active_only --inactive_only", "updatechanpolicy 1 0.0000001 40",
            "updatechanpolicy 1 1e-5 40", "updatechanpolicy --base_fee_msat 0 --fee_rate_ppm 1",
            "updatechanpolicy 1 0.1 40 --inbound_fee_rate_ppm 5", "fwdinghistory yesterday",
            "addinvoice 1 --amt 1", "addinvoice --amt 1 --amt_msat 1", "addinvoice -5",
            "addholdinvoice abc", "settleinvoice", "payinvoice", "sendpayment \(key)",
            "sendpayment \(key) 1 --keysend --payment_hash \(hash)",
            "sendpayment \(key) 1 --keysend --data 5=00",
            "sendpayment \(key) 1 --keysend --fee_limit 1 --fee_limit_percent 1",
            "sendpayment --pay_req lnbc1 --keysend", "trackpayment 00", "queryroutes \(key)",
            "sendtoroute \(hash) {}", "getchaninfo 1x2", "getnodeinfo 00", "debuglevel",
            "batchopenchannel []", "batchopenchannel [{\"node_pubkey\":\"\(key)\"}]",
        ])
    func wrongLine(_ line: String) throws {
        let node = try ScriptedNode([:])
        let result = try node.run(line)
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(node.requests.isEmpty)
    }

    @Test("a payment without an invoice carries its preimage to the payee")
    func keysend() throws {
        let node = try ScriptedNode([:])
        _ = try node.run("sendpayment --dest \(Self.key) --amt 5 --keysend --force")
        let body = try #require(node.requests.first?.body)
        let preimage = try #require(
            body["dest_custom_records"]?["5482373484"]?.string.flatMap { Base64.decode($0) })
        let hash = try #require(body["payment_hash"]?.string.flatMap { Base64.decode($0) })
        #expect(SHA256.hash(preimage).bytes == hash)
        // As much in fees as the amount itself: for small ones that is the least that finds a route.
        #expect(body["fee_limit_msat"] == "5000")
    }

    @Test("a channel that is named by its short id is looked up")
    func shortID() throws {
        let node = try ScriptedNode([
            "GET /v1/channels": """
            {"channels":[{"chan_id":"1","channel_point":"\(Self.hash):0"},
            {"chan_id":"1099511758851","channel_point":"\(Self.id):7"}]}
            """
        ])
        _ = try node.run("closechannel 1x2x3")
        #expect(
            node.requests.map(\.line) == ["GET /v1/channels", "DELETE /v1/channels/\(Self.id)/7"])
        let unknown = try node.run("closechannel 9x9x9")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("no open channel 9x9x9"))
    }

    @Test("all channels of a batch are asked for at once, their keys as bytes")
    func batch() throws {
        let node = try ScriptedNode([:])
        let list = "[{\"node_pubkey\":\"\(Self.key)\",\"local_funding_amount\":20000}]"
        _ = try node.run(["batchopenchannel", list, "--label", "two words"])
        #expect(node.requests.first?.line == "POST /v1/channels/batch")
        #expect(
            node.requests.first?.body == [
                "channels": [
                    ["node_pubkey": .string(Self.keyBytes), "local_funding_amount": 20_000]
                ], "label": "two words",
            ])
    }
}
