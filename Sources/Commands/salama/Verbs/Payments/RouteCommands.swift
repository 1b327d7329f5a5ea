import Bitcoin
import JSON

/// The commands about routes that people choose themselves.
enum RouteCommands {
    static let all = [queryRoutes, sendToRoute]

    private static let queryRoutes = Command(
        name: "queryroutes", group: .payments, summary: "look for a route without paying",
        positionals: [
            Positional(name: "KEY", help: "the payee's public key", isOptional: true),
            Positional(name: "AMOUNT", help: "how much, in satoshi", isOptional: true),
        ],
        flags: [
            .value("dest", "KEY", "the payee's public key"),
            .value("amt", "AMOUNT", "how much, in satoshi"),
            .value("fee_limit", "AMOUNT", "pay no more in fees, in satoshi"),
            .value("fee_limit_percent", "PERCENT", "pay no more in fees, of the amount"),
            .value("final_cltv_delta", "BLOCKS", "the time left for the last hop"),
            .toggle("use_mc", "heed what earlier payments have shown"),
            .value("cltv_limit", "BLOCKS", "lock it for no longer than that"),
            .value("last_hop", "KEY", "arrive by this node"),
            .value(
                "outgoing_chan_id", "CHANNEL", "leave by this channel; may be given again",
                isRepeatable: true),
            .value(
                "ignore_pair", "KEY:KEY", "do not go from the one to the other; may be given again",
                isRepeatable: true),
            .value("route_hints", "JSON", "channels that are not announced, as in lncli"),
            PaymentOptions.timePreference, .json,
        ],
        examples: [Example("salama queryroutes 02ab... 1000", "prints the way and what it costs")],
        run: { arguments in
            var words = Words(arguments)
            let key = try nodeKey(words.require("dest", "salama queryroutes KEY AMOUNT"))
            guard let amount = try words.integer("amt", in: SpendingCommands.amounts) else {
                throw UsageError("amt is missing: how much to pay, in satoshi")
            }
            try words.requireEnd()
            let answer = try NodeClient(arguments).post(
                "/v1/graph/routes/\(key)/\(amount)", .object(query(arguments, amount)))
            show(answer, arguments, routes)
        })

    private static func query(
        _ arguments: Arguments, _ amount: Int64
    ) throws(UsageError) -> JSONObject {
        let limit = try PaymentOptions.feeLimit(arguments, amount: amount * 1_000)
        var query: JSONObject = ["fee_limit": ["fixed_msat": .string("\(limit)")]]
        for name in ["final_cltv_delta", "cltv_limit"] {
            guard let value = try arguments.integer(name, in: Int32(1)...Int32.max) else {
                continue
            }
            query[name] = .integer(value)
        }
        if arguments.isSet("use_mc") { query["use_mission_control"] = true }
        if let hop = arguments.value("last_hop") {
            query["last_hop_pubkey"] = try keyBytes(hop, named: "--last_hop")
        }
        let channels = try arguments.all("outgoing_chan_id").map(channelNumber)
        if !channels.isEmpty { query["outgoing_chan_ids"] = .array(channels) }
        let pairs = try arguments.all("ignore_pair").map { text throws(UsageError) -> JSONValue in
            let keys = text.split(separator: ":").map(String.init)
            guard keys.count == 2 else {
                throw UsageError("--ignore_pair is KEY:KEY, not `\(text)`")
            }
            return [
                "from": try keyBytes(keys[0], named: "--ignore_pair"),
                "to": try keyBytes(keys[1], named: "--ignore_pair"),
            ]
        }
        if !pairs.isEmpty { query["ignored_pairs"] = .array(pairs) }
        try PaymentOptions.addTimePreference(arguments, to: &query)
        if let hints = arguments.value("route_hints") {
            query["route_hints"] = try typedJSON(hints, named: "--route_hints")
        }
        return query
    }

    private static func keyBytes(
        _ text: String, named name: String
    ) throws(UsageError) -> JSONValue {
        try base64(ofHex: nodeKey(text), count: 33, named: name)
    }

