import JSON

/// Follows a payment's events to its end, and tells it.
struct PaymentWatch {
    private let client: NodeClient
    private let isJSON: Bool
    private let printsAll: Bool
    private let hash: String
    private let isKeysend: Bool
    private let begin: String

    /// Follows the payment of that hash. `begin` is what is shown before the node has told anything of it.
    init(
        _ client: NodeClient, _ arguments: Arguments, hash: String, isKeysend: Bool = false,
        begin: String = "looking for a route"
    ) {
        self.client = client
        self.hash = hash
        self.isKeysend = isKeysend
        self.begin = begin
        isJSON = arguments.isSet("json")
        printsAll = isJSON && arguments.isSet("inflight_updates")
    }

    /// Runs `stream` with a handler for its events; throws where the payment failed or its end is not known.
    func run(_ stream: ((JSONValue) throws -> Bool) throws -> Void) throws {
        let progress = Progress(begin, isSilent: isJSON)
        defer { progress.finish() }
        var last: JSONValue?
        do {
            try stream { payment in
                last = payment
                let isOver = ["SUCCEEDED", "FAILED"].contains(payment.text("status"))
                if !isOver {
                    progress.update(PaymentText(payment).progress)
                    if printsAll { put(payment.prettyPrinted() + "\n") }
                }
                return !isOver
            }
        } catch let failure as CommandFailure where failure.code == nil {
            throw CommandFailure(failure.message + "; " + doubt)
        }
        progress.finish()
        guard let payment = last, ["SUCCEEDED", "FAILED"].contains(payment.text("status")) else {
            throw CommandFailure("the node stopped telling of the payment; " + doubt)
        }
        if isJSON { put(payment.prettyPrinted() + "\n") }
        guard payment.text("status") == "SUCCEEDED" else {
            throw CommandFailure(PaymentText(payment, isKeysend: isKeysend).failure)
        }
        if !isJSON { put(PaymentText(payment).receipt) }
    }

    /// What to do where the end is not known.
    private var doubt: String {
        "the payment may still be on its way: do not pay again in another way before"
            + " `salama trackpayment \(hash)` tells how it ends"
    }
}

/// A payment in words.
struct PaymentText {
    private let payment: JSONValue
    private let isKeysend: Bool

    /// `isKeysend` is whether the payee did not ask for it.
    init(_ payment: JSONValue, isKeysend: Bool = false) {
        self.payment = payment
        self.isKeysend = isKeysend
    }

    private func parts(_ status: String) -> [JSONValue] {
        payment.list("htlcs").filter { $0.text("status") == status }
    }

    private func sum(_ parts: [JSONValue]) -> Int64 {
        parts.reduce(0) { sum, part in
            let route = part["route"] ?? [:]
            return sum &+ route.number("total_amt_msat") &- route.number("total_fees_msat")
        }
    }

    /// How it stands, in a line.
    var progress: String {
        let (flying, failed) = (parts("IN_FLIGHT"), parts("FAILED"))
        var text =
            flying.isEmpty
            ? "looking for a route"
            : "\(millisatoshis(sum(flying))) of \(millisatoshis(payment.number("value_msat"))) sat on"
                + " the way in \(count(flying.count, "part"))"
        if !failed.isEmpty { text += ", \(count(failed.count, "attempt")) failed" }
        return text
    }

    /// What was paid and how.
    var receipt: String {
        let (amount, fee) = (payment.number("value_msat"), payment.number("fee_msat"))
        let settled = parts("SUCCEEDED")
        let share = percent(fee, of: amount)
        var rows = [
            ("paid", millisatoshis(amount) + " sat"),
            (
                "fee",
                fee == 0
                    ? "none" : millisatoshis(fee) + " sat" + (share.isEmpty ? "" : " (\(share))")
            ),
        ]
        if let time = duration(settled) { rows.append(("took", time)) }
        let failed = parts("FAILED").count
        if failed > 0 { rows.append(("failed before", count(failed, "attempt"))) }
        for (index, part) in settled.enumerated() {
            rows.append((index == 0 ? "by" : "and", route(part, isOnly: settled.count == 1)))
        }
        rows.append(("preimage", payment.text("payment_preimage")))
        return facts(rows)
    }

    private func duration(_ settled: [JSONValue]) -> String? {
        let begin = payment.number("creation_time_ns")
        guard begin > 0, let end = settled.map({ $0.number("resolve_time_ns") }).max(), end > begin
        else { return nil }
        return "\(grouped((end - begin) / 1_000_000)) ms"
    }

    private func route(_ part: JSONValue, isOnly: Bool) -> String {
        let route = part["route"] ?? [:]
        let hops = route.list("hops").map {
            channelText($0.text("chan_id")) + " to " + shortKey($0.text("pub_key"))
        }.joined(separator: ", ")
        return isOnly ? hops : "\(millisatoshis(sum([part]))) sat: " + hops
    }

    /// What went wrong, what it means for the money, and what to do.
    var failure: String {
        let attempts = parts("FAILED").count
        let tried = attempts == 0 ? "" : " after \(count(attempts, "attempt"))"
        return "\(reason)\(tried); nothing was paid. \(advice)"
    }

    private var reason: String {
        switch payment.text("failure_reason") {
        case "FAILURE_REASON_TIMEOUT": "the time was up"
        case "FAILURE_REASON_NO_ROUTE": "no route was found within the limits"
        case "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS" where isKeysend:
            "the node takes no payments that it has not asked for"
        case "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS":
            "the payee does not take it: the invoice is paid, withdrawn or over, or the amount is wrong"
        case "FAILURE_REASON_INSUFFICIENT_BALANCE": "the channels do not have that much to send"
        case "FAILURE_REASON_CANCELED": "it was canceled"
        default: lastError.map { "it failed: \($0)" } ?? "it failed"
        }
    }

    /// Where and why the last part failed.
    private var lastError: String? {
        guard let part = parts("FAILED").last, let failure = part["failure"], !failure.isNull else {
            return nil
        }
        let code = failure.text("code").lowercased().map { $0 == "_" ? " " : $0 }
        let index = Int(failure.number("failure_source_index"))
        let hops = part["route"]?.list("hops") ?? []
        let place =
            index == 0
            ? "this node"
            : hops.indices.contains(index - 1)
                ? "node \(shortKey(hops[index - 1].text("pub_key")))" : "hop \(index)"
        return "\(String(code)) at \(place)"
    }

    private var advice: String {
        let detail = lastError.map { " The last attempt ended with \($0)." } ?? ""
        switch payment.text("failure_reason") {
        case "FAILURE_REASON_TIMEOUT": return "Try again, or give it more --timeout." + detail
        case "FAILURE_REASON_NO_ROUTE":
            return "A higher --fee_limit, more --max_parts or a smaller amount may help;"
                + " `salama queryroutes` shows what there is." + detail
        case "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS" where isKeysend:
            return "Ask its owner for an invoice, or to accept keysend."
        case "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS": return "Ask the payee for a new invoice."
        case "FAILURE_REASON_INSUFFICIENT_BALANCE":
            return
                "`salama channelbalance` shows what there is; a channel keeps a reserve, and fees come on top."
        default: return "It may be tried again."
        }
    }
}
