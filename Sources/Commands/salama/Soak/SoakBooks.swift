import Bitcoin
import JSON

/// Reads what each node says of its money.
struct SoakBooks {
    private let network: SoakNetwork
    /// What each node had in channels, in millisatoshi.
    private let before: [Int64]

    private static let pageSize = "2000"

    /// Takes down what all have.
    init(_ network: SoakNetwork) throws {
        self.network = network
        before = try network.all.map { try $0.inChannels() }
    }

    /// What all nodes say now.
    func accounts() throws -> [SoakAccount] {
        say("soak: the books of \(network.all.count) nodes are read")
        return try zip(network.all, before).map { node, before in
            var account = SoakAccount(node.name)
            account.before = before
            account.after = try node.inChannels()
            try Self.readPayments(of: node, &account)
            try Self.readInvoices(of: node, &account)
            try Self.readForwards(of: node, &account)
            try Self.readChannels(of: node, &account)
            return account
        }
    }

    private static func readPayments(of node: LocalNode, _ account: inout SoakAccount) throws {
        var offset = ""
        while true {
            let answer = try node.client.get(
                "/v1/payments",
                query: [
                    ("include_incomplete", "true"), ("max_payments", pageSize),
                    ("index_offset", offset),
                ].filter { !$0.1.isEmpty })
            let payments = answer.list("payments")
            guard !payments.isEmpty else { return }
            for payment in payments {
                account.payments += 1
                switch payment.text("status") {
                case "SUCCEEDED":
                    account.notePaid(
                        try Hex.decode(payment.text("payment_hash")).firstNumber,
                        payment.number("value_msat"), fee: payment.number("fee_msat"))
                case "FAILED": break
                default: account.withoutEnd += 1
                }
            }
            offset = answer.text("last_index_offset")
        }
    }

    private static func readInvoices(of node: LocalNode, _ account: inout SoakAccount) throws {
        var offset = ""
        while true {
            let answer = try node.client.get(
                "/v1/invoices",
                query: [("num_max_invoices", pageSize), ("index_offset", offset)]
                    .filter { !$0.1.isEmpty })
            let invoices = answer.list("invoices")
            guard !invoices.isEmpty else { return }
            for invoice in invoices {
                switch invoice.text("state") {
                case "SETTLED":
                    account.noteSettled(
                        (Base64.decode(invoice.text("r_hash")) ?? []).firstNumber,
                        invoice.number("amt_paid_msat"))
                case "ACCEPTED": account.held += 1
                default: break
                }
            }
            offset = answer.text("last_index_offset")
        }
    }

    private static func readForwards(of node: LocalNode, _ account: inout SoakAccount) throws {
        var offset: Int64 = 0
        while true {
            let answer = try node.client.post(
                "/v1/switch",
                ["index_offset": .integer(offset), "num_max_events": .integer(5_000)])
            let events = answer.list("forwarding_events")
            guard !events.isEmpty else { return }
            for event in events { account.forwarded += event.number("fee_msat") }
            offset += Int64(events.count)
        }
    }

    private static func readChannels(of node: LocalNode, _ account: inout SoakAccount) throws {
        let pending = try node.client.get("/v1/channels/pending")
        account.closed =
            try node.client.get("/v1/channels/closed").list("channels").count
            + pending.list("pending_force_closing_channels").count
            + pending.list("waiting_close_channels").count
            + pending.list("pending_closing_channels").count
        account.open = try node.client.get("/v1/channels").list("channels")
            .count { $0.flag("active") }
    }
}
