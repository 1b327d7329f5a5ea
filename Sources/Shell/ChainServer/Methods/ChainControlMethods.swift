import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods that change which chain is the best.
    static let chainControlMethods: [RPCMethod] = [
        RPCMethod(
            .blockchain, "invalidateblock blockhash", "Treats a block as if it broke a rule."
        ) { (service, arguments) throws(RPCError) in
            try service.changeChain(arguments) { (chain, hash, now) throws(ChainLookupError) in
                try chain.invalidate(hash, now: now)
            }
        },
        RPCMethod(
            .blockchain, "reconsiderblock blockhash",
            "Forgets that a block and its relatives failed."
        ) { (service, arguments) throws(RPCError) in
            try service.changeChain(arguments) { (chain, hash, now) throws(ChainLookupError) in
                try chain.reconsider(hash, now: now)
            }
        },
        RPCMethod(
            .blockchain, "preciousblock blockhash",
            "Prefers a block to others with the same work, as if it had come first."
        ) { (service, arguments) throws(RPCError) in
            try service.changeChain(arguments) { (chain, hash, now) throws(ChainLookupError) in
                try chain.prefer(hash, now: now)
            }
        },
        RPCMethod(
            .control, "setmocktime timestamp", "Stops the clock at a time; 0 lets it run again."
        ) { (service, arguments) throws(RPCError) in
            guard let time = UInt32(exactly: try arguments.integer(0)) else {
                throw RPCError(
                    RPCError.invalidParameter, "Mocktime must be in the range [0, \(UInt32.max)]")
            }
            service.clock.mock(time)
            return .null
        },
    ]

    private func changeChain(
        _ arguments: RPCArguments,
        _ change: (inout RegtestChain, BlockHash, UInt32) throws(ChainLookupError) -> Void
    ) throws(RPCError) -> JSONValue {
        let hash: BlockHash = try arguments.hash(0)
        return try withChain { (chain, now) throws(RPCError) in
            do throws(ChainLookupError) {
                try change(&chain, hash, now)
            } catch {
                switch error {
                case .unknownBlock: throw .unknownBlock
                case .genesisIsFixed:
                    throw RPCError(
                        RPCError.miscellaneous, "The genesis block cannot be invalidated")
                }
            }
            return .null
        }
    }
}
