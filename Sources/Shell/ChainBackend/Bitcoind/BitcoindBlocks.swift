import Bitcoin
import JSON
import Synchronization

/// Blocks.
extension BitcoindBackend {
    /// The hash of the best chain's tip: the cheapest call there is.
    func bestBlockHash() throws(ChainError) -> BlockHash {
        try BitcoindAnswer(
            call("getbestblockhash", bounds: .brief), to: "getbestblockhash"
        ).identifier()
    }

    public func blockHash(at height: BlockHeight) throws(ChainError) -> BlockHash? {
        // Heights are 32-bit signed numbers there.
        guard height.value <= Int32.max else { return nil }
        do throws(ChainError) {
            return try BitcoindAnswer(
                call("getblockhash", .integer(height.value)), to: "getblockhash"
            ).identifier()
        } catch .refused(_, code: RPCCode.invalidParameter, _) {
            return nil
        }
    }

    public func blockHashes(
        from first: BlockHeight, count: Int
    ) throws(ChainError) -> [BlockHash] {
        let end = min(Int(first.value) + count, Int(Int32.max))
        guard Int(first.value) < end else { return [] }
        let calls = (Int(first.value)..<end).map {
            BitcoindRPC.Call("getblockhash", .integer($0))
        }
        let tip = BitcoindRPC.Call("getbestblockhash")
        for _ in 0..<20 {
            // The tip before and after tells whether all hashes are of one chain.
            let answers = try batch([tip] + calls + [tip])
            if try answers[0].get() == answers[calls.count + 1].get() {
                return try Self.hashes(answers.dropFirst().dropLast())
            }
        }
        throw .unavailable(reason: "the tip changes with every look at it")
    }

    private static func hashes(
        _ answers: some Sequence<Result<JSONValue, ChainError>>
    ) throws(ChainError) -> [BlockHash] {
        var hashes: [BlockHash] = []
        for answer in answers {
            do throws(ChainError) {
                hashes.append(
                    try BitcoindAnswer(answer.get(), to: "getblockhash").identifier())
            } catch .refused(_, code: RPCCode.invalidParameter, _) {
                return hashes
            }
        }
        return hashes
    }

    public func header(of block: BlockHash) throws(ChainError) -> ChainHeader? {
        let answer: BitcoindAnswer
        do throws(ChainError) {
            answer = BitcoindAnswer(
                try call("getblockheader", .string("\(block)"), true), to: "getblockheader")
        } catch .refused(_, code: RPCCode.invalidAddressOrKey, _) {
            return nil
        }
        let header = BlockHeader(
            version: try answer.integer("version"),
            previousBlock: answer.has("previousblockhash")
                ? try answer.identifier("previousblockhash") : BlockHash(.zero),
            merkleRoot: try (answer.identifier("merkleroot") as TransactionID).hash,
            time: try answer.integer("time"), bits: try answer.hexadecimal("bits"),
            nonce: try answer.integer("nonce"))
        guard header.hash == block else {
            throw answer.invalid("the header is another block's")
        }
        return ChainHeader(
            header: header, height: try answer.height("height"),
            isInBestChain: try answer.integer("confirmations", as: Int.self) > 0)
    }

    public func block(_ hash: BlockHash) throws(ChainError) -> Block {
        let bytes = try checked { rpc throws(ChainError) in
            if let bytes = try resource(of: hash, rpc) { return bytes }
            return try digits(of: hash, rpc)
        }
        guard let block = try? Block(decoding: bytes), block.hash == hash else {
            throw .invalidAnswer(method: "getblock", detail: "the bytes are not block \(hash)")
        }
        // The hash covers the header alone; a payment missed here would be missed for good.
        let merkle = block.computeMerkleRoot()
        guard merkle.root == block.header.merkleRoot, !merkle.isMutated else {
            throw .invalidAnswer(
                method: "getblock", detail: "the transactions are not those of block \(hash)")
        }
        return block
    }

    public func transactionIDs(in block: BlockHash) throws(ChainError) -> [TransactionID] {
        let answer: BitcoindAnswer
        do throws(ChainError) {
            answer = BitcoindAnswer(
                try call("getblock", .string("\(block)"), 1, bounds: .large), to: "getblock")
        } catch {
            throw Self.meaning(of: error, block)
        }
        var identifiers: [TransactionID] = []
        for element in try answer.field("tx").elements() {
            identifiers.append(try element.identifier())
        }
        return identifiers
    }

    /// What a refusal of `getblock` says.
    private static func meaning(of error: ChainError, _ hash: BlockHash) -> ChainError {
        switch error {
        case .refused(_, code: RPCCode.invalidAddressOrKey, _): return .unknownBlock(hash)
        case .refused(_, code: RPCCode.misc, let message):
            if message.contains("pruned") { return .pruned(hash) }
            return .unavailable(reason: "block \(hash) is not stored: \(message)")
        case .unavailable, .unauthorized, .warmingUp, .wrongNetwork, .unsupportedVersion, .pruned,
            .unknownBlock, .invalidAnswer, .refused:
            return error
        }
    }

    /// The block's bytes over REST; nil where they are not to be had so, and JSON-RPC is to say why.
    private func resource(of hash: BlockHash, _ rpc: BitcoindRPC) throws(ChainError) -> [UInt8]? {
        guard mayHaveREST.load(ordering: .acquiring) else { return nil }
        let (bytes, message) = try rpc.resource("/rest/block/\(hash).bin")
        // What is not served at all is refused without a word of the block.
        if bytes == nil, !message.contains("\(hash)") {
            mayHaveREST.store(false, ordering: .releasing)
        }
        return bytes
    }

    private func digits(of hash: BlockHash, _ rpc: BitcoindRPC) throws(ChainError) -> [UInt8] {
        do throws(ChainError) {
            return try rpc.callForBytes(.init("getblock", .string("\(hash)"), 0))
        } catch {
            throw Self.meaning(of: error, hash)
        }
    }
}
