import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer
import NodeStorage

/// What happened: transactions of the present from memory, those of the past from the database, beside the loop.
extension APIService {
    func transactions(_ request: GetTransactionsRequest, _ reply: Reply<TransactionDetails>) {
        work(reply) { [self] in
            let span = try HeightSpan(request.startHeight, request.endHeight)
            let offset = Int(request.indexOffset)
            let count =
                request.maxTransactions == 0 ? Int.max - offset : Int(request.maxTransactions)
            let reports = try reports(in: span, limit: offset + count)
            var details = TransactionDetails()
            details.transactions = reports.dropFirst(offset).prefix(count).map {
                TransactionMessage($0, host.network)
            }
            details.firstIndex = details.transactions.isEmpty ? 0 : UInt64(offset)
            details.lastIndex =
                details.transactions.isEmpty ? 0 : UInt64(offset + details.transactions.count - 1)
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
                TransactionMessage(Self.report(transaction, tip: tip, label: nil), network))
        }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }

    /// The latest transactions first, at most `limit`; dead ones are left out.
    private func reports(in span: HeightSpan, limit: Int) throws -> [TransactionReport] {
        guard case .transactions(let all) = try host.perform(.books(.transactions)) else {
            throw UnexpectedReply()
        }
        let present = all.filter {
            $0.transaction.status.isActive
                && span.contains($0.transaction.status.confirmation?.block.height)
        }
        let records = try host.store.records(
            in: .walletHistory, range: span.range, order: .descending, limit: limit)
        let tip = try tip()
        let past = try records.compactMap { record -> TransactionReport? in
            let transaction = try WalletHistory.transaction(key: record.key, value: record.value)
            guard transaction.status.isActive else { return nil }
            return Self.report(transaction, tip: tip, label: try label(of: transaction.id))
        }
        return (present + past).sorted {
            $1.transaction.historyKey.lexicographicallyPrecedes($0.transaction.historyKey)
        }
    }

    private func report(of id: TransactionID) throws -> TransactionReport? {
        guard case .transactions(let present) = try host.perform(.books(.transactions)) else {
            throw UnexpectedReply()
        }
        if let found = present.first(where: { $0.transaction.id == id }) { return found }
        guard let key = try host.store.value(in: .walletHistoryIndex, at: id.encoded),
            let value = try host.store.value(in: .walletHistory, at: key)
        else { return nil }
        let transaction = try WalletHistory.transaction(key: key, value: value)
        return Self.report(transaction, tip: try tip(), label: try label(of: id))
    }

    private func tip() throws -> BlockHeight? {
        guard case .status(let status) = try host.perform(.status) else { throw UnexpectedReply() }
        return status.tip?.height
    }

    private func label(of id: TransactionID) throws -> String? {
        guard let record = try host.store.value(in: .walletLabel, at: id.encoded) else {
            return nil
        }
        return try Wallet.label(of: id, record: record)
    }

    private static func report(
        _ transaction: WalletTransaction, tip: BlockHeight?, label: String?
    ) -> TransactionReport {
        let height = transaction.status.confirmation?.block.height
        let buried = height.flatMap { height in tip.map { max(1, $0 - height + 1) } } ?? 0
        return TransactionReport(
            transaction: transaction, confirmations: UInt32(clamping: buried), label: label)
    }
}

/// The heights that a list of transactions is about, as lnd reads them: with both 0 all of them, and with -1 as the end
/// those that wait, too.
private struct HeightSpan {
    let first: BlockHeight
    /// Nil where transactions that wait belong to it.
    let last: BlockHeight?

    init(_ start: Int32, _ end: Int32) throws(APIError) {
        let isOpen = end == -1 || start == 0 && end == 0
        guard start >= 0, isOpen || end >= start else {
            throw APIError(.invalidArgument, "start_height \(start) is above end_height \(end)")
        }
        first = BlockHeight(UInt32(start))
        last = isOpen ? nil : BlockHeight(UInt32(end))
    }

    func contains(_ height: BlockHeight?) -> Bool {
        guard let height else { return last == nil }
        return height >= first && (last.map { height <= $0 } ?? true)
    }

    var range: KeyRange {
        KeyRange(
            from: WalletHistory.key(from: first), upTo: last.map { WalletHistory.key(from: $0 + 1) }
        )
    }
}
