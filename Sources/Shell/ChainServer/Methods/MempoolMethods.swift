import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that tell of unconfirmed transactions and of fees.
    static let mempoolMethods: [RPCMethod] = [
        RPCMethod(.blockchain, "getmempoolinfo", "Tells of the state of the mempool.") {
            (service, _) throws(RPCError) in try service.getMempoolInfo()
        },
        RPCMethod(
            .blockchain, "getrawmempool verbose? mempool_sequence?",
            "The identifiers of all unconfirmed transactions, or all that is known of them."
        ) { (service, arguments) throws(RPCError) in try service.getRawMempool(arguments) },
        RPCMethod(
            .blockchain, "getmempoolentry txid", "What is known of an unconfirmed transaction."
        ) {
            (service, arguments) throws(RPCError) in
            let id: TransactionID = try arguments.hash(0)
            return try service.withChain { (chain, _) throws(RPCError) in
                guard let entry = chain.mempool[id] else { throw .notInMempool }
                return .mempoolEntry(entry, in: chain.mempool)
            }
        },
        RPCMethod(
            .blockchain, "getmempoolancestors txid verbose?",
            "The unconfirmed transactions that one depends on."
        ) { (service, arguments) throws(RPCError) in
            try service.relatives(arguments) { mempool, id in mempool.ancestors(of: id) }
        },
        RPCMethod(
            .blockchain, "getmempooldescendants txid verbose?",
            "The unconfirmed transactions that depend on one."
        ) { (service, arguments) throws(RPCError) in
            try service.relatives(arguments) { mempool, id in mempool.descendants(of: id) }
        },
        RPCMethod(
            .blockchain, "gettxspendingprevout outputs",
            "The unconfirmed transactions that spend some outputs."
        ) { (service, arguments) throws(RPCError) in try service.getSpenders(arguments) },
        RPCMethod(
            .utility, "estimatesmartfee conf_target estimate_mode?",
            "The rate at which a transaction should be mined within so many blocks."
        ) { (service, arguments) throws(RPCError) in try service.estimateSmartFee(arguments) },
        RPCMethod(
            .mining, "prioritisetransaction txid dummy? fee_delta",
            "Adds to what counts as the fee of a transaction, in satoshi."
        ) { (service, arguments) throws(RPCError) in
            let id: TransactionID = try arguments.hash(0)
            let delta = try arguments.integer(2)
            guard
                Satoshi(Int64(delta).magnitude > Int64.max ? .max : Int64(abs(delta)))
                    .isValidOutputAmount
            else { throw RPCError(RPCError.invalidParameter, "fee_delta is out of range") }
            return try service.withChain { chain, _ in
                chain.prioritise(id, by: Satoshi(Int64(delta)))
                return true
            }
        },
    ]

    private func getMempoolInfo() throws(RPCError) -> JSONValue {
        try withChain { chain, now in
            let policy = chain.policy
            return [
                "loaded": true, "size": .integer(chain.mempool.entries.count),
                "bytes": .integer(chain.mempool.virtualSize),
                "usage": .integer(chain.mempool.usage), "total_fee": .amount(chain.mempool.fees),
                "maxmempool": .integer(policy.maximumMempoolUsage),
                "mempoolminfee": .feerate(chain.minimumMempoolFeerate(now: now)),
                "minrelaytxfee": .feerate(policy.minimumRelayFeerate),
                "incrementalrelayfee": .feerate(policy.incrementalFeerate),
                "unbroadcastcount": 0, "fullrbf": true,
            ]
        }
    }

    private func getRawMempool(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let isVerbose = try arguments.bool(0, default: false)
        let withSequence = try arguments.bool(1, default: false)
        guard !isVerbose || !withSequence else {
            throw RPCError(
                RPCError.invalidParameter,
                "Verbose results cannot contain mempool sequence values.")
        }
        return try withChain { chain, _ in
            let list = JSONValue.mempoolEntries(
                Set(chain.mempool.entries.keys), isVerbose: isVerbose, in: chain.mempool)
            guard withSequence else { return list }
            return ["txids": list, "mempool_sequence": .integer(chain.mempool.sequence)]
        }
    }

    private func relatives(
        _ arguments: RPCArguments, _ find: (Mempool, TransactionID) -> Set<TransactionID>
    ) throws(RPCError) -> JSONValue {
        let id: TransactionID = try arguments.hash(0)
        let isVerbose = try arguments.bool(1, default: false)
        return try withChain { (chain, _) throws(RPCError) in
            guard chain.mempool[id] != nil else { throw .notInMempool }
            return .mempoolEntries(
                find(chain.mempool, id), isVerbose: isVerbose, in: chain.mempool)
        }
    }

    private func getSpenders(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let outputs = try arguments.array(0)
        return try withChain { (chain, _) throws(RPCError) in
            var found: [JSONValue] = []
            for output in outputs {
                guard let id = output["txid"]?.string.flatMap({ TransactionID($0) }),
                    let index = output["vout"]?.integer(UInt32.self)
                else {
                    throw RPCError(RPCError.invalidParameter, "Invalid parameter, txid or vout")
                }
                var object = JSONObject([("txid", .id(id)), ("vout", .integer(index))])
                if let spender = chain.mempool.spender(of: OutPoint(id, index)) {
                    object.append("spendingtxid", .id(spender))
                }
                found.append(.object(object))
            }
            return .array(found)
        }
    }

    private func estimateSmartFee(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let target = try arguments.integer(0)
        let mode = (try arguments.optionalString(1) ?? "economical").lowercased()
        guard (1...RegtestChain.maximumFeeTarget).contains(target) else {
            throw RPCError(
                RPCError.invalidParameter,
                "Invalid conf_target, must be between 1 and \(RegtestChain.maximumFeeTarget)")
        }
        guard ["unset", "economical", "conservative"].contains(mode) else {
            throw RPCError(
                RPCError.invalidParameter,
                "Invalid estimate_mode parameter, must be one of: \"unset\", \"economical\","
                    + " \"conservative\"")
        }
        return try withChain { chain, now in
            let rate = chain.estimateFee(
                blocks: target, isConservative: mode == "conservative", now: now)
            guard let rate else {
                return [
                    "errors": ["Insufficient data or no feerate found"],
                    "blocks": .integer(target),
                ]
            }
            return ["feerate": .feerate(rate), "blocks": .integer(target)]
        }
    }
}

