import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that offer transactions to the mempool.
    static let broadcastMethods: [RPCMethod] = [
        RPCMethod(
            .rawTransactions, "sendrawtransaction hexstring maxfeerate? maxburnamount?",
            "Offers a transaction."
        ) { (service, arguments) throws(RPCError) in try service.sendRawTransaction(arguments) },
        RPCMethod(
            .rawTransactions, "testmempoolaccept rawtxs maxfeerate?",
            "Says whether the mempool would take transactions."
        ) { (service, arguments) throws(RPCError) in try service.testMempoolAccept(arguments) },
        RPCMethod(
            .rawTransactions, "submitpackage package maxfeerate? maxburnamount?",
            "Offers a child with its unconfirmed parents, whose fees count together."
        ) { (service, arguments) throws(RPCError) in try service.submitPackage(arguments) },
    ]

    /// The rate above which a fee is taken for a mistake, unless the caller says otherwise: 0.1 BTC/kvB.
    private static let defaultMaximumFeerate = FeeratePerKvB(10_000_000)

    private func sendRawTransaction(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        guard let transaction = try? Transaction(hex: try arguments.string(0)) else {
            throw RPCError(
                RPCError.deserialization,
                "TX decode failed. Make sure the tx has at least one input.")
        }
        let maximumFeerate = try ChainService.maximumFeerate(arguments)
        try ChainService.checkBurn([transaction], limit: arguments.amount(2) ?? .zero)
        let id = transaction.id
        return try withChain { (chain, now) throws(RPCError) in
            let isMined = transaction.outputs.indices.contains {
                chain.coins[OutPoint(id, UInt32($0))] != nil
            }
            guard !isMined else {
                throw RPCError(
                    RPCError.alreadyInChain, "Transaction outputs already in utxo set")
            }
            if chain.mempool[id] != nil { return .id(id) }
            let judged: AcceptedTransaction
            do throws(TransactionRejection) {
                judged = try chain.test(transaction, now: now)
            } catch {
                throw RPCError(error)
            }
            if let maximumFeerate {
                guard judged.fee <= maximumFeerate.fee(for: judged.virtualSize) else {
                    throw .feeTooHigh
                }
            }
            do throws(TransactionRejection) {
                _ = try chain.submit(transaction, now: now)
            } catch {
                throw RPCError(error)
            }
            return .id(id)
        }
    }

    private func testMempoolAccept(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let transactions = try ChainService.transactions(arguments.array(0))
        let maximumFeerate = try ChainService.maximumFeerate(arguments)
        return try withChain { chain, now in
            guard transactions.count > 1 else {
                return .array(
                    transactions.map { transaction in
                        do throws(TransactionRejection) {
                            let judged = try chain.test(transaction, now: now)
                            return .verdict(transaction, judged, maximumFeerate)
                        } catch {
                            return .refusal(transaction, error)
                        }
                    })
            }
            let result = chain.test(package: transactions, now: now)
            return .array(transactions.map { .verdict($0, result, maximumFeerate) })
        }
    }

    private func submitPackage(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let transactions = try ChainService.transactions(arguments.array(0))
        guard (1...PackageShape.maximumCount).contains(transactions.count) else {
            throw RPCError(
                RPCError.invalidParameter,
                "Array must contain between 1 and \(PackageShape.maximumCount) transactions.")
        }
        let maximumFeerate = try ChainService.maximumFeerate(arguments)
        try ChainService.checkBurn(transactions, limit: arguments.amount(2) ?? .zero)
        guard transactions.count == 1 || PackageShape.isChildWithIndependentParents(transactions)
        else {
            throw RPCError(
                RPCError.transactionError,
                "package topology disallowed. not child-with-parents or parents depend on each"
                    + " other.")
        }
        return try withChain { chain, now in
            let result = chain.submit(
                package: transactions, maximumFeerate: maximumFeerate, now: now)
            return .packageResult(result, of: transactions)
        }
    }

    private static func transactions(_ values: [JSONValue]) throws(RPCError) -> [Transaction] {
        guard (1...PackageShape.maximumCount).contains(values.count) else {
            throw RPCError(
                RPCError.invalidParameter,
                "Array must contain between 1 and \(PackageShape.maximumCount) transactions.")
        }
        var transactions: [Transaction] = []
        for value in values {
            guard let text = value.string, let transaction = try? Transaction(hex: text) else {
                throw RPCError(
                    RPCError.deserialization,
                    "TX decode failed: \(value.string ?? "") Make sure the tx has at least one"
                        + " input.")
            }
            transactions.append(transaction)
        }
        return transactions
    }

    /// The limit that the second argument sets; nil for none.
    private static func maximumFeerate(_ arguments: RPCArguments) throws(RPCError) -> FeeratePerKvB?
    {
        guard let amount = try arguments.amount(1) else { return defaultMaximumFeerate }
        guard amount <= Satoshi(100_000_000) else {
            throw RPCError(
                RPCError.invalidParameter,
                "Fee rates larger than or equal to 1BTC/kvB are not accepted")
        }
        return amount == .zero ? nil : FeeratePerKvB(amount.value)
    }

    private static func checkBurn(_ transactions: [Transaction], limit: Satoshi) throws(RPCError) {
        for output in transactions.flatMap(\.outputs)
        where output.scriptPubKey.isUnspendable && output.amount > limit {
            throw RPCError(
                RPCError.transactionError,
                "Unspendable output exceeds maximum configured by user (maxburnamount)")
        }
    }
}

extension RPCError {
    static let feeTooHigh = RPCError(
        transactionError,
        "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)")

    /// What `sendrawtransaction` answers to a transaction that breaks a rule.
    init(_ rejection: TransactionRejection) {
        let code =
            rejection == .missingInputs ? RPCError.transactionError : RPCError.transactionRejected
        self.init(code, rejection.description)
    }
}
