import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import RegtestChain
import TestSupport
import Testing

/// A channel on a chain of its own, with both of its sides.
struct ChainScene {
    var chain: RegtestChain
    private var now: UInt32 = 1_700_010_000
    let terms: SceneTerms
    let channel: TestChannel
    /// The last block when the channel stopped.
    let start: BlockHeight
    var opener: SceneParty
    var accepter: SceneParty
    /// Who publishes first in each block.
    var order: [TestChannel.Side] = [.opener, .accepter]
    /// Whether transactions are seen before they are in blocks.
    var seesMempool = false
    /// Whether the HTLCs of the past are loaded when they are asked for.
    var loadsFormer = true

    private static let feeCoin = Satoshi(50_000)
    private static let miner = Script.payToWitnessScriptHash(of: Script([0x53]))

    /// A chain with a coin that can be spent, from which every scene starts.
    private static let young = Result {
        var chain = RegtestChain()
        let coinbase = Script.payToWitnessScriptHash(of: Script([0x54]))
        for minute in 0..<101 {
            _ = try chain.mine(to: coinbase, now: 1_700_000_000 + UInt32(minute) * 60)
        }
        return chain
    }

    subscript(side: TestChannel.Side) -> SceneParty {
        get { side == .opener ? opener : accepter }
        _modify {
            if side == .opener { yield &opener } else { yield &accepter }
        }
    }

