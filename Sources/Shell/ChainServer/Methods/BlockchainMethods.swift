import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that tell of blocks and of the chain.
    static let blockchainMethods: [RPCMethod] = [
        RPCMethod(.blockchain, "getblockchaininfo", "Tells of the state of the chain.") {
            (service, _) throws(RPCError) in try service.getBlockchainInfo()
        },
        RPCMethod(.blockchain, "getblockcount", "The height of the best chain.") {
            (service, _) throws(RPCError) in
            try service.withChain { chain, _ in .integer(chain.tip.height.value) }
        },
        RPCMethod(.blockchain, "getbestblockhash", "The hash of the best chain's last block.") {
            (service, _) throws(RPCError) in
            try service.withChain { chain, _ in .id(chain.tip.hash) }
        },
        RPCMethod(.blockchain, "getblockhash height", "The hash of the best chain's block.") {
            (service, arguments) throws(RPCError) in
            let height = try arguments.integer(0)
            return try service.withChain { (chain, _) throws(RPCError) in
                guard let value = UInt32(exactly: height),
                    let hash = chain.blockHash(at: BlockHeight(value))
                else { throw RPCError(RPCError.invalidParameter, "Block height out of range") }
                return .id(hash)
            }
        },
        RPCMethod(
            .blockchain, "getblock blockhash verbosity|verbose?",
            "A block: 0 as hexadecimal digits, 1 with the identifiers of its transactions, 2 with"
                + " the transactions, 3 with the outputs that they spend."
        ) { (service, arguments) throws(RPCError) in try service.getBlock(arguments) },
        RPCMethod(
            .blockchain, "getblockheader blockhash verbose?",
            "A block's header, as hexadecimal digits where verbose is false."
        ) { (service, arguments) throws(RPCError) in try service.getBlockHeader(arguments) },
        RPCMethod(.blockchain, "getchaintips", "The last block of every branch.") {
            (service, _) throws(RPCError) in try service.getChainTips()
        },
        RPCMethod(.blockchain, "getdeploymentinfo blockhash?", "The soft forks and their state.") {
            (service, arguments) throws(RPCError) in try service.getDeploymentInfo(arguments)
        },
        RPCMethod(.blockchain, "getdifficulty", "The difficulty of the proof of work.") {
            (_, _) throws(RPCError) in .regtestDifficulty
        },
        RPCMethod(
            .blockchain, "gettxout txid n include_mempool?",
            "An unspent output; null where it is spent or never was."
        ) { (service, arguments) throws(RPCError) in try service.getTransactionOutput(arguments) },
        RPCMethod(
            .blockchain, "gettxoutsetinfo hash_type? hash_or_height? use_index?",
            "Figures of all unspent outputs; hash_type is hash_serialized_3 or none."
        ) { (service, arguments) throws(RPCError) in try service.getCoinStatistics(arguments) },
        RPCMethod(
            .blockchain, "getblockfilter blockhash filtertype?",
            "The basic filter (BIP 158) of a block of the best chain, and its header (BIP 157)."
        ) { (service, arguments) throws(RPCError) in
            let hash: BlockHash = try arguments.hash(0)
            guard ["basic", nil].contains(try arguments.optionalString(1)) else {
                throw RPCError(RPCError.invalidAddressOrKey, "Unknown filtertype")
            }
            return try service.withChain { (chain, _) throws(RPCError) in
                guard let node = chain.node(hash) else { throw .unknownBlock }
                let entry = service.filterHeaders.withLock { $0.filter(of: node, in: chain) }
                guard let (filter, header) = entry else {
                    throw RPCError(
                        RPCError.miscellaneous,
                        "Filter not found. Block was not connected to active chain.")
                }
                return [
                    "filter": .string(Hex.encode(filter.bytes)),
                    "header": .string(header.reversed.hex),
                ]
            }
        },
        RPCMethod(
            .blockchain, "waitforblockheight height timeout?",
            "Waits until the chain is that high, or for timeout milliseconds."
        ) { (service, arguments) throws(RPCError) in try service.waitForBlockHeight(arguments) },
    ]

    private func getBlockchainInfo() throws(RPCError) -> JSONValue {
        try withChain { chain, _ in
            let tip = chain.tip
            return [
                "chain": "regtest", "blocks": .integer(tip.height.value),
                "headers": .integer(tip.height.value), "bestblockhash": .id(tip.hash),
                "bits": .regtestBits, "target": .regtestTarget, "difficulty": .regtestDifficulty,
                "time": .integer(tip.header.time), "mediantime": .integer(tip.medianTime),
                "verificationprogress": 1, "initialblockdownload": false,
                "chainwork": .chainWork(tip), "size_on_disk": .integer(chain.storedSize),
                "pruned": false, "warnings": [],
            ]
        }
    }

    private func getBlock(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let hash: BlockHash = try arguments.hash(0)
        let verbosity = try arguments.verbosity(1, default: 1)
        return try withChain { (chain, _) throws(RPCError) in
            guard let node = chain.node(hash), let stored = chain.block(hash) else {
                throw .unknownBlock
            }
            guard verbosity > 0 else { return .string(Hex.encode(stored.block.encoded)) }
            return .object(.block(stored, node, verbosity: verbosity, in: chain))
        }
    }

    private func getBlockHeader(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let hash: BlockHash = try arguments.hash(0)
        let isVerbose = try arguments.bool(1, default: true)
        return try withChain { (chain, _) throws(RPCError) in
            guard let node = chain.node(hash) else { throw .unknownBlock }
            guard isVerbose else { return .string(Hex.encode(node.header.encoded)) }
            return .object(.header(node, in: chain))
        }
    }

    private func getChainTips() throws(RPCError) -> JSONValue {
        try withChain { chain, _ in
            var tips = chain.tips()
            // The best chain may end below a block that failed.
            if !tips.contains(where: { $0.hash == chain.tip.hash }) { tips.append(chain.tip) }
            return .array(
                tips.map { tip in
                    let fork = chain.fork(of: tip)
                    let status =
                        switch tip.validity {
                        case _ where chain.isInBestChain(tip): "active"
                        case .failed, .descendsFromFailed: "invalid"
                        case .valid: "valid-fork"
                        case .untested: "valid-headers"
                        }
                    return [
                        "height": .integer(tip.height.value), "hash": .id(tip.hash),
                        "branchlen": .integer(tip.height - fork.height), "status": .string(status),
                    ]
                })
        }
    }

    private func getDeploymentInfo(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let hash: BlockHash? = try arguments[0] == nil ? nil : arguments.hash(0)
        return try withChain { (chain, _) throws(RPCError) in
            guard let node = hash.map({ chain.node($0) }) ?? chain.tip else { throw .unknownBlock }
            func buried(_ height: Int) -> JSONValue {
                ["type": "buried", "active": .bool(true), "height": .integer(height)]
            }
            let taproot: JSONValue = [
                "start_time": -1, "timeout": .integer(Int64.max), "min_activation_height": 0,
                "status": "active", "since": 0, "status_next": "active",
            ]
            return [
                "hash": .id(node.hash), "height": .integer(node.height.value),
                "deployments": [
                    "bip34": buried(1), "bip66": buried(1), "bip65": buried(1), "csv": buried(1),
                    "segwit": buried(0),
                    "taproot": ["type": "bip9", "height": 0, "active": true, "bip9": taproot],
                ],
            ]
        }
    }

    private func getTransactionOutput(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let id: TransactionID = try arguments.hash(0)
        guard let index = UInt32(exactly: try arguments.integer(1)) else { return .null }
        let includesMempool = try arguments.bool(2, default: true)
        let outPoint = OutPoint(id, index)
        return try withChain { chain, _ in
            let coin = chain.unspentOutput(outPoint, includingMempool: includesMempool)
            let unconfirmed = includesMempool ? chain.unspentMempoolOutput(outPoint) : nil
            guard let output = coin?.output ?? unconfirmed else { return .null }
            let confirmations = coin.map { chain.tip.height - $0.height + 1 } ?? 0
            return [
                "bestblock": .id(chain.tip.hash), "confirmations": .integer(confirmations),
                "value": .amount(output.amount),
                "scriptPubKey": .outputScript(output.scriptPubKey),
                "coinbase": .bool(coin?.isCoinbase ?? false),
            ]
        }
    }

    private func getCoinStatistics(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let hashType = try arguments.optionalString(0) ?? "hash_serialized_3"
        guard ["hash_serialized_3", "none"].contains(hashType) else {
            throw RPCError(
                RPCError.invalidParameter, "'\(hashType)' is not a valid hash_type")
        }
        return try withChain { chain, _ in
            let figures = chain.coins.statistics()
            var object = JSONObject([
                ("height", .integer(chain.tip.height.value)), ("bestblock", .id(chain.tip.hash)),
                ("txouts", .integer(figures.outputs)), ("bogosize", .integer(figures.bogoSize)),
            ])
            if hashType != "none" {
                object.append("hash_serialized_3", .string(figures.hash.reversed.hex))
            }
            object.append("total_amount", .amount(figures.total))
            object.append("transactions", .integer(figures.transactions))
            object.append("disk_size", 0)
            return .object(object)
        }
    }

    private func waitForBlockHeight(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let height = try arguments.integer(0)
        let timeout = try arguments.optionalInteger(1) ?? 0
        let waiter = TipWaiter()
        let subscription = chain.subscribe { _ in waiter.signal() }
        defer { withExtendedLifetime(subscription) {} }
        let deadline = timeout > 0 ? MonotonicMilliseconds.now() + Int64(timeout) : Int64.max
        while true {
            let tip = try withChain { chain, _ in chain.tip }
            let left = deadline - MonotonicMilliseconds.now()
            if Int(tip.height.value) >= height || left <= 0 {
                return ["hash": .id(tip.hash), "height": .integer(tip.height.value)]
            }
            waiter.wait(milliseconds: min(left, 1000))
        }
    }
}

extension RPCError {
    static let unknownBlock = RPCError(invalidAddressOrKey, "Block not found")
}
