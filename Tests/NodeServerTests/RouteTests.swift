import HTTP
import HTTPClient
import JSON
import NodeAPI
import NodeServer
import Testing

/// Every route in lnd's words: what goes in, and byte for byte what comes out.
struct RouteTests {
    @Test("answers have every field, in lnd's form")
    func answers() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        #expect(
            try client.call(.get, "/v1/getinfo")
                == #"200 {"version":"0.1.0-beta","commit_hash":"","identity_pubkey":"","alias":"","color":"","num_pending_channels":0,"num_active_channels":0,"num_inactive_channels":0,"num_peers":0,"block_height":800000,"block_hash":"","best_header_timestamp":"1700000000","synced_to_chain":false,"synced_to_graph":false,"testnet":false,"chains":[{"chain":"bitcoin","network":"regtest"}],"uris":[],"features":{"9":{"name":"tlv-onion","is_required":false,"is_known":true}},"require_htlc_interceptor":false,"store_final_htlc_resolutions":false,"wallet_synced":false,"chain_backend_error":""}"#
        )
        #expect(
            try client.call(.get, "/v1/balance/blockchain")
                == #"200 {"total_balance":"2100000000000000","confirmed_balance":"0","unconfirmed_balance":"0","locked_balance":"0","reserved_balance_anchor_chan":"0","account_balance":{"default":{"confirmed_balance":"7","unconfirmed_balance":"0"}}}"#
        )
        #expect(
            try client.call(.post, "/v2/wallet/utxos")
                == #"200 {"utxos":[{"address_type":"TAPROOT_PUBKEY","address":"","amount_sat":"1","pk_script":"","outpoint":{"txid_bytes":"AQID","txid_str":"","output_index":4},"confirmations":"0"}]}"#
        )
        #expect(
            try client.call(.get, "/v1/transactions")
                == #"200 {"transactions":[{"tx_hash":"abababababababababababababababababababababababababababababababab","amount":"-2100000000000000","num_confirmations":3,"block_hash":"","block_height":0,"time_stamp":"0","total_fees":"0","dest_addresses":[],"output_details":[{"output_type":"SCRIPT_TYPE_WITNESS_V1_TAPROOT","address":"","pk_script":"","output_index":"0","amount":"5","is_our_address":false}],"raw_tx_hex":"","label":"\"é\"","previous_outpoints":[]}],"last_index":"0","first_index":"0"}"#
        )
        #expect(try client.call(.post, "/v1/transactions", "{}") == #"200 {"txid":"id"}"#)
        #expect(
            try client.call(.get, "/v2/wallet/estimatefee/6")
                == #"200 {"sat_per_kw":"0","min_relay_fee_sat_per_kw":"0"}"#)
        #expect(
            try client.call(.get, "/v2/wallet/tx?txid=00")
                == #"404 {"code":5,"message":"transaction not found","details":[]}"#)
    }

    @Test(
        "every route but those of the unlocker answers an administrator, and nobody without a macaroon"
    )
    func everyRoute() throws {
        let server = try TestServer()
        let admin = try server.client(server.macaroon())
        let nobody = try server.client()
        for route in APIRoute.all where route.phase == .active && !route.isStream {
            let path = route.path.replacing(#/\{[^}]*\}/#, with: "9")
            let answer = try admin.request(route.method, path)
            #expect(answer.status.code != 401 && answer.status.code != 501, "\(route.path)")
            let refused = try nobody.call(route.method, path)
            #expect(
                refused == #"401 {"code":16,"message":"expected 1 macaroon, got 0","details":[]}"#,
                "\(route.path)")
        }
    }

    @Test("requests take lnd's spellings: snake and camel case, text and numbers, both base 64s")
    func requests() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        _ = try client.call(
            .post, "/v1/transactions",
            #"{"addr":"a","amount":"5","target_conf":6,"sat_per_vbyte":"2"}"#)
        _ = try client.call(
            .post, "/v1/transactions", #"{"addr":"a","amount":5,"targetConf":"6","satPerVbyte":2}"#)
        #expect(server.node.asked[0] == server.node.asked[1])
        #expect(
            server.node.asked[0]
                == #"{"addr":"a","amount":"5","target_conf":6,"sat_per_vbyte":"2","sat_per_byte":"0","send_all":false,"label":"","min_confs":0,"spend_unconfirmed":false,"coin_selection_strategy":"STRATEGY_USE_GLOBAL_CONFIG","outpoints":[]}"#
        )
        _ = try client.call(.post, "/v2/wallet/tx", #"{"tx_hex":"-_8"}"#)
        #expect(server.node.asked[2] == #"{"tx_hex":"+/8=","label":""}"#)
        for type in ["4", "TAPROOT_PUBKEY", "taproot_pubkey"] {
            #expect(
                try client.call(.get, "/v1/newaddress?type=\(type)")
                    == #"200 {"address":"TAPROOT_PUBKEY"}"#)
        }
        _ = try client.call(.get, "/v1/transactions/fee?AddrToAmount[bcrt1q]=1000&target_conf=6")
        #expect(
            server.node.asked.last?.hasPrefix(#"{"AddrToAmount":{"bcrt1q":"1000"},"target_conf":6"#)
                == true)
        _ = try client.call(.get, "/v1/transactions/fee?addrToAmount[bcrt1q]=1000&targetConf=6")
        #expect(server.node.asked.suffix(2).first == server.node.asked.last)
        _ = try client.call(
            .post, "/v2/wallet/psbt/fund", #"{"raw":{"outputs":{"a":"1"}},"sat_per_vbyte":"3"}"#)
        #expect(
            server.node.asked.last?.hasPrefix(
                #"{"raw":{"inputs":[],"outputs":{"a":"1"}},"sat_per_vbyte":"3","account":"""#)
                == true)
    }

    @Test("RTL's JSON in a form's clothes is JSON")
    func formContentType() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        let answer = try client.request(
            .post, "/v1/transactions",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array(#"{"addr":"x","amount":"1"}"#.utf8))
        #expect(answer.status == .ok)
        #expect(server.node.asked[0].hasPrefix(#"{"addr":"x","amount":"1""#))
    }

    @Test(
        "what does not fit is refused with its name",
        arguments: [
            (
                #"{"amount":"x"}"#,
                "amount: a whole number from -9223372036854775808 to 9223372036854775807 is needed"
            ),
            (
                #"{"amount":1.5}"#,
                "amount: a whole number from -9223372036854775808 to 9223372036854775807 is needed"
            ),
            (
                #"{"target_conf":2147483648}"#,
                "target_conf: a whole number from -2147483648 to 2147483647 is needed"
            ),
            (
                #"{"sat_per_vbyte":-1}"#,
                "sat_per_vbyte: a whole number from 0 to 18446744073709551615 is needed"
            ),
            (#"{"send_all":"maybe"}"#, "send_all: true or false is needed"),
            (#"{"addr":5}"#, "addr: a string is needed"),
            (
                #"{"outpoints":[{"output_index":-1}]}"#,
                "outpoints: output_index: a whole number from 0 to 4294967295 is needed"
            ),
            (#"{"sat_per_vbytes":1}"#, "unknown field \"sat_per_vbytes\""),
            (
                #"{"outpoints":[{"txid":"00"}]}"#,
                "outpoints: unknown field \"txid\""
            ),
            ("[]", "a JSON object is needed"),
            ("{", "the JSON text ends too early"),
        ])
    func refused(_ body: String, _ message: String) throws {
        let server = try TestServer()
        let answer = try server.client(server.macaroon()).request(
            .post, "/v1/transactions", body: Array(body.utf8))
        #expect(answer.status == .badRequest)
        let error = APIError(json: try JSONValue(parsing: answer.body))
        #expect(error == APIError(.invalidArgument, message))
        #expect(server.node.asked.isEmpty)
    }

    @Test("unknown paths and wrong methods have lnd's shape")
    func unknown() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        #expect(
            try client.call(.get, "/v1/nothing")
                == #"404 {"code":5,"message":"no such path: /v1/nothing","details":[]}"#)
        #expect(try client.call(.put, "/v1/getinfo").hasPrefix(#"405 {"code":12,"#))
        #expect(try client.call(.get, "/v2/wallet/utxos").hasPrefix(#"501 {"code":12,"#))
    }

    @Test("every message survives its own JSON, and takes null and nothing for its defaults")
    func messages() throws {
        func check<Message: APIMessage>(_ type: Message.Type) throws {
            let fresh = Message()
            #expect(try Message(json: fresh.json, isStrict: true) == fresh)
            #expect(try Message(json: .object([:])) == fresh)
            let nulls = fresh.json.object?.members.map { ($0.name, JSONValue.null) } ?? []
            #expect(try Message(json: .object(JSONObject(nulls))) == fresh)
        }
        for route in APIRoute.all {
            try check(route.request)
            try check(route.response)
        }
    }
}
