import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that find and decode transactions and scripts.
    static let rawTransactionMethods: [RPCMethod] = [
        RPCMethod(
            .rawTransactions, "getrawtransaction txid verbosity|verbose? blockhash?",
            "A transaction: 0 as hexadecimal digits, 1 decoded, 2 with fee and the outputs it spends."
        ) { (service, arguments) throws(RPCError) in try service.getRawTransaction(arguments) },
        RPCMethod(
            .rawTransactions, "decoderawtransaction hexstring iswitness?", "Decodes a transaction."
        ) { (_, arguments) throws(RPCError) in
            guard let transaction = try? Transaction(hex: try arguments.string(0)) else {
                throw RPCError(
                    RPCError.deserialization,
                    "TX decode failed. Make sure the tx has at least one input.")
            }
            return .object(.transaction(transaction, TransactionDetail(showsHex: false)))
        },
        RPCMethod(.rawTransactions, "decodescript hexstring", "Decodes a script.") {
            (_, arguments) throws(RPCError) in try decodeScript(arguments.string(0))
        },
    ]

    private func getRawTransaction(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let id: TransactionID = try arguments.hash(0)
        let verbosity = try arguments.verbosity(1, default: 0)
        let blockHash: BlockHash? = try arguments[2] == nil ? nil : arguments.hash(2)
        guard id != RegtestRules.genesis.transactions[0].id else {
            throw RPCError(
                RPCError.invalidAddressOrKey,
                "The genesis block coinbase is not considered an ordinary transaction and cannot be"
                    + " retrieved")
        }
        return try withChain { (chain, _) throws(RPCError) in
            if blockHash == nil, let entry = chain.mempool[id] {
                guard verbosity > 0 else { return .string(Hex.encode(entry.transaction.encoded)) }
                return .object(.transaction(entry.transaction, TransactionDetail()))
            }
            return try ChainService.minedTransaction(
                id, in: blockHash, verbosity: verbosity, chain)
        }
    }

    private static func minedTransaction(
        _ id: TransactionID, in blockHash: BlockHash?, verbosity: Int, _ chain: RegtestChain
    ) throws(RPCError) -> JSONValue {
        if let blockHash, chain.block(blockHash) == nil {
            throw RPCError(RPCError.invalidAddressOrKey, "Block hash not found")
        }
        guard let hash = blockHash ?? chain.blockHolding(id), let stored = chain.block(hash),
            let index = stored.transactionIDs.firstIndex(of: id), let node = chain.node(hash)
        else {
            let text =
                blockHash == nil
                ? "No such mempool or blockchain transaction"
                : "No such transaction found in the provided block"
            throw RPCError(
                RPCError.invalidAddressOrKey,
                "\(text). Use gettransaction for wallet transactions.")
        }
        let transaction = stored.block.transactions[index]
        guard verbosity > 0 else { return .string(Hex.encode(transaction.encoded)) }
        let isActive = chain.isInBestChain(node)
        let spent = index > 0 && verbosity > 1 ? chain.undo(hash)?.spent[index - 1] : nil
        var object = JSONObject()
        if blockHash != nil { object.append("in_active_chain", .bool(isActive)) }
        let decoded = JSONObject.transaction(
            transaction, TransactionDetail(spent: spent, showsSpent: verbosity > 1))
        for member in decoded.members { object.append(member.name, member.value) }
        object.append("blockhash", .id(hash))
        object.append(
            "confirmations", .integer(isActive ? chain.tip.height - node.height + 1 : 0))
        object.append("time", .integer(node.header.time))
        object.append("blocktime", .integer(node.header.time))
        return .object(object)
    }

    private static func decodeScript(_ hex: String) throws(RPCError) -> JSONValue {
        guard let script = try? Script(hex: hex) else {
            throw RPCError(
                RPCError.invalidParameter,
                "argument must be hexadecimal string (not '\(hex)')")
        }
        guard case .object(var object) = JSONValue.outputScript(script, hex: false) else {
            return .null
        }
        func nested(_ script: Script) -> JSONValue {
            let hash = Script.payToScriptHash(of: script)
            return .string(Address(script: hash, network: .regtest)?.description ?? "")
        }
        switch script.template {
        case .payToScriptHash, .nullData, .payToTaproot, .payToAnchor, .futureWitness: break
        case .payToWitnessPublicKeyHash, .payToWitnessScriptHash:
            object.append("p2sh", nested(script))
        case .payToPublicKey, .payToPublicKeyHash, .bareMultisig, .nonStandard:
            guard !script.isUnspendable else { break }
            object.append("p2sh", nested(script))
            let program =
                switch script.template {
                case .payToPublicKeyHash(let hash): Script.payToWitnessPublicKeyHash(hash)
                case .payToPublicKey(let key) where key.count == 33:
                    Script.payToWitnessPublicKeyHash(Hash160(hashing: key))
                default: Script.payToWitnessScriptHash(of: script)
                }
            guard case .object(var segwit) = JSONValue.outputScript(program) else { break }
            segwit.append("p2sh-segwit", nested(program))
            object.append("segwit", .object(segwit))
        }
        return .object(object)
    }
}
