import HTTP
import HTTPClient
import JSON
import NodeAPI
import NodeServer
import Testing

/// The calls about peers, channels and the network, in lnd's words.
struct ChannelRouteTests {
    @Test(
        "answers have every field, also where it is zero",
        arguments: [
            (
                "/v1/balance/channels",
                #"{"balance":"0","pending_open_balance":"0","local_balance":null,"remote_balance":null,"unsettled_local_balance":null,"unsettled_remote_balance":null,"pending_open_local_balance":null,"pending_open_remote_balance":null,"custom_channel_data":""}"#
            ),
            ("/v1/channels", #"{"channels":[]}"#),
            (
                "/v1/channels/pending",
                #"{"total_limbo_balance":"0","pending_open_channels":[],"pending_closing_channels":[],"pending_force_closing_channels":[],"waiting_close_channels":[]}"#
            ),
            ("/v1/channels/closed", #"{"channels":[]}"#),
            ("/v1/peers", #"{"peers":[]}"#),
            (
                "/v1/fees",
                #"{"channel_fees":[],"day_fee_sum":"0","week_fee_sum":"0","month_fee_sum":"0"}"#
            ),
            (
                "/v1/graph/info",
                #"{"graph_diameter":0,"avg_out_degree":0.0,"max_out_degree":0,"num_nodes":0,"num_channels":0,"total_network_capacity":"0","avg_channel_size":0.0,"min_channel_size":"0","max_channel_size":"0","median_channel_size_sat":"0","num_zombie_chans":"0"}"#
            ),
            (
                "/v1/graph/node/02aa",
                #"{"node":null,"num_channels":0,"total_capacity":"0","channels":[]}"#
            ),
        ])
    func zeros(path: String, answer: String) throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        #expect(try client.call(.get, path) == "200 " + answer)
    }

    @Test("an open channel has the fields that clients read")
    func channel() throws {
        var channel = ChannelMessage()
        channel.chanId = 17_592_186_109_953
        channel.isPrivate = true
        channel.commitmentType = .anchors
        let text = String(decoding: channel.json.serialized(), as: UTF8.self)
        #expect(
            text
                == #"{"active":false,"remote_pubkey":"","channel_point":"","chan_id":"17592186109953","capacity":"0","local_balance":"0","remote_balance":"0","commit_fee":"0","commit_weight":"0","fee_per_kw":"0","unsettled_balance":"0","total_satoshis_sent":"0","total_satoshis_received":"0","num_updates":"0","pending_htlcs":[],"csv_delay":0,"private":true,"initiator":false,"chan_status_flags":"","local_chan_reserve_sat":"0","remote_chan_reserve_sat":"0","static_remote_key":false,"commitment_type":"ANCHORS","lifetime":"0","uptime":"0","close_address":"","push_amount_sat":"0","thaw_height":0,"local_constraints":null,"remote_constraints":null,"alias_scids":[],"zero_conf":false,"zero_conf_confirmed_scid":"0","peer_alias":"","peer_scid_alias":"0","memo":"","custom_channel_data":""}"#
        )
    }

    @Test("one of several fields is there, and the others are not")
    func choices() {
        var point = ChannelPoint()
        point.fundingTxidBytes = [0xff, 0xfe]
        #expect(
            String(decoding: point.json.serialized(), as: UTF8.self)
                == #"{"funding_txid_bytes":"//4=","output_index":0}"#)
        var update = CloseStatusUpdate()
        update.closePending = PendingUpdate()
        #expect(
            String(decoding: update.json.serialized(), as: UTF8.self)
                == #"{"close_pending":{"txid":"","output_index":0,"fee_per_vbyte":"0","local_close_tx":false}}"#
        )
    }

    @Test("a close names the channel in its path and the rest in its query")
    func close() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        let id = String(repeating: "ab", count: 32)
        #expect(
            try client.call(
                .delete, "/v1/channels/\(id)/3?force=true&sat_per_vbyte=7&target_conf=0")
                == "200 {\"result\":{}}\n")
        #expect(
            server.node.asked == [
                #"{"channel_point":{"funding_txid_str":"\#(id)","output_index":3},"force":true,"target_conf":0,"sat_per_byte":"0","delivery_address":"","sat_per_vbyte":"7","max_fee_per_vbyte":"0","no_wait":false}"#
            ])
        _ = try client.call(
            .delete, "/v1/channels/abandon/\(id)/3?i_know_what_i_am_doing=true")
        #expect(
            server.node.asked[1]
                == #"{"channel_point":{"funding_txid_str":"\#(id)","output_index":3},"pending_funding_shim_only":false,"i_know_what_i_am_doing":true}"#
        )
    }

    @Test("keys in queries are base 64 for addresses of the web, keys in bodies either base 64")
    func bytes() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        _ = try client.call(.get, "/v1/channels?peer=-_8&active_only=true")
        #expect(server.node.asked[0].contains(#""active_only":true"#))
        #expect(server.node.asked[0].contains(#""peer":"+/8=""#))
        _ = try client.call(
            .post, "/v1/channels", #"{"node_pubkey":"-_8","local_funding_amount":"100000"}"#)
        #expect(server.node.asked[1].contains(#""node_pubkey":"+/8=""#))
    }

    @Test("a policy is for all channels or for one, with its fee as a fraction or in millionths")
    func policy() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        _ = try client.call(
            .post, "/v1/chanpolicy",
            #"{"global":true,"base_fee_msat":"1000","fee_rate":0.000001,"time_lock_delta":40,"inboundFee":{"base_fee_msat":-5}}"#
        )
        #expect(
            server.node.asked[0]
                == #"{"global":true,"base_fee_msat":"1000","fee_rate":1e-06,"fee_rate_ppm":0,"time_lock_delta":40,"max_htlc_msat":"0","min_htlc_msat":"0","min_htlc_msat_specified":false,"inbound_fee":{"base_fee_msat":-5,"fee_rate_ppm":0},"create_missing_edge":false}"#
        )
    }

    @Test("the graph is one answer, whatever its size")
    func graph() throws {
        let server = try TestServer()
        let answer = try server.client(server.macaroon()).call(.get, "/v1/graph")
        let json = try JSONValue(parsing: Array(answer.dropFirst(4).utf8))
        #expect(json["nodes"]?.array?.count == 2)
        #expect(json["edges"]?.array?.count == 1)
        #expect(json["edges"]?.array?.first?["node1_policy"] == .null)
    }

    @Test("channels of peers are asked about and answered over one WebSocket")
    func acceptor() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        let socket = try client.webSocket("/v1/channels/acceptor?method=POST")
        guard case .text(let text)? = try socket.receive(timeout: 10) else {
            Issue.record("nothing was asked")
            return
        }
        #expect(
            text.hasPrefix(#"{"result":{"node_pubkey":"","chain_hash":"","pending_chan_id":"Bw==""#)
        )
        try socket.send(.text(#"{"accept":true,"pending_chan_id":"Bw==","zero_conf":true}"#))
        try socket.send(.text(#"{"accept":"perhaps"}"#))
        #expect(
            try socket.receive(timeout: 10)
                == .text(
                    #"{"error":{"code":3,"message":"accept: true or false is needed","details":[]}}"#
                ))
        #expect(
            server.node.asked.last?.hasPrefix(#"{"accept":true,"pending_chan_id":"Bw==""#) == true)
        #expect(
            try client.call(.post, "/v1/channels/acceptor")
                == #"501 {"error":{"code":12,"message":"this call needs a WebSocket: its events are answered","details":[]}}"#
        )
    }
}
