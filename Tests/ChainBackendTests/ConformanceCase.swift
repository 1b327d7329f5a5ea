import Bitcoin
import ChainBackend
import Testing

/// One thing that every backend does alike, as a test that any of them can run.
struct ConformanceCase: CustomTestStringConvertible, Sendable {
    let name: String
    let run: @Sendable (Purse) throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Purse) throws -> Void) {
        self.name = name
        self.run = run
    }

    var testDescription: String { name }

    static let all = blocks + outputs + broadcasting + packages + events + reorganisations
}

/// Status, hashes, headers and blocks.
extension ConformanceCase {
    static let blocks = [
        ConformanceCase("the status tells the tip, the network and that nothing is missing") {
            purse in
            let backend = purse.chain.backend
            let before = try backend.status()
            let mined = try purse.chain.mine(2, to: OpenScript.output)
            let after = try backend.status()
            #expect(after.network == .regtest)
            #expect(after.height == before.height + 2)
            #expect(after.tip == mined.last)
            #expect(after.headerHeight == after.height)
            #expect(!after.isInitialDownload)
            #expect(after.prunedBelow == nil)
            #expect(after.medianTime >= before.medianTime)
            #expect(after.subversion.hasPrefix("/") && after.subversion.hasSuffix("/"))
        },
        ConformanceCase("hashes are found by height, and none above the tip") { purse in
            let backend = purse.chain.backend
            let mined = try purse.chain.mine(3, to: OpenScript.output)
            let tip = try backend.status().height
            #expect(try backend.blockHash(at: tip) == mined[2])
            #expect(try backend.blockHash(at: tip.saturatingSubtract(2)) == mined[0])
            #expect(try backend.blockHash(at: tip + 1) == nil)
            #expect(try backend.blockHash(at: BlockHeight(.max)) == nil)
            #expect(try backend.blockHash(at: BlockHeight(0)) == Network.regtest.genesisBlock.hash)

            let first = tip.saturatingSubtract(2)
            #expect(try backend.blockHashes(from: first, count: 10) == mined)
            #expect(try backend.blockHashes(from: first, count: 2) == Array(mined.prefix(2)))
            #expect(try backend.blockHashes(from: first, count: 0) == [])
            #expect(try backend.blockHashes(from: tip + 1, count: 5) == [])
        },
        ConformanceCase("a header comes whole, with its height and branch") { purse in
            let backend = purse.chain.backend
            let mined = try purse.chain.mine(2, to: OpenScript.output)
            let tip = try backend.status().height
            let header = try #require(try backend.header(of: mined[1]))
            #expect(header.header.hash == mined[1])
            #expect(header.header.previousBlock == mined[0])
            #expect(header.height == tip)
            #expect(header.isInBestChain)
            let genesis = Network.regtest.genesisBlock
            #expect(
                try backend.header(of: genesis.hash)
                    == ChainHeader(
                        header: genesis.header, height: BlockHeight(0), isInBestChain: true))
            #expect(try backend.header(of: BlockHash(.zero)) == nil)
        },
        ConformanceCase("a block comes whole, and one that is not known is told so") { purse in
            let backend = purse.chain.backend
            let coin = try purse.coin()
            let spend = OpenScript.spend([coin], fee: 1000)
            #expect(try backend.broadcast(spend) == .accepted)
            let hash = try purse.chain.mine(1, to: OpenScript.output)[0]
            let block = try backend.block(hash)
            #expect(block.hash == hash)
            #expect(block.transactions.contains(spend))
            #expect(block.transactions[0].isCoinbase)
            #expect(block.computeMerkleRoot().root == block.header.merkleRoot)
            #expect(
                try backend.block(Network.regtest.genesisBlock.hash) == Network.regtest.genesisBlock
            )
            let unknown = BlockHash(.zero)
            #expect(throws: ChainError.unknownBlock(unknown)) { try backend.block(unknown) }
            #expect(try backend.transactionIDs(in: hash) == block.transactions.map(\.id))
            #expect(throws: ChainError.unknownBlock(unknown)) {
                try backend.transactionIDs(in: unknown)
            }
        },
        ConformanceCase("following starts at a height, at a time and at the tip") { purse in
            let backend = purse.chain.backend
            _ = try purse.chain.mine(1, to: OpenScript.output)
            let status = try backend.status()
            let tip = ChainPoint(height: status.height, hash: status.tip)
            #expect(try backend.start(at: BlockHeight(0)) == nil)
            #expect(try backend.start(at: BlockHeight(1))?.height == BlockHeight(0))
            #expect(try backend.start(at: tip.height + 1) == tip)
            #expect(try backend.start(at: tip.height + 1000) == tip)
            #expect(try backend.start(atTime: .max) == tip)
            #expect(try backend.start(atTime: 0) == nil)
            // The genesis block is years older than the others.
            let genesis = Network.regtest.genesisBlock.header.time
            #expect(try backend.start(atTime: genesis + 7201)?.height == BlockHeight(0))
        },
    ]
}