    private static func routes(_ answer: JSONValue) -> String {
        let routes = answer.list("routes")
        guard !routes.isEmpty else { return "There is no route.\n" }
        let texts = routes.map { route in
            var table = Table([
                .left("by"), .left("to"), .right("arrives (sat)"), .right("fee (sat)"),
                .right("expiry"),
            ])
            for hop in route.list("hops") {
                table.add([
                    channelText(hop.text("chan_id")), shortKey(hop.text("pub_key")),
                    millisatoshis(hop.number("amt_to_forward_msat")),
                    millisatoshis(hop.number("fee_msat")), grouped(hop.number("expiry")),
                ])
            }
            let fee = route.number("total_fees_msat")
            let total = route.number("total_amt_msat")
            return table.text
                + "\(millisatoshis(total)) sat leave, \(millisatoshis(fee)) of them fees"
                + ", locked until block \(grouped(route.number("total_time_lock")))\n"
        }
        // A decimal fraction, as the node has written it.
        let chance = answer["success_prob"]?.number.flatMap {
            try? millionths(String($0.prefix(6)), named: "")
        }
        let odds = chance.map { "chance of success: \(percent(Int64($0), of: 1_000_000))\n" } ?? ""
        return texts.joined(separator: "\n") + odds
    }

    /// The route with the payment secret for its last hop.
    private static func showing(
        _ secret: String?, in route: JSONValue
    ) throws(UsageError) -> JSONValue {
        guard let secret, var fields = route.object, var last = route.list("hops").last?.object
        else { return route }
        last["mpp_record"] = [
            "payment_addr": try base64(ofHex: secret, count: 32, named: "--pay_addr"),
            "total_amt_msat": .string(route.list("hops").last?.text("amt_to_forward_msat") ?? ""),
        ]
        fields["hops"] = .array(route.list("hops").dropLast() + [.object(last)])
        return .object(fields)
    }

    private static let sendToRoute = Command(
        name: "sendtoroute", group: .payments, summary: "pay by a route of your own",
        discussion: """
            The route is what `salama queryroutes --json` prints, or one route of it. With - it is read from standard input.
            Invoices want their payment secret to be shown, which `salama decodepayreq --json` tells as payment_addr: give it
            with --pay_addr, unless the route's last hop has an mpp_record.
            """,
        positionals: [
            Positional(name: "HASH", help: "the payment hash", isOptional: true),
            Positional(name: "ROUTE", help: "the route in JSON, or -", isOptional: true),
        ],
        flags: [
            .value("payment_hash", "HEX", "the payment hash", aliases: ["pay_hash"]),
            .value("routes", "JSON", "the route, or -", aliases: ["r"]),
            .value("pay_addr", "HEX", "the invoice's payment secret"),
            .toggle("skip_temp_err", "a failure that may pass does not end the payment"), .json,
        ],
        examples: [
            Example(
                "salama queryroutes KEY 1000 --json | salama sendtoroute HASH - --pay_addr SECRET",
                "pays by the route that was found")
        ],
        run: { arguments in
            var words = Words(arguments)
            let hash = try words.require("payment_hash", "salama sendtoroute HASH ROUTE")
            var text = try words.require("routes", "the route in JSON, or -")
            try words.requireEnd()
            if text == "-" {
                text = ""
                while let line = readLine(strippingNewline: false) { text += line }
            }
            let given = try typedJSON(text, named: "the route")
            guard
                let route = given["route"] ?? given.list("routes").first
                    ?? given.object.map(JSONValue.object),
                !route.list("hops").isEmpty
            else { throw UsageError("the route has no hops") }
            let body: JSONValue = [
                "payment_hash": try base64(ofHex: hash, count: 32, named: "the hash"),
                "route": try showing(arguments.value("pay_addr"), in: route),
                "skip_temp_err": .bool(arguments.isSet("skip_temp_err")),
            ]
            let answer = try NodeClient(arguments).post("/v2/router/route/send", body)
            if arguments.isSet("json") { put(answer.prettyPrinted() + "\n") }
            guard answer.text("status") == "SUCCEEDED" else {
                let payment: JSONValue = ["status": "FAILED", "htlcs": [answer]]
                throw CommandFailure(PaymentText(payment).failure)
            }
            guard !arguments.isSet("json") else { return }
            put("Paid; the preimage is \(hexOfBase64(answer.text("preimage"))).\n")
        })
}
