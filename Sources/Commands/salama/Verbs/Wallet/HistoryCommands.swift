import Bitcoin
import JSON

/// The commands that show what has happened on the chain.
enum HistoryCommands {
    static let listChainTransactions = Command(
        name: "listchaintxns", group: .onChain, summary: "list the wallet's transactions",
        discussion: """
            The offset and the limit count from the oldest transaction on, or from the latest back where the start is above
            the end; -1 is above every height. The table begins with the latest.
            """,
        flags: [
            .value("start_height", "HEIGHT", "from that block on (default: 0)"),
            .value(
                "end_height", "HEIGHT", "up to that block; -1 adds those that wait (default: -1)"),
            .value("index_offset", "COUNT", "leave out so many"),
            .value("max_transactions", "COUNT", "at most so many; 0 for all (default: 0)"), .json,
        ],
        examples: [
            Example(
                "salama listchaintxns --start_height -1 --max_transactions 10",
                "lists the ten latest transactions")
        ],
        run: { arguments in
            var query: [(String, String)] = []
            for name in ["start_height", "end_height"] {
                guard let height = try arguments.integer(name, in: Int32(-1)...Int32.max) else {
                    continue
                }
                query.append((name, "\(height)"))
            }
            let offset = try arguments.integer("index_offset", in: 0...UInt32.max) ?? 0
            let limit = try arguments.integer("max_transactions", in: 0...UInt32.max) ?? 0
            let pages = try pages(
                NodeClient(arguments), query, offset: UInt64(offset),
                limit: limit == 0 ? .max : UInt64(limit))
            let isReversed = isReversed(arguments)
            let transactions = (isReversed ? pages : pages.reversed()).flatMap { $0 }
            let last = transactions.isEmpty ? 0 : UInt64(offset) + UInt64(transactions.count) - 1
            let answer: JSONValue = [
                "transactions": .array(transactions), "last_index": .string("\(last)"),
                "first_index": .string("\(transactions.isEmpty ? 0 : offset)"),
            ]
            show(answer, arguments, transactionTable)
        })

    /// Asks for one page after the other: the node answers with as many as it likes at a time.
    private static func pages(
        _ client: NodeClient, _ query: [(String, String)], offset: UInt64, limit: UInt64
    ) throws -> [[JSONValue]] {
        var pages: [[JSONValue]] = []
        var count: UInt64 = 0
        while count < limit, offset + count <= UInt64(UInt32.max) {
            let most = min(limit - count, UInt64(UInt32.max))
            let answer = try client.get(
                "/v1/transactions",
                query: query + [
                    ("index_offset", "\(offset + count)"),
                    ("max_transactions", "\(limit == .max ? 0 : most)"),
                ])
            let page = answer.list("transactions")
            guard !page.isEmpty else { break }
            pages.append(page)
            count += UInt64(page.count)
        }
        return pages
    }

    /// Whether the pages go from the latest transaction back.
    private static func isReversed(_ arguments: Arguments) -> Bool {
        let start = arguments.value("start_height").flatMap { Int32($0) } ?? 0
        let end = arguments.value("end_height").flatMap { Int32($0) } ?? -1
        return start == -1 || (end > 0 && start > end)
    }

    private static func transactionTable(_ answer: JSONValue) -> String {
        let transactions = answer.list("transactions")
        guard !transactions.isEmpty else { return "The wallet has no such transactions.\n" }
        var table = Table([
            .left("time (UTC)"), .right("height"), .right("conf."), .right("amount (sat)"),
            .right("fee (sat)"),
        ])
        for transaction in transactions {
            let height = transaction.number("block_height")
            let label = transaction.text("label")
            table.add(
                [
                    dateText(transaction.number("time_stamp")), height > 0 ? grouped(height) : "-",
                    grouped(transaction.number("num_confirmations")),
                    grouped(transaction.number("amount")),
                    grouped(transaction.number("total_fees")),
                ], below: [transaction.text("tx_hash")] + (label.isEmpty ? [] : [label]))
        }
        return table.text
    }
}
