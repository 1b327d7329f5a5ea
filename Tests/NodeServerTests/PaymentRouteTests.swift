import HTTP
import HTTPClient
import JSON
import NodeAPI
import NodeServer
import Testing

/// The calls of invoices and payments: what clients send, and byte for byte what they read.
struct PaymentRouteTests {
    private func asked(_ method: HTTPMethod, _ path: String, _ body: String = "") throws
        -> JSONValue
    {
        let server = try TestServer()
        let answer = try server.client(server.macaroon()).request(
            method, path, body: Array(body.utf8))
        #expect(answer.status == .ok, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        let text = try #require(server.node.asked.last)
        return try JSONValue(parsing: Array(text.utf8))
    }

    @Test("LNbits' invoice and payment are read as it sends them")
    func lnbits() throws {
        let invoice = try asked(
            .post, "/v1/invoices",
            #"{"value":21,"private":true,"memo":"m","expiry":3600,"r_hash":"AAA=","r_preimage":"AQ=="}"#
        )
        #expect(invoice["value"]?.string == "21")
        #expect(invoice["private"]?.bool == true)
        #expect(invoice["expiry"]?.string == "3600")
        #expect(invoice["r_preimage"]?.string == "AQ==")
        let payment = try asked(
            .post, "/v2/router/send",
            #"{"payment_request":"lnbc1","fee_limit_msat":1000,"timeout_seconds":30,"no_inflight_updates":true,"allow_self_payment":true}"#
        )
        #expect(payment["fee_limit_msat"]?.string == "1000")
        #expect(payment["no_inflight_updates"]?.bool == true)
        let held = try asked(
            .post, "/v2/invoices/hodl", #"{"hash":"AQ==","value":5,"private":true,"memo":"m"}"#)
        #expect(held["hash"]?.string == "AQ==")
    }

    @Test("BTCPay's, Zeus' and RTL's requests are read as they send them")
    func others() throws {
        let hash = "AQ-_AA%3D%3D"
        #expect(try asked(.get, "/v1/invoice/?r_hash=\(hash)")["r_hash"]?.string == "AQ+/AA==")
        #expect(
            try asked(.get, "/v2/router/track/\(hash)?no_inflight_updates=true")[
                "payment_hash"]?.string == "AQ+/AA==")
        #expect(
            try asked(.get, "/v2/invoices/lookup?payment_addr=\(hash)")["payment_addr"]?.string
                == "AQ+/AA==")
        let payment = try asked(
            .post, "/v2/router/send",
            #"{"dest":"Ag==","amt":"5","payment_hash":"AQ==","dest_custom_records":{"5482373484":"AQI="},"outgoing_chan_id":"118747255865345","last_hop_pubkey":"Aw==","max_parts":"16","fee_limit_sat":"10","dest_features":[9,"MPP_OPT"],"timeout_seconds":60,"time_pref":-0.5}"#
        )
        #expect(payment["dest_custom_records"]?["5482373484"]?.string == "AQI=")
        #expect(payment["outgoing_chan_id"]?.string == "118747255865345")
        #expect(payment["dest_features"] == ["TLV_ONION_OPT", "MPP_OPT"])
        #expect(payment["max_parts"]?.integer() == 16)
        #expect(payment["time_pref"]?.number == "-0.5")
        let list = try asked(
            .get, "/v1/payments?include_incomplete=true&max_payments=10&reversed=true")
        #expect(list["include_incomplete"]?.bool == true)
        let forwarded = try asked(
            .post, "/v1/switch", #"{"num_max_events":100,"start_time":"0","end_time":1700000000}"#)
        #expect(forwarded["end_time"]?.string == "1700000000")
    }

    @Test("a payment has every field, in lnd's form")
    func payment() {
        var payment = PaymentMessage()
        payment.status = .failed
        payment.failureReason = .noRoute
        var attempt = HTLCAttemptMessage()
        attempt.status = .failed
        var route = RouteMessage()
        var hop = HopMessage()
        hop.customRecords = [65_537: [1], 65_536: [2]]
        route.hops = [hop]
        attempt.route = route
        var failure = FailureMessage()
        failure.code = .temporaryChannelFailure
        attempt.failure = failure
        payment.htlcs = [attempt]
        #expect(
            String(decoding: payment.json.serialized(), as: UTF8.self)
                == #"{"payment_hash":"","value":"0","creation_date":"0","fee":"0","payment_preimage":"","value_sat":"0","value_msat":"0","payment_request":"","status":"FAILED","fee_sat":"0","fee_msat":"0","creation_time_ns":"0","htlcs":[{"attempt_id":"0","status":"FAILED","route":{"total_time_lock":0,"total_fees":"0","total_amt":"0","hops":[{"chan_id":"0","chan_capacity":"0","amt_to_forward":"0","fee":"0","expiry":0,"amt_to_forward_msat":"0","fee_msat":"0","pub_key":"","tlv_payload":false,"mpp_record":null,"amp_record":null,"custom_records":{"65536":"Ag==","65537":"AQ=="},"metadata":"","blinding_point":"","encrypted_data":"","total_amt_msat":"0"}],"total_fees_msat":"0","total_amt_msat":"0","first_hop_amount_msat":"0","custom_channel_data":""},"attempt_time_ns":"0","resolve_time_ns":"0","failure":{"code":"TEMPORARY_CHANNEL_FAILURE","channel_update":null,"htlc_msat":"0","onion_sha_256":"","cltv_expiry":0,"flags":0,"failure_source_index":0,"height":0},"preimage":""}],"payment_index":"0","failure_reason":"FAILURE_REASON_NO_ROUTE","first_hop_custom_records":{}}"#
        )
    }

    @Test("numbers of failures and features are lnd's")
    func numbers() {
        #expect(FailureCode.temporaryChannelFailure.number == 15)
        #expect(FailureCode.invalidOnionBlinding.number == 25)
        #expect(FailureCode.internalFailure.number == 997)
        #expect(FailureCode.unreadableFailure.number == 999)
        #expect(FeatureBit.initialRoutingSync.number == 3)
        #expect(FeatureBit.paymentSecret.number == 15)
        #expect(FeatureBit.routeBlinding.number == 25)
        #expect(FeatureBit.atomicMultiPath.number == 31)
    }
}