extension RPCError {
    static let notInMempool = RPCError(invalidAddressOrKey, "Transaction not in mempool")
}

extension JSONValue {
    /// Unconfirmed transactions, as a list of identifiers or an object with all that is known.
    fileprivate static func mempoolEntries(
        _ ids: Set<TransactionID>, isVerbose: Bool, in mempool: Mempool
    ) -> JSONValue {
        let sorted = mempool.topologicallySorted(ids)
        guard isVerbose else { return .array(sorted.map { .id($0) }) }
        return .object(
            JSONObject(
                sorted.compactMap { id in
                    mempool[id].map { (id.description, .mempoolEntry($0, in: mempool)) }
                }))
    }

    /// What is known of an unconfirmed transaction.
    fileprivate static func mempoolEntry(_ entry: MempoolEntry, in mempool: Mempool) -> JSONValue {
        let descendants = mempool.withDescendants(entry.id)
        let ancestors = mempool.withAncestors(entry.id)
        // Full replacement: every unconfirmed transaction may be replaced, but this tells whether it or an ancestor says so.
        let signals = mempool.ancestors(of: entry.id).union([entry.id]).contains { id in
            mempool[id]?.transaction.inputs.contains(where: \.sequence.signalsReplacement) ?? false
        }
        return [
            "vsize": .integer(entry.virtualSize), "weight": .integer(entry.weight.value),
            "time": .integer(entry.time), "height": .integer(entry.height.value),
            "descendantcount": .integer(descendants.count),
            "descendantsize": .integer(descendants.virtualSize),
            "ancestorcount": .integer(ancestors.count),
            "ancestorsize": .integer(ancestors.virtualSize), "wtxid": .id(entry.witnessID),
            "fees": [
                "base": .amount(entry.fee), "modified": .amount(entry.modifiedFee),
                "ancestor": .amount(ancestors.fees), "descendant": .amount(descendants.fees),
            ],
            "depends": .array(entry.parents.sorted().map { .id($0) }),
            "spentby": .array(entry.children.sorted().map { .id($0) }),
            "bip125-replaceable": .bool(signals), "unbroadcast": false,
        ]
    }
}
