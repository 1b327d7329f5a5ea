import Bitcoin
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

/// A node of the network: the real core, its disk, and what the runtime keeps around them.
final class SimulatedNode {
    let index: Int
    let keys: WalletKeys
    let disk: NodeDisk
    /// What the node is asked to keep to.
    let isHonest: Bool
    var random: SimulationRandom
    /// The core; nil while the process is not running.
    var core: LightningNode?
    /// Counts the starts of the process: what was meant for an earlier life is void.
    var life = 0
    /// What waits for the next batch.
    var inbox: [NodeInput] = []
    var isTurnDue = false
    /// The batch that waits for the disk, empty most of the time.
    var batch = PendingBatch()
    /// Since when the disk takes nothing; nil while it does.
    var isStalled = false
    /// Where the node stands in the chain and what it watches; nil until it was asked.
    var position: FollowedPosition?
    /// Whether the node watches more than ``position`` knows of.
    var isWatchStale = false
    var isBackendOut = false
    /// Whether the node has come to the tip since its start or since its backend was away.
    var hasCaughtUp = false
    /// Where the process ends in its next batch; nil for nowhere.
    var nextCrash: CrashPoint?
    /// The last address that was asked for to fund the node.
    var lastAddress: Address?
    var nextRequest: UInt64 = 0
    /// What answers are for.
    var waiting: [RequestID: Purpose] = [:]

    /// The boundaries of a batch.
    enum CrashPoint: CaseIterable {
        case beforeCommit, duringCommit, afterCommit, duringRelease
    }

    /// What a request was made for.
    enum Purpose {
        case chain
        case funding
        case task(Int)
    }

    init(index: Int, isHonest: Bool, disk: NodeDisk.Kind, random: SimulationRandom) throws {
        var random = random
        self.index = index
        self.isHonest = isHonest
        let seed = try WalletSeed(mnemonic: Mnemonic(entropy: SecretBytes(random.bytes(16))))
        keys = try WalletKeys(master: seed.masterKey(), network: .regtest)
        self.disk = try NodeDisk(disk, seed: random.next())
        self.random = random
        try create()
    }

    /// The key by which peers know the node.
    var id: PublicKey { keys.nodeKey.publicKey }
    var isRunning: Bool { core != nil }

    /// How few addresses are looked ahead: deriving them is most of what a start costs.
    private static let parameters = WalletParameters(lookahead: 3, reorganisationLimit: 144)

    private func create() throws {
        let (wallet, step) = try Wallet.create(
            network: .regtest, accounts: keys.publicAccounts,
            birthday: BlockHeight(WorldChain.firstHeight + 1), parameters: Self.parameters)
        try disk.store?.commit(step.writes)
        core = LightningNode(wallet: wallet, keys: keys)
    }

    /// The core that the records make, as a start of the process would.
    func rebuilt() throws -> LightningNode {
        let records = try disk.records(of: RecordTable.allCases.filter { $0 != .walletHistory })
        let wallet = try Wallet(
            records: records, network: .regtest, accounts: keys.publicAccounts,
            parameters: Self.parameters)
        return LightningNode(wallet: wallet, keys: keys)
    }

    /// A number for a request, and what its answer is for.
    func request(for purpose: Purpose) -> RequestID {
        nextRequest += 1
        let id = RequestID(nextRequest)
        waiting[id] = purpose
        return id
    }

    /// The present with entropy of its own.
    func moment(at time: VirtualTime) -> Moment {
        var writer = ByteWriter(capacity: 32)
        for _ in 0..<4 { writer.writeBigEndian(random.next()) }
        return Moment(time: time.seconds, entropy: SHA256.hash(writer.bytes))
    }

    /// The process ends: nothing in memory is left.
    func forgetProcess() {
        core = nil
        life += 1
        inbox = []
        isTurnDue = false
        batch = PendingBatch()
        isStalled = false
        position = nil
        isWatchStale = false
        nextCrash = nil
        hasCaughtUp = false
        waiting = [:]
    }
}
