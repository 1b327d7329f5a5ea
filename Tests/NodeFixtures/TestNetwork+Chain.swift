import Bitcoin
import LightningNode
import LightningWallet
import Testing

// The chain that all nodes of the network share.
extension NodeNetwork {
    /// Mines blocks of what the mempool offers, and lets all nodes follow.
    mutating func mine(_ count: Int = 1, to script: Script = TestNode.nobody) throws {
        for _ in 0..<count {
            now += 600
            try chain.mineBlock(to: script, now: UInt32(now))
            try follow()
        }
    }

    /// Takes the last blocks back and mines as many and one more in their place, with or without what they held.
    mutating func reorganise(_ depth: Int, empty: Bool = false) throws {
        let first = chain.height.saturatingSubtract(UInt32(depth - 1))
        let hash = try #require(chain.blockHash(at: first))
        try chain.takeBack(hash, now: UInt32(now))
        for _ in 0...depth {
            now += 600
            if empty {
                try chain.mineBlock(of: [], to: TestNode.nobody, now: UInt32(now))
            } else {
                try chain.mineBlock(to: TestNode.nobody, now: UInt32(now))
            }
        }
        try follow()
    }

    /// Lets every node see the mempool and the blocks that it has not seen.
    mutating func follow() throws {
        for index in nodes.indices where !asleep.contains(index) { try follow(index) }
        try settle()
    }

    mutating func follow(_ index: Int) throws {
        while let tip = nodes[index].node.wallet.tip, chain.blockHash(at: tip.height) != tip.hash {
            try move(.blockDisconnected(tip.hash), at: index)
        }
        while chain.blockHash(at: nodes[index].node.wallet.nextHeight) != nil {
            var scanner = try position(of: index).scanner
            // Where the node stopped just now it has followed already.
            let height = nodes[index].node.wallet.nextHeight
            guard let hash = chain.blockHash(at: height), let block = chain.contents(of: hash)
            else { return }
            try move(.blocksConnected([scanner.scan(block, at: height)]), at: index)
        }
        try scanAgain(index)
        try move(.caughtUp, at: index)
    }

    /// Scans again what the node wants to see once more.
    private mutating func scanAgain(_ index: Int) throws {
        while let height = nodes[index].node.wallet.rescanHeight,
            let block = chain.blockHash(at: height).flatMap(chain.contents)
        {
            var scanner = try position(of: index).scanner
            do {
                try move(.blocksRescanned([scanner.scan(block, at: height)]), at: index)
            } catch NodeFailure.wallet(.staleScan) {}
        }
    }

    /// Shows a node the transactions of the mempool that concern it.
    mutating func seeMempool(_ index: Int) throws {
        var scanner = try position(of: index).scanner
        for transaction in chain.waiting() where scanner.notices(transaction) {
            try take([.transactionSeen(transaction)], at: index)
        }
        try settle()
    }

    mutating func move(_ input: ChainInput, at index: Int) throws {
        let id = nodes[index].nextRequest()
        try take([.chain(id, input)], at: index)
        // There is no answer where the node has stopped just now: it follows as it starts.
        _ = try nodes[index].answers[id]?.get()
    }

    private mutating func position(of index: Int) throws -> FollowedPosition {
        var id = nodes[index].nextRequest()
        try take([.chain(id, .positionWanted)], at: index)
        if nodes[index].answers[id] == nil {
            id = nodes[index].nextRequest()
            try take([.chain(id, .positionWanted)], at: index)
        }
        guard case .position(let position) = try #require(nodes[index].answers[id]).get() else {
            throw UnexpectedReply()
        }
        return position
    }

    /// Mines a block of exactly these transactions, and lets all nodes follow.
    mutating func mine(exactly transactions: [Transaction]) throws {
        now += 600
        try chain.mineBlock(of: transactions, to: TestNode.nobody, now: UInt32(now))
        try follow()
    }

    /// Gives the node's wallet coins of 50 bitcoin.
    mutating func fund(_ index: Int, coins: Int = 1) throws {
        for _ in 0..<coins { try mine(1, to: newScript(index)) }
        try mine(100)
    }

    /// A script that pays a node's wallet.
    mutating func newScript(_ index: Int) throws -> Script {
        guard
            case .address(let address, _) = try ask(
                index, .books(.newAddress(.taproot, reuse: false)))
        else { throw UnexpectedReply() }
        return address.script
    }

    /// What a node's wallet has in all.
    func balance(_ index: Int) -> Satoshi { nodes[index].node.wallet.balance(now: now).total }
}

struct UnexpectedReply: Error {}