    /// A channel with these terms; the side `cheat` pretends that its former commitment is its latest.
    init(_ terms: SceneTerms, cheat: TestChannel.Side? = nil) throws {
        self.terms = terms
        let draft = try TestChannel(terms.format)
        var chain = try Self.young.get()
        let first = try #require(chain.blockHash(at: BlockHeight(1)))
        let block = try #require(chain.block(first))
        let coins = TestChannel.Side.allCases.flatMap { side in
            [TransactionOutput](
                repeating: TransactionOutput(
                    amount: Self.feeCoin,
                    scriptPubKey: .payToWitnessScriptHash(
                        of: Script([side == .opener ? 0x51 : 0x52]))),
                count: 40)
        }
        let funding = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: OutPoint(block.transactionIDs[0], 0), witness: [[0x54]])
            ],
            outputs: [draft.funding.output] + coins)
        now += 60
        _ = try chain.mine(to: Self.miner, transactions: [funding], now: now)
        _ = chain.takeNotices()
        self.chain = chain
        channel = draft.funded(at: OutPoint(funding.id, 0))
        start = chain.tip.height
        opener = try SceneParty(
            terms, .opener, channel, start: start, isCheat: cheat == .opener)
        accepter = try SceneParty(
            terms, .accepter, channel, start: start, isCheat: cheat == .accepter)
        opener.feeCoins = (1...40).map { OutPoint(funding.id, UInt32($0)) }
        accepter.feeCoins = (41...80).map { OutPoint(funding.id, UInt32($0)) }
    }

    // MARK: Time

    /// Lets both sides publish what they want, and mines a block of it.
    mutating func mine() throws {
        for side in order { try publishClaims(of: side) }
        now += 60
        _ = try chain.mine(to: Self.miner, now: now)
        try sync()
    }

    /// Mines a block of exactly these transactions.
    mutating func mine(_ transactions: [Transaction]) throws {
        now += 60
        _ = try chain.mine(to: Self.miner, transactions: transactions, now: now)
        try sync()
    }

    /// Mines until both sides are done, which must not take for ever.
    mutating func mineToTheEnd(_ sides: [TestChannel.Side] = TestChannel.Side.allCases) throws {
        for _ in 0..<150 where sides.contains(where: { self[$0].summary == nil }) { try mine() }
        for side in sides { #expect(self[side].summary != nil, "\(side)") }
    }

    /// Takes the last `depth` blocks out of the chain. The blocks that replace them are mined with exactly `blocks`.
    mutating func reorganise(_ depth: UInt32, blocks: [[Transaction]]) throws {
        precondition(blocks.count > depth, "the longer chain wins")
        let first = chain.tip.height.saturatingSubtract(depth - 1)
        let hash = try #require(chain.blockHash(at: first))
        now += 60
        try chain.invalidate(hash, now: now)
        for block in blocks {
            now += 60
            _ = try chain.mine(to: Self.miner, transactions: block, now: now)
        }
        try sync()
    }

    /// Offers a transaction to the mempool, after every judge of scripts has seen it.
    mutating func submit(_ transaction: Transaction) throws {
        let spent = try transaction.inputs.map { input in
            try #require(
                chain.unspentOutput(input.previousOutput, includingMempool: true)?.output
                    ?? chain.unspentMempoolOutput(input.previousOutput))
        }
        try ScriptJudge.verify(transaction, spending: spent)
        _ = try chain.submit(transaction, now: now)
    }

    /// Tells both sides what has happened to the chain.
    private mutating func sync() throws {
        for notice in chain.takeNotices() {
            for side in TestChannel.Side.allCases where self[side].summary == nil {
                switch notice {
                case .blockConnected(let block, let hash):
                    let height = try #require(chain.node(hash)).height
                    try connect(block, height, side)
                case .blockDisconnected:
                    try self[side].receive(.blockDisconnected(self[side].node.tip))
                case .transactionAdded(let transaction, _, _):
                    guard seesMempool, isWatched(transaction, side) else { continue }
                    try self[side].receive(.unconfirmed(transaction))
                case .tipChanged, .transactionRemoved: break
                }
                if loadsFormer, self[side].wantsFormer {
                    for part in SceneParty.parts(self[side].former) {
                        try self[side].receive(part)
                    }
                }
            }
        }
    }

    /// Tells what a node's scanner finds in a block: spends of what is watched, and of what those spends make.
    private mutating func connect(
        _ block: Block, _ height: BlockHeight, _ side: TestChannel.Side
    ) throws {
        var watched = self[side].watched
        var found: [ConfirmedTransaction] = []
        for (position, transaction) in block.transactions.enumerated()
        where transaction.inputs.contains(where: { watched.contains($0.previousOutput) }) {
            let confirmed = ConfirmedTransaction(
                transaction, height: height, position: UInt32(position))
            found.append(confirmed)
            for index in transaction.outputs.indices {
                watched.insert(OutPoint(confirmed.id, UInt32(index)))
            }
        }
        try self[side].receive(.blockConnected(height, found))
    }

    private func isWatched(_ transaction: Transaction, _ side: TestChannel.Side) -> Bool {
        transaction.inputs.contains { self[side].watched.contains($0.previousOutput) }
    }

    // MARK: Money

    /// What `side` has won: what is in its wallet more than at the start, and what it has paid for its transactions.
    func gross(_ side: TestChannel.Side) -> Satoshi {
        var total = Satoshi(-40 * Self.feeCoin.value)
        let script = self[side].script
        chain.coins.forEach { _, coin in
            if coin.output.scriptPubKey == script { total += coin.output.amount }
        }
        for (id, fee) in self[side].fees where chain.blockHolding(id) != nil { total += fee }
        return total
    }

    /// What of that came from anchors.
    func anchors(_ side: TestChannel.Side) -> Satoshi {
        self[side].anchors.reduce(.zero) {
            chain.blockHolding($1.key) == nil ? $0 : $0 + $1.value
        }
    }

    /// The commitment of `owner`.
    func commitment(
        _ owner: TestChannel.Side, _ version: SceneVersion
    ) throws -> CommitmentTransaction {
        try terms.commitment(owner, version, channel, start: start)
    }

    /// The commitment of `owner` with both signatures.
    func signed(_ owner: TestChannel.Side, _ version: SceneVersion) throws -> Transaction {
        try channel.signed(commitment(owner, version), owner: owner)
    }
}
