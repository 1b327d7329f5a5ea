import Bitcoin
import JSON
import RegtestChain

extension JSONValue {
    /// What `testmempoolaccept` says of a transaction that the rules allow.
    static func verdict(
        _ transaction: Transaction, _ judged: AcceptedTransaction, _ limit: FeeratePerKvB?
    ) -> JSONValue {
        var object = names(of: transaction)
        if let limit, judged.fee > limit.fee(for: judged.virtualSize) {
            object.append("allowed", false)
            object.append("reject-reason", "max-fee-exceeded")
            return .object(object)
        }
        object.append("allowed", true)
        object.append("vsize", .integer(judged.virtualSize))
        object.append("fees", fees(judged))
        return .object(object)
    }

    /// What `testmempoolaccept` says of a transaction that breaks a rule.
    static func refusal(_ transaction: Transaction, _ rejection: TransactionRejection) -> JSONValue
    {
        var object = names(of: transaction)
        object.append("allowed", false)
        if rejection == .missingInputs {
            object.append("reject-reason", "missing-inputs")
        } else {
            object.append("reject-reason", .string(rejection.reason))
            object.append("reject-details", .string(rejection.description))
        }
        return .object(object)
    }

    /// What `testmempoolaccept` says of one of several transactions.
    static func verdict(
        _ transaction: Transaction, _ result: PackageResult, _ limit: FeeratePerKvB?
    ) -> JSONValue {
        switch result.outcomes[transaction.witnessID] {
        case .accepted(let judged): return verdict(transaction, judged, limit)
        case .rejected(let rejection): return refusal(transaction, rejection)
        case .alreadyThere, .differentWitness, nil:
            var object = names(of: transaction)
            if let rejection = result.rejection, rejection.isOfWholePackage {
                object.append("package-error", .string(rejection.description))
            }
            return .object(object)
        }
    }

    /// What `submitpackage` says.
    static func packageResult(_ result: PackageResult, of transactions: [Transaction]) -> JSONValue
    {
        var results = JSONObject()
        for transaction in transactions {
            var object = JSONObject([("txid", .id(transaction.id))])
            switch result.outcomes[transaction.witnessID] {
            case .accepted(let accepted):
                object.append("vsize", .integer(accepted.virtualSize))
                object.append("fees", fees(accepted))
            case .alreadyThere(let entry):
                object.append("vsize", .integer(entry.virtualSize))
                object.append("fees", ["base": .amount(entry.fee)])
            case .differentWitness(let other): object.append("other-wtxid", .id(other))
            case .rejected(let rejection):
                object.append("error", .string(rejection.description))
            case nil: object.append("error", "package-not-validated")
            }
            results.append(transaction.witnessID.description, .object(object))
        }
        return [
            "package_msg": .string(result.rejection?.description ?? "success"),
            "tx-results": .object(results),
            "replaced-transactions": .array(result.replaced.map { .id($0) }),
        ]
    }

    private static func names(of transaction: Transaction) -> JSONObject {
        JSONObject([("txid", .id(transaction.id)), ("wtxid", .id(transaction.witnessID))])
    }

    private static func fees(_ judged: AcceptedTransaction) -> JSONValue {
        [
            "base": .amount(judged.fee), "effective-feerate": .feerate(judged.effectiveFeerate),
            "effective-includes": .array(judged.effectiveIncludes.map { .id($0) }),
        ]
    }
}
