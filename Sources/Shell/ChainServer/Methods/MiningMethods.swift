import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that make blocks.
    static let miningMethods: [RPCMethod] = [
        RPCMethod(
            .mining, "generatetoaddress nblocks address maxtries?",
            "Mines blocks that pay to an address."
        ) { (service, arguments) throws(RPCError) in
            let count = try arguments.integer(0)
            let script = try ChainService.script(
                ofAddress: arguments.string(1), error: "Error: Invalid address")
            return try service.mine(count, to: script)
        },
        RPCMethod(
            .mining, "generatetodescriptor num_blocks descriptor maxtries?",
            "Mines blocks that pay to a descriptor: addr(ADDRESS) or raw(HEX)."
        ) { (service, arguments) throws(RPCError) in
            let count = try arguments.integer(0)
            return try service.mine(
                count, to: ChainService.script(ofDescriptor: arguments.string(1)))
        },
        RPCMethod(
            .mining, "generateblock output transactions submit?",
            "Mines a block of given transactions, by identifier or in hexadecimal digits."
        ) { (service, arguments) throws(RPCError) in try service.generateBlock(arguments) },
        RPCMethod(.mining, "submitblock hexdata dummy?", "Offers a block; null where it is valid.")
        {
            (service, arguments) throws(RPCError) in try service.submitBlock(arguments)
        },
        RPCMethod(.mining, "getmininginfo", "What a miner wants to know.") {
            (service, _) throws(RPCError) in
            try service.withChain { chain, _ in
                [
                    "blocks": .integer(chain.tip.height.value), "bits": .regtestBits,
                    "difficulty": .regtestDifficulty, "target": .regtestTarget,
                    "networkhashps": 0, "pooledtx": .integer(chain.mempool.entries.count),
                    "chain": "regtest",
                    "next": [
                        "height": .integer(chain.tip.height.value + 1), "bits": .regtestBits,
                        "difficulty": .regtestDifficulty, "target": .regtestTarget,
                    ],
                    "warnings": [],
                ]
            }
        },
    ]

    private static let maximumBlocksAtOnce = 100_000

    private func mine(_ count: Int, to script: Script) throws(RPCError) -> JSONValue {
        guard (0...ChainService.maximumBlocksAtOnce).contains(count) else {
            throw RPCError(RPCError.invalidParameter, "nblocks is out of range")
        }
        do throws(MiningError) {
            return .array(try chain.mine(count, to: script).map { .id($0) })
        } catch {
            throw RPCError(error)
        }
    }

    private func generateBlock(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let script = try ChainService.script(ofOutput: arguments.string(0))
        let wanted = try arguments.array(1)
        let isSubmitted = try arguments.bool(2, default: true)
        return try withChain { (chain, now) throws(RPCError) in
            var transactions: [Transaction] = []
            for value in wanted {
                transactions.append(
                    try ChainService.transaction(value.string ?? "", in: chain))
            }
            var block = chain.block(to: script, transactions: transactions, now: now)
            do throws(BlockRejection) {
                try chain.checkOnTip(block, now: now)
                if isSubmitted { try chain.submit(block, now: now) }
            } catch {
                throw RPCError(-25, "TestBlockValidity failed: \(error.reason)")
            }
            block.header.solve()
            var object = JSONObject([("hash", .id(block.hash))])
            if !isSubmitted { object.append("hex", .string(Hex.encode(block.encoded))) }
            return .object(object)
        }
    }

    private func submitBlock(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        guard let bytes = try? Hex.decode(try arguments.string(0)),
            let block = try? Block(decoding: bytes)
        else { throw RPCError(RPCError.deserialization, "Block decode failed") }
        guard block.transactions.first?.isCoinbase == true else {
            throw RPCError(RPCError.deserialization, "Block does not start with a coinbase")
        }
        return try withChain { chain, now in
            do throws(BlockRejection) {
                let hash = try chain.submit(block, now: now)
                let isActive = chain.node(hash).map { chain.isInBestChain($0) } ?? false
                return isActive ? .null : "inconclusive"
            } catch {
                return .string(error.reason)
            }
        }
    }

    /// A transaction of the mempool by identifier, or one in hexadecimal digits.
    private static func transaction(
        _ text: String, in chain: RegtestChain
    ) throws(RPCError) -> Transaction {
        if let id = TransactionID(text) {
            guard let entry = chain.mempool[id] else {
                throw RPCError(
                    RPCError.invalidAddressOrKey, "Transaction \(text) not in mempool.")
            }
            return entry.transaction
        }
        guard let transaction = try? Transaction(hex: text) else {
            throw RPCError(
                RPCError.deserialization,
                "Transaction decode failed for \(text). Make sure the tx has at least one input.")
        }
        return transaction
    }

    /// The output script of an address.
    static func script(ofAddress text: String, error: String) throws(RPCError) -> Script {
        guard let address = try? Address(text, network: .regtest) else {
            throw RPCError(RPCError.invalidAddressOrKey, error)
        }
        return address.script
    }

    /// The output script of an address or a descriptor.
    private static func script(ofOutput text: String) throws(RPCError) -> Script {
        if let address = try? Address(text, network: .regtest) { return address.script }
        return try script(ofDescriptor: text)
    }

    /// The output script of a descriptor without keys to derive.
    private static func script(ofDescriptor text: String) throws(RPCError) -> Script {
        let body: String
        do throws(DescriptorError) {
            body = text.contains("#") ? try DescriptorChecksum.verify(text) : text
        } catch {
            throw RPCError(RPCError.invalidAddressOrKey, "\(error)")
        }
        if body.hasPrefix("addr("), body.hasSuffix(")") {
            return try script(
                ofAddress: String(body.dropFirst(5).dropLast()), error: "Address is not valid")
        }
        if body.hasPrefix("raw("), body.hasSuffix(")"),
            let script = try? Script(hex: body.dropFirst(4).dropLast())
        {
            return script
        }
        throw RPCError(
            RPCError.invalidAddressOrKey, "Error: Invalid address or descriptor: '\(text)'")
    }
}

extension RPCError {
    fileprivate init(_ error: MiningError) {
        switch error {
        case .rejected(let rejection):
            self.init(-25, "ProcessNewBlock, block not accepted: \(rejection.reason)")
        }
    }
}
