import Bitcoin
import LightningChannel
import LightningNode
import LightningOnChain
import LightningPayment
import LightningWallet
import LightningWire
import NodeStorage

/// A node of the network: the real core, its disk, and what the runtime keeps around them.
final class SimulatedNode {
    let index: Int
    let keys: WalletKeys
    /// The key by which peers know the node, kept since deriving it takes long.
    let id: PublicKey
    private(set) var disk: NodeDisk
    /// Whether the node keeps to the rules.
    let isHonest: Bool
    /// How long what it could sign waits for company; nil where nothing does.
    private let patience: SigningPatience?
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
    /// The messages about HTLCs that it has taken in that batch.
    var heard: [Message] = []
    /// Since when the disk takes nothing; nil while it does.
    var isStalled = false
    /// Where the node stands in the chain and what it watches; nil until it was asked.
    var position: FollowedPosition?
    /// Whether the node watches more than ``position`` knows of.
    var isWatchStale = false
    var isBackendOut = false
    /// Whether the node has come to the tip since its start or since its backend was away.
    var hasCaughtUp = false
    /// Whether the node was last told that it does not know the present of the chain, or has heard nothing yet.
    var isBlind = true
    /// Where the process ends in its next batch; nil for nowhere.
    var nextCrash: CrashPoint?
    /// The last address that was asked for to fund the node.
    var lastAddress: Address?
    /// The core at the last crash, where the disk has all of it; nil where a batch was lost.
    var coreAtCrash: LightningNode?
    /// Whether that crash came right after effects were released.
    var hadReleased = false
    /// Since which height the node has run with its backend, so that it can be held to deadlines.
    var workingSince: BlockHeight?

    // Of dishonest nodes alone.
    /// Whether the node is back in an old state and on its own.
    private(set) var isOutlaw = false
    var oldStates: [LightningNode] = []
    var silentUntil: VirtualTime?
    var spoilsNextSignature = false
    var sentMessages: [[UInt8]] = []

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

    init(
        index: Int, isHonest: Bool, disk: NodeDisk.Kind, patience: SigningPatience?,
        random: SimulationRandom
    ) throws {
        var random = random
        self.index = index
        self.isHonest = isHonest
        self.patience = patience
        let seed = try WalletSeed(mnemonic: Mnemonic(entropy: SecretBytes(random.bytes(16))))
        keys = try WalletKeys(master: seed.masterKey(), network: .regtest)
        id = keys.nodeKey.publicKey
        self.disk = try NodeDisk(disk, seed: random.next())
        self.random = random
        try create()
    }

    var isRunning: Bool { core != nil }

    /// How few addresses are looked ahead: deriving them is most of what a start costs.
    private static let parameters = WalletParameters(lookahead: 3, reorganisationLimit: 144)

    /// What all nodes ask for forwarding.
    static let forwarding = ForwardingPolicy(
        relay: PaymentRelay(cltvExpiryDelta: 40, feeProportionalMillionths: 100, feeBase: 1_000),
        htlcMinimum: MilliSatoshi(1_000))

    /// The blocks that payees want an HTLC to have left.
    static let finalDelta: UInt32 = 40

    /// The usual policy with short delays, so that ends on the chain come soon.
    private var policy: NodePolicy {
        var policy = NodePolicy(
            forwarding: Self.forwarding, onChain: OnChainPolicy(safeDepth: 6, finalDepth: 30))
        policy.channels.terms.delayOfPeer = 24
        policy.channels.patience = patience
        var invoices = InvoicePolicy(network: .regtest)
        invoices.holdMargin = isHonest ? 20 : 1
        policy.invoices = invoices
        return policy
    }

    /// Where the node pays what is outside of the network.
    var outsideScript: Script {
        .payToWitnessScriptHash(SHA256.hash(Array("outside \(index)".utf8)))
    }

    private func create() throws {
        let (wallet, step) = try Wallet.create(
            network: .regtest, accounts: keys.publicAccounts,
            birthday: BlockHeight(WorldChain.firstHeight + 1), parameters: Self.parameters)
        try disk.store?.commit(step.writes)
        core = LightningNode(wallet: wallet, keys: keys, policy: policy)
    }

    /// The core that the records make, as a start of the process would.
    func rebuilt() throws -> LightningNode {
        guard let store = disk.store else { throw NotOpen() }
        return try LightningNode(
            reading: { table, prefix in
                try store.records(
                    in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max
                ).map { ($0.key, $0.value) }
            }, keys: keys, parameters: Self.parameters, policy: policy)
    }

    private struct NotOpen: Error {}

    /// From now on the node goes on from `old`, for itself and with a disk of its own.
    func becomeOutlaw(with old: LightningNode) {
        isOutlaw = true
        oldStates = []
        core = old
        if let fresh = try? NodeDisk(.memory, seed: 0) { disk = fresh }
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
        return Moment(
            time: time.seconds, milliseconds: patience == nil ? 0 : time.milliseconds % 1_000,
            entropy: SHA256.hash(writer.bytes))
    }

    /// The process ends: nothing in memory is left.
    func forgetProcess() {
        core = nil
        life += 1
        inbox = []
        isTurnDue = false
        batch = PendingBatch()
        heard = []
        isStalled = false
        position = nil
        isWatchStale = false
        nextCrash = nil
        hasCaughtUp = false
        isBlind = true
        workingSince = nil
        waiting = [:]
    }
}
