import Bitcoin
import LightningNode
@testable import NodeFixtures
import RegtestChain
import Synchronization

/// A chain with coins that anybody may spend, on which one scenario after the other takes place.
struct World {
    var chain: AnyTestChain
    /// When the last block was mined, in seconds since 1970.
    var now: UInt64
    /// Coins of 50 bitcoin that ``coinScript`` locks.
    var coins: [OutPoint]
    /// How many nodes have lived here.
    var population: UInt32 = 0

    /// What each of ``coins`` holds.
    static let coinAmount = Satoshi(5_000_000_000)

    /// Locked by nothing.
    private static let openScript: [UInt8] = [0x51]

    /// The output script of the coins.
    static let coinScript = Script.payToWitnessScriptHash(SHA256.hash(openScript))

    /// What unlocks a coin.
    static let coinWitness = [openScript]

    private static let start: UInt64 = 1_700_000_000

    /// A chain whose first blocks hold coins.
    private init(_ chain: some TestChain) {
        self.chain = AnyTestChain(chain)
        now = Self.start
        coins = []
        for height in 1...140 {
            guard let hash = chain.blockHash(at: BlockHeight(UInt32(height))),
                let coinbase = chain.contents(of: hash)?.transactions.first
            else { continue }
            coins.append(OutPoint(coinbase.id, 0))
        }
    }

    /// The embedded chain with a policy of its own.
    static func regtest(_ policy: RelayPolicy = RelayPolicy()) throws -> World {
        var chain = RegtestChain(policy: policy)
        for _ in 1...240 { try chain.mineBlock(to: coinScript, now: UInt32(start)) }
        return World(chain)
    }

    /// A bitcoind with further options of its command line.
    static func bitcoind(_ arguments: [String] = []) throws -> World {
        var chain = try BitcoindTestChain(arguments)
        try chain.mineBlocks(240, to: coinScript, now: UInt32(start))
        return World(chain)
    }
}

/// Worlds that wait for the next scenario: it takes a second to start a bitcoind.
final class WorldPool: Sendable {
    private let waiting = Mutex<[World]>([])
    private let make: @Sendable () throws -> World

    init(_ make: @escaping @Sendable () throws -> World) { self.make = make }

    /// Lets something take place in a world. One in which it fails is not used again.
    func use(_ body: (inout World) throws -> Void) throws {
        var world = try waiting.withLock { $0.popLast() } ?? make()
        try body(&world)
        let used = world
        waiting.withLock { $0.append(used) }
    }
}

/// A chain of any kind.
struct AnyTestChain: TestChain {
    private var base: any TestChain

    init(_ base: some TestChain) { self.base = base }

    var height: BlockHeight { base.height }

    func blockHash(at height: BlockHeight) -> BlockHash? { base.blockHash(at: height) }

    func contents(of hash: BlockHash) -> Block? { base.contents(of: hash) }

    func waiting() -> [Transaction] { base.waiting() }

    mutating func offer(_ transactions: [Transaction], now: UInt32) -> BroadcastOutcome {
        base.offer(transactions, now: now)
    }

    mutating func mineBlock(to script: Script, now: UInt32) throws {
        try base.mineBlock(to: script, now: now)
    }

    mutating func mineBlock(
        of transactions: [Transaction], to script: Script, now: UInt32
    ) throws {
        try base.mineBlock(of: transactions, to: script, now: now)
    }

    mutating func takeBack(_ hash: BlockHash, now: UInt32) throws {
        try base.takeBack(hash, now: now)
    }
}