/// Outputs and the mempool.
extension ConformanceCase {
    static let outputs = [
        ConformanceCase("an output is unspent until a transaction spends it") { purse in
            let backend = purse.chain.backend
            let (coin, amount) = try purse.coin()
            let found = try #require(try backend.unspentOutput(coin, includingMempool: true))
            #expect(
                found.output == TransactionOutput(amount: amount, scriptPubKey: OpenScript.output))
            #expect(found.isCoinbase)
            let height = try #require(found.height)
            let hash = try #require(try backend.blockHash(at: height))
            #expect(try backend.block(hash).transactions[0].id == coin.transactionID)

            let spend = OpenScript.spend([(coin, amount)], fee: 2000)
            let change = OutPoint(spend.id, 0)
            #expect(try backend.unspentOutput(change, includingMempool: true) == nil)
            #expect(try backend.broadcast(spend) == .accepted)
            #expect(try backend.unspentOutput(coin, includingMempool: true) == nil)
            #expect(try backend.unspentOutput(coin, includingMempool: false) == found)
            #expect(
                try backend.unspentOutput(change, includingMempool: true)
                    == UnspentOutput(output: spend.outputs[0], height: nil, isCoinbase: false))
            #expect(try backend.unspentOutput(change, includingMempool: false) == nil)

            _ = try purse.chain.mine(1, to: OpenScript.output)
            #expect(try backend.unspentOutput(coin, includingMempool: false) == nil)
            #expect(
                try backend.unspentOutput(change, includingMempool: true)
                    == UnspentOutput(
                        output: spend.outputs[0], height: try backend.status().height,
                        isCoinbase: false))
            #expect(
                try backend.unspentOutput(OutPoint(spend.id, 1), includingMempool: true) == nil)
            #expect(
                try backend.unspentOutput(OutPoint(spend.id, .max), includingMempool: true) == nil)
        },
        ConformanceCase("the mempool lists and gives what was broadcast, until it is mined") {
            purse in
            let backend = purse.chain.backend
            let spend = OpenScript.spend([try purse.coin()], fee: 2000)
            #expect(try backend.mempoolTransaction(spend.id) == nil)
            #expect(try backend.broadcast(spend) == .accepted)
            let child = OpenScript.spend(spend, fee: 2000)
            #expect(try backend.broadcast(child) == .accepted)
            #expect(try backend.mempoolTransaction(spend.id) == spend)
            #expect(try Set(backend.mempool()).isSuperset(of: [spend.id, child.id]))
            _ = try purse.chain.mine(1, to: OpenScript.output)
            #expect(try backend.mempoolTransaction(spend.id) == nil)
            #expect(try backend.mempool() == [])
        },
        ConformanceCase("fee rates are estimates or nothing, and never below the mempool's") {
            purse in
            let backend = purse.chain.backend
            let least = try backend.minimumMempoolFee()
            #expect(least > FeeratePerKw(0) && least <= FeeratePerKw(250))
            for blocks in [-1, 0, 1, 2, 6, 144, 1008, 5000] {
                for mode in FeeEstimateMode.allCases {
                    if let rate = try backend.estimateFee(blocks: blocks, mode: mode) {
                        #expect(rate >= least)
                    }
                }
                _ = try backend.estimateFee(blocks: blocks)
            }
        },
    ]
}
