import Bitcoin
import JSON
import RegtestChain

extension JSONValue {
    /// The difficulty of the network, whose target never changes.
    static let regtestDifficulty = JSONValue.number("4.656542373906925e-10")

    /// The target of the network, most significant digit first.
    static let regtestTarget = JSONValue.string("7fffff" + String(repeating: "0", count: 58))

    /// The target of the network in compact form.
    static let regtestBits = JSONValue.string("207fffff")

    /// The expected number of hashes, in 64 hexadecimal digits.
    static func chainWork(_ node: BlockNode) -> JSONValue {
        .string(UInt256(node.chainWork).description)
    }
}

extension JSONObject {
    /// A block's header and place, as bitcoind tells them.
    static func header(_ node: BlockNode, in chain: RegtestChain) -> JSONObject {
        let isActive = chain.isInBestChain(node)
        let confirmations = isActive ? chain.tip.height - node.height + 1 : -1
        let version = UInt32(bitPattern: node.header.version)
        let digits = String(version, radix: 16)
        var object = JSONObject([
            ("hash", .id(node.hash)), ("confirmations", .integer(confirmations)),
            ("height", .integer(node.height.value)), ("version", .integer(node.header.version)),
            ("versionHex", .string(String(repeating: "0", count: 8 - digits.count) + digits)),
            ("merkleroot", .string(node.header.merkleRoot.reversed.hex)),
            ("time", .integer(node.header.time)), ("mediantime", .integer(node.medianTime)),
            ("nonce", .integer(node.header.nonce)), ("bits", .regtestBits),
            ("target", .regtestTarget), ("difficulty", .regtestDifficulty),
            ("chainwork", .chainWork(node)),
            ("nTx", .integer(chain.block(node.hash)?.transactionIDs.count ?? 0)),
        ])
        if node.height > BlockHeight(0) {
            object.append("previousblockhash", .id(node.header.previousBlock))
        }
        if isActive, let next = chain.blockHash(at: node.height + 1) {
            object.append("nextblockhash", .id(next))
        }
        return object
    }

    /// A block with its transactions: 1 lists their identifiers, 2 decodes them, 3 adds what they spend.
    static func block(
        _ stored: StoredBlock, _ node: BlockNode, verbosity: Int, in chain: RegtestChain
    ) -> JSONObject {
        var object = header(node, in: chain)
        let block = stored.block
        object.append("strippedsize", .integer(block.baseSize))
        object.append("size", .integer(block.totalSize))
        object.append("weight", .integer(block.weight.value))
        guard verbosity > 1 else {
            object.append("tx", .array(stored.transactionIDs.map { .id($0) }))
            return object
        }
        let undo = chain.undo(node.hash)
        let transactions = block.transactions.enumerated().map { index, transaction -> JSONValue in
            let spent = index > 0 ? undo?.spent[index - 1] : nil
            return .object(
                .transaction(
                    transaction, TransactionDetail(spent: spent, showsSpent: verbosity > 2)))
        }
        object.append("tx", .array(transactions))
        return object
    }
}
