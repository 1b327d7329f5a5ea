import Bitcoin
import JSON

/// Broadcasting. No limit of fee rate is set here: the child that pays for a large parent has a rate of its own far
/// above what would be absurd for the two together, and only the wallet knows what it pays for.
extension BitcoindBackend {
    private static let noFeeLimit: JSONValue = 0

    public func broadcast(_ transaction: Transaction) throws(ChainError) -> BroadcastResult {
        do throws(ChainError) {
            _ = try call(
                "sendrawtransaction", .string(Hex.encode(transaction.encoded)), Self.noFeeLimit)
            return .accepted
        } catch .refused(_, code: RPCCode.verifyAlreadyMined, _) {
            return .accepted
        } catch .refused(_, let code, let message) where RPCCode.isRejection(code) {
            return try result(Rejection(message), of: transaction)
        }
    }

    public func testAccept(_ transaction: Transaction) throws(ChainError) -> BroadcastResult {
        let method = "testmempoolaccept"
        let answer: BitcoindAnswer
        do throws(ChainError) {
            answer = BitcoindAnswer(
                try call(
                    method, [.string(Hex.encode(transaction.encoded))], Self.noFeeLimit),
                to: method)
        } catch .refused(_, let code, let message) where RPCCode.isRejection(code) {
            return .rejected(reason: Rejection(message).word)
        }
        guard let verdict = try answer.elements().first else { throw answer.invalid("no verdict") }
        if verdict.has("allowed"), try verdict.bool("allowed") { return .accepted }
        let reason = verdict.has("reject-reason") ? "reject-reason" : "package-error"
        return try result(Rejection(verdict.string(reason)), of: transaction)
    }

    public func broadcast(package: [Transaction]) throws(ChainError) -> BroadcastResult {
        guard let child = package.last else { return .rejected(reason: "package-empty") }
        if package.count == 1 { return try broadcast(child) }

        let method = "submitpackage"
        let answer: BitcoindAnswer
        do throws(ChainError) {
            answer = BitcoindAnswer(
                try call(
                    method, .array(package.map { .string(Hex.encode($0.encoded)) }),
                    Self.noFeeLimit),
                to: method)
        } catch .refused(_, let code, let message) where RPCCode.isRejection(code) {
            return .rejected(reason: Rejection(message).word)
        }
        let summary = try answer.string("package_msg")
        if summary == "success" { return .accepted }

        let results = try answer.field("tx-results")
        var reasons: [Rejection] = []
        var missing: [Transaction] = []
        for transaction in package {
            guard let reason = results.value["\(transaction.witnessID)"]?["error"]?.string else {
                missing.append(transaction)
                continue
            }
            let rejection = Rejection(reason)
            if try result(rejection, of: transaction) != .accepted {
                missing.append(transaction)
                if !rejection.isUndecided { reasons.append(rejection) }
            }
        }
        // Parents that were mined meanwhile make a package fail: without them it may pass.
        if missing.count < package.count {
            return missing.isEmpty ? .accepted : try broadcast(package: missing)
        }
        let reason = summary == "transaction failed" ? reasons.first : nil
        return .rejected(reason: (reason ?? Rejection(summary)).word)
    }

    /// What a rejection means for the one who wants the transaction in the chain.
    private func result(
        _ rejection: Rejection, of transaction: Transaction
    ) throws(ChainError) -> BroadcastResult {
        if rejection.isAlreadyThere { return .accepted }
        if rejection.isMissingInputs, try isMined(transaction.id) { return .accepted }
        return .rejected(reason: rejection.word)
    }

    /// Whether a transaction index knows it as mined. Without one, a mined transaction whose outputs are all spent
    /// looks like one whose inputs are missing.
    private func isMined(_ id: TransactionID) throws(ChainError) -> Bool {
        do throws(ChainError) {
            let answer = BitcoindAnswer(
                try call("getrawtransaction", .string("\(id)"), true), to: "getrawtransaction")
            guard answer.has("confirmations") else { return false }
            let confirmations: Int = try answer.integer("confirmations")
            return confirmations > 0
        } catch .refused(_, code: RPCCode.invalidAddressOrKey, _) {
            return false
        }
    }
}

/// Why bitcoind does not take a transaction.
struct Rejection: Equatable {
    /// The reason without the details that may follow it: `min relay fee not met` of `min relay fee not met, 0 < 10`.
    let word: String

    /// Reads the text that `sendrawtransaction` and its like give.
    init(_ text: String) {
        let words = text.split(separator: ", ", maxSplits: 1, omittingEmptySubsequences: false)
        let word = String(words.first ?? "")
        // `testmempoolaccept` has a name of its own for it.
        self.word = word == "missing-inputs" ? Self.missingInputs : word
    }

    private static let missingInputs = "bad-txns-inputs-missingorspent"

    var isMissingInputs: Bool { word == Self.missingInputs }

    /// Whether the transaction is in the mempool or in a block. With another witness it is the same transaction: what
    /// it spends and creates does not change.
    var isAlreadyThere: Bool {
        [
            "txn-already-in-mempool", "txn-already-known", "txn-same-nonwitness-data-in-mempool",
            "Transaction outputs already in utxo set", "Transaction already in block chain",
        ].contains(word)
    }

    /// Whether it says only that another transaction of the package failed first.
    var isUndecided: Bool { word == "package-not-validated" }
}
