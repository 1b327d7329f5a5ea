import Bitcoin
import JSON

/// The flags that all payments have, and what the node is asked for with them.
enum PaymentOptions {
    static let flags: [Flag] = [
        .value("fee_limit", "AMOUNT", "pay no more in fees, in satoshi"),
        .value("fee_limit_percent", "PERCENT", "pay no more in fees, of the amount"),
        .value("timeout", "TIME", "try no longer than that (default: 60s)"),
        .value("max_parts", "COUNT", "split it into no more parts (default: 16)"),
        .value("max_shard_size_sat", "AMOUNT", "let no part be larger"),
        .value("max_shard_size_msat", "AMOUNT", "the same in thousandths of a satoshi"),
        .value(
            "outgoing_chan_id", "CHANNEL", "leave by this channel; may be given again",
            isRepeatable: true),
        .value("last_hop", "KEY", "arrive by this node"),
        .value("cltv_limit", "BLOCKS", "lock it for no longer than that"),
        .value("data", "RECORDS", "records for the payee, as in 65537=0a21,65539=ff"),
        timePreference,
        .toggle("allow_self_payment", "let it come back to this node"),
        .toggle("cancelable", "try no more once this command is ended"),
        .toggle("inflight_updates", "with --json: print every change, not only the end"),
        .toggle("force", "do not ask", aliases: ["f"]), .json,
    ]

    static let timePreference = Flag.value(
        "time_pref", "NUMBER", "from -1 for the lowest fee to 1 for the surest way (default: 0)")

    /// Adds the preference between fees and certainty, where one is given.
    static func addTimePreference(
        _ arguments: Arguments, to body: inout JSONObject
    ) throws(UsageError) {
        guard let text = arguments.value("time_pref") else { return }
        guard let number = Double(text), (-1...1).contains(number) else {
            throw UsageError("--time_pref is a number from -1 to 1, not `\(text)`")
        }
        body["time_pref"] = .number("\(number)")
    }

    /// The part of the request that the flags decide, without amount, payee and fee limit.
    static func body(_ arguments: Arguments) throws(UsageError) -> JSONObject {
        var body = JSONObject()
        let timeout = try seconds(arguments.value("timeout") ?? "60s", named: "--timeout")
        guard (1...86_400).contains(timeout) else {
            throw UsageError("--timeout is from 1s to 24h, not \(timeout) s")
        }
        body["timeout_seconds"] = .integer(timeout)
        let isQuiet = arguments.isSet("json") && !arguments.isSet("inflight_updates")
        body["no_inflight_updates"] = .bool(isQuiet)
        body["max_parts"] = .integer(
            try arguments.integer("max_parts", in: UInt32(1)...1_000) ?? 16)
        let satoshi = try arguments.integer(
            "max_shard_size_sat", in: UInt64(1)...UInt64(Satoshi.maximumMoney.value))
        let thousandths = try arguments.integer("max_shard_size_msat", in: 1...UInt64(Int64.max))
        guard satoshi == nil || thousandths == nil else {
            throw UsageError("give either --max_shard_size_sat or --max_shard_size_msat")
        }
        if let most = thousandths ?? satoshi.map({ $0 * 1_000 }) {
            body["max_shard_size_msat"] = .string("\(most)")
        }
        let channels = try arguments.all("outgoing_chan_id").map(channelNumber)
        if !channels.isEmpty { body["outgoing_chan_ids"] = .array(channels) }
        if let key = arguments.value("last_hop") {
            body["last_hop_pubkey"] = try base64(
                ofHex: nodeKey(key), count: 33, named: "--last_hop")
        }
        if let limit = try arguments.integer("cltv_limit", in: Int32(1)...Int32.max) {
            body["cltv_limit"] = .integer(limit)
        }
        for name in ["allow_self_payment", "cancelable"] where arguments.isSet(name) {
            body[name] = true
        }
        try addTimePreference(arguments, to: &body)
        let records = try records(arguments)
        if !records.isEmpty { body["dest_custom_records"] = .object(records) }
        return body
    }

    /// The records of `--data`, by number.
    static func records(_ arguments: Arguments) throws(UsageError) -> JSONObject {
        var records = JSONObject()
        for text in (arguments.value("data") ?? "").split(separator: ",") {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = UInt64(parts[0]), number >= 65_536,
                let bytes = try? Hex.decode(String(parts[1]))
            else {
                throw UsageError(
                    "--data is NUMBER=HEX,... with numbers from 65536 on, not `\(text)`")
            }
            records["\(number)"] = .string(Base64.encode(bytes))
        }
        return records
    }

    /// The most to pay in fees for `amount`, both in thousandths of a satoshi.
    ///
    /// As in lncli it is, where no flag says otherwise, 5 percent, and for up to 1,000 satoshi as much as the amount.
    static func feeLimit(_ arguments: Arguments, amount: Int64) throws(UsageError) -> Int64 {
        let limit = try arguments.integer(
            "fee_limit", in: Int64(0)...Satoshi.maximumMoney.value)
        let share = try arguments.integer("fee_limit_percent", in: Int64(0)...100)
        guard limit == nil || share == nil else {
            throw UsageError("give either --fee_limit or --fee_limit_percent")
        }
        if let limit { return limit * 1_000 }
        let hundredths = share ?? (amount <= 1_000_000 ? 100 : 5)
        let (product, overflow) = amount.multipliedReportingOverflow(by: hundredths)
        return overflow ? .max : (product + 99) / 100
    }
}
