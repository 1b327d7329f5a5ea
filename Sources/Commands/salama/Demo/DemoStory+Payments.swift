import JSON
import Synchronization
import Threads

/// Payments from one end of the line to the other.
extension DemoStory {
    private static let price: Int64 = 250_000
    private static let smallPrice: Int64 = 100
    private static let smallCount = 1_000
    private static let inFlight = 32

    /// What each node has in channels, in thousandths of a satoshi.
    private func balances() throws -> [Int64] { try nodes.map { try $0.inChannels() } }

    func payThroughBob() throws {
        waitForRoute()
        let invoice = try carol.client.post(
            "/v1/invoices", ["value": .string("\(Self.price)"), "memo": "coffee for a year"]
        ).text("payment_request")
        narration.tell(
            "\(carol.name) sells coffee and makes an invoice for \(satoshis(Self.price)).", invoice)
        narration.draw(QRCode.payload(ofInvoice: invoice))
        let before = try balances()
        let begin = ContinuousClock.now
        let payment = try pay(invoice, by: alice.client)
        let time = ContinuousClock.now - begin
        let fee = payment.number("fee_msat")
        let forwarders = nodes.dropFirst().dropLast().map(\.name).joined(separator: ", ")
        narration.tell(
            "\(alice.name) pays it through \(forwarders).",
            "\(time.text); \(millisatoshis(fee)) sat in fees (\(percent(fee, of: Self.price * 1_000)))",
            "preimage \(payment.text("payment_preimage"))")
        let after = try settledBalances(
            before, paid: Self.price * 1_000 + fee, got: Self.price * 1_000)
        narration.tell("The books balance to the thousandth of a satoshi:")
        narration.show(balanceTable(before, after))
        narration.facts["payment"] = [
            "amount_sat": .integer(Self.price), "fee_msat": .integer(fee),
            "milliseconds": .integer(time.milliseconds),
            "hops": .integer(payment.list("htlcs").first?["route"]?.list("hops").count ?? 0),
            "balances_before_msat": facts(before), "balances_after_msat": facts(after),
        ]
    }

    private func facts(_ balances: [Int64]) -> JSONValue {
        .object(JSONObject(zip(nodes, balances).map { ($0.name, .integer($1)) }))
    }

    /// Waits until the first node has heard of all channels on the way; a payment says better than this why it has not.
    private func waitForRoute() {
        let path = "/v1/graph/routes/\(carol.key)/\(Self.price)"
        try? Waiting.until("no route to \(carol.name)", atMost: 15) {
            guard let answer = try? alice.client.get(path) else { return false }
            return !answer.list("routes").isEmpty
        }
    }

    /// Pays an invoice and waits for the end.
    private func pay(_ invoice: String, by client: NodeClient) throws -> JSONValue {
        let answer = try client.post(
            "/v2/router/send",
            [
                "payment_request": .string(invoice), "fee_limit_sat": "1000", "timeout_seconds": 30,
                "no_inflight_updates": true,
            ])
        let payment = answer["result"] ?? answer
        guard payment.text("status") == "SUCCEEDED" else {
            throw CommandFailure("the payment failed: " + PaymentText(payment).failure)
        }
        return payment
    }

    /// The balances once the last node of the line has its money; throws where somebody has more or less than is due.
    private func settledBalances(_ before: [Int64], paid: Int64, got: Int64) throws -> [Int64] {
        var after = before
        do {
            // The payer has the proof of payment before the forwarders have settled with each other.
            try Waiting.until("", atMost: 10) {
                after = try balances()
                return before[0] - paid == after[0]
                    && before[before.count - 1] + got == after[after.count - 1]
                    && before.reduce(0, +) == after.reduce(0, +)
            }
        } catch {
            throw CommandFailure("the books do not balance: before \(before), after \(after)")
        }
        return after
    }

    private func balanceTable(_ before: [Int64], _ after: [Int64]) -> String {
        var table = Table([
            .left("  "), .right("before (sat)"), .right("after (sat)"), .right("difference"),
        ])
        for (index, node) in nodes.enumerated() {
            let difference = after[index] - before[index]
            table.add([
                "   " + node.name, millisatoshis(before[index]), millisatoshis(after[index]),
                (difference > 0 ? "+" : "") + millisatoshis(difference),
            ])
        }
        return table.text
    }

    func payOften() throws {
        let invoices = try makeInvoices()
        let before = try balances()
        let fees = Mutex<Int64>(0)
        let next = Mutex(0)
        let failure = Mutex<(any Error)?>(nil)
        let progress = narration.progress("paying")
        defer { progress.finish() }
        let begin = ContinuousClock.now
        let threads = try (0..<Self.inFlight).map { _ in
            let client = try alice.anotherClient()
            return SystemThread("payer") {
                do {
                    while failure.withLock({ $0 == nil }) {
                        let index = next.withLock { next in
                            defer { next += 1 }
                            return next
                        }
                        guard index < invoices.count else { return }
                        let fee = try pay(invoices[index], by: client).number("fee_msat")
                        fees.withLock { $0 += fee }
                        progress.update("paid \(grouped(index)) of \(grouped(invoices.count))")
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        for thread in threads { thread.join() }
        let time = ContinuousClock.now - begin
        progress.finish()
        if let error = failure.withLock({ $0 }) { throw error }
        let amount = Self.smallPrice * 1_000 * Int64(invoices.count)
        let fee = fees.withLock { $0 }
        _ = try settledBalances(before, paid: amount + fee, got: amount)
        let rate = Int64(invoices.count) * 1_000 / max(1, time.milliseconds)
        narration.tell(
            "\(alice.name) pays \(grouped(invoices.count)) invoices of \(satoshis(Self.smallPrice)),"
                + " \(Self.inFlight) at a time.",
            "\(time.text): \(grouped(rate)) payments a second, \(millisatoshis(fee)) sat in fees;"
                + " the books balance again")
        narration.facts["many_payments"] = [
            "count": .integer(invoices.count), "in_flight": .integer(Self.inFlight),
            "milliseconds": .integer(time.milliseconds), "per_second": .integer(rate),
            "fee_msat": .integer(fee),
        ]
    }

    private func makeInvoices() throws -> [String] {
        let body: JSONValue = ["value": .string("\(Self.smallPrice)")]
        return try (0..<Self.smallCount).map { _ in
            try carol.client.post("/v1/invoices", body).text("payment_request")
        }
    }
}
