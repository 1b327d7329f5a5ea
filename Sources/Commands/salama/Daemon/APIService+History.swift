import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// What happened, read from the database beside the loop.
extension APIService {
    func transactions(_ request: GetTransactionsRequest, _ reply: Reply<TransactionDetails>) {
        work(reply) { [self] in
            let query = try HistoryQuery(request)
            let page = try history.page(query)
            let tip = try tip()
            var details = TransactionDetails()
            // Paged from the oldest on unless asked otherwise, and newest first within a page: as lnd.
            let newestFirst = query.order == .ascending ? page.reversed() : page
            details.transactions = try newestFirst.map { transaction in
                let label = try history.label(of: transaction.id)
                return TransactionMessage(
                    TransactionReport(transaction, tip: tip, label: label), host.network)
            }
            details.firstIndex = page.isEmpty ? 0 : UInt64(query.skip)
            details.lastIndex = page.isEmpty ? 0 : UInt64(query.skip + page.count - 1)
            return details
        }
    }

    func transaction(_ request: GetTransactionRequest, _ reply: Reply<TransactionMessage>) {
        work(reply) { [self] in
            guard let id = TransactionID(request.txid) else {
                throw APIError(.invalidArgument, "`\(request.txid)` names no transaction")
            }
            guard let report = try report(of: id) else {
                throw APIError(.notFound, "the wallet has no transaction \(id)")
            }
            return TransactionMessage(report, host.network)
        }
    }

    func labelTransaction(_ request: LabelTransactionRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [self] in
            guard let hash = try? Hash256(request.txid) else {
                throw APIError(.invalidArgument, "a txid has 32 bytes, not \(request.txid.count)")
            }
            guard !request.label.isEmpty else {
                throw APIError(.invalidArgument, "cannot label transaction with empty label")
            }
            let id = TransactionID(hash)
            guard let report = try report(of: id) else {
                throw APIError(.notFound, "the wallet has no transaction \(id)")
            }
            guard report.label == nil || request.overwrite else {
                throw APIError(.alreadyExists, "transaction already labelled")
            }
            _ = try host.perform(.books(.label(id, request.label)))
            return StatusResponse("transaction label '\(request.label)' added")
        }
    }

    func subscribeTransactions(
        _ request: GetTransactionsRequest, _ subscriber: Subscriber<TransactionMessage>
    ) {
        let network = host.network
        let subscription = host.subscribeToWallet { [weak self] event in
            guard case .transactionChanged(let transaction, _) = event, transaction.status.isActive,
                let self
            else { return }
            let tip = host.chainHealth.tip?.height
            subscriber.send(
                TransactionMessage(
                    TransactionReport(transaction, tip: tip, label: nil), network))
        }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }

    private var history: TransactionHistory { TransactionHistory(host.store) }

    /// A transaction that is not dead; nil where the wallet has none of that identifier.
    private func report(of id: TransactionID) throws -> TransactionReport? {
        guard let found = try history.transaction(id), found.status.isActive else { return nil }
        return TransactionReport(found, tip: try tip(), label: try history.label(of: id))
    }

    private func tip() throws -> BlockHeight? {
        guard case .status(let status) = try host.perform(.status) else { throw UnexpectedReply() }
        return status.tip?.height
    }
}

/// A transaction of the wallet with what is known about it at present.
struct TransactionReport {
    let transaction: WalletTransaction
    /// The number of blocks that bury it, its own included.
    let confirmations: UInt32
    /// What the user calls it.
    let label: String?

    init(_ transaction: WalletTransaction, tip: BlockHeight?, label: String?) {
        self.transaction = transaction
        self.label = label
        let height = transaction.status.confirmation?.block.height
        let buried = height.flatMap { height in tip.map { max(1, $0 - height + 1) } } ?? 0
        confirmations = UInt32(clamping: buried)
    }
}

extension HistoryQuery {
    /// The query as lnd reads it: the end -1, or none, takes in the transactions that wait; with a start above the end the
    /// list is paged from its newest on, and -1 as the start stands above every height.
    init(_ request: GetTransactionsRequest) throws(APIError) {
        self.init()
        let (start, end) = (request.startHeight, request.endHeight)
        guard start >= -1, end >= -1 else {
            throw APIError(.invalidArgument, "a height is -1 or above, not \(min(start, end))")
        }
        let isOpen = end <= 0
        let isReversed = start == -1 || (!isOpen && start > end)
        let (low, high) =
            isReversed ? (max(0, end), start) : (start, isOpen ? -1 : end)
        first = BlockHeight(UInt32(low))
        last = high == -1 ? nil : BlockHeight(UInt32(high))
        order = isReversed ? .descending : .ascending
        skip = Int(request.indexOffset)
        if request.maxTransactions > 0 { limit = Int(request.maxTransactions) }
    }
}
