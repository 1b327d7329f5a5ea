import Bitcoin
import ChainBackend
import LightningChannel
import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

/// What a wallet is to be made of.
public struct WalletPlan: Sendable {
    /// The words, and the passphrase that goes with them.
    public let seed: WalletSeed
    /// Whether the words may have been used before, so that the chain has to be searched for them.
    public let isRestored: Bool
    /// How many addresses in a row may be unused: the gap limit of the search.
    public let lookahead: UInt32
    /// The height of the first block to look at; nil for what `isRestored` asks for.
    public let birthday: BlockHeight?

    /// A wallet of that seed.
    public init(
        seed: WalletSeed, isRestored: Bool, lookahead: UInt32 = WalletParameters().lookahead,
        birthday: BlockHeight? = nil
    ) {
        self.seed = seed
        self.isRestored = isRestored
        self.lookahead = lookahead
        self.birthday = birthday
    }
}

/// What the operator wants of a node.
public struct NodeSettings: Sendable {
    /// What it offers, asks for and allows.
    public var policy = NodePolicy()
    /// Keys that do not derive from the seed; nil on every network with money.
    public var fixedKeys: FixedKeys?

    /// The usual settings.
    public init() {}
}

/// The wallet at rest: the encrypted seed and the records that the wallet is made of again.
struct WalletVault {
    private let store: any RecordStore
    private let settings: NodeSettings

    /// The keys of single values in ``RecordTable/meta``.
    private enum MetaKey {
        static let network = Array("network".utf8)
        static let lookahead = Array("wallet lookahead".utf8)
    }

    init(_ store: any RecordStore, _ settings: NodeSettings) {
        self.store = store
        self.settings = settings
    }

    /// The loop wakes up when what waits in channels has waited long enough.
    private var policy: NodePolicy {
        var policy = settings.policy
        policy.channels.patience = SigningPatience()
        return policy
    }

    /// Whether there is a wallet.
    var hasSeed: Bool {
        get throws(StorageError) { try store.value(in: .walletSeed, at: []) != nil }
    }

    /// Makes the wallet, and returns when it is durable.
    func create(
        _ plan: WalletPlan, password: SecretBytes, network: Network, backend: any ChainBackend
    ) throws(WalletLockError) -> LightningNode {
        let birthday = try birthday(of: plan, network, backend)
        return try lockErrors { () throws(any Error) in
            let encrypted = try EncryptedSeed(
                plan.seed, password: password,
                salt: SystemEntropy.bytes(EncryptedSeed.saltLength),
                nonce: SystemEntropy.bytes(EncryptedSeed.nonceLength))
            let keys = try WalletKeys(
                master: plan.seed.masterKey(), network: network, fixed: settings.fixedKeys,
                work: WorkCrew())
            let (wallet, step) = try Wallet.create(
                network: network, accounts: keys.publicAccounts, birthday: birthday,
                parameters: WalletParameters(lookahead: plan.lookahead))
            var lookahead = ByteWriter()
            lookahead.writeBigEndian(plan.lookahead)
            try store.commit(
                [
                    RecordWrite(.meta, key: MetaKey.network, value: Array(network.rawValue.utf8)),
                    RecordWrite(.meta, key: MetaKey.lookahead, value: lookahead.bytes),
                    encrypted.write,
                ] + step.writes)
            return LightningNode(wallet: wallet, keys: keys, policy: policy)
        }
    }

    /// A fresh seed owns nothing in blocks that exist, but may in those that a reorganisation puts in their place; an old
    /// one may own something from the first block with segwit on.
    private func birthday(
        of plan: WalletPlan, _ network: Network, _ backend: any ChainBackend
    ) throws(WalletLockError) -> BlockHeight {
        if let birthday = plan.birthday { return birthday }
        if plan.isRestored { return network.softForks.segwit }
        do throws(ChainError) {
            let status = try backend.status()
            let next = max(status.height, status.headerHeight) + 1
            let limit = WalletParameters().reorganisationLimit
            return max(next.saturatingSubtract(limit), BlockHeight(1))
        } catch {
            throw .failed(
                reason:
                    "a new wallet has to know where the chain is, and that is not known: \(error)")
        }
    }

    /// Opens the wallet with its password.
    func open(password: SecretBytes, network: Network) throws(WalletLockError) -> LightningNode {
        try lockErrors { () throws(any Error) in
            let seed = try encryptedSeed().open(password: password)
            let stored = try store.value(in: .meta, at: MetaKey.network)
            guard stored == Array(network.rawValue.utf8) else {
                let name = String(decoding: stored ?? [], as: UTF8.self)
                throw WalletLockError.failed(
                    reason: "the data directory is of the network \(name), not \(network.rawValue)")
            }
            let keys = try WalletKeys(
                master: seed.masterKey(), network: network, fixed: settings.fixedKeys,
                work: WorkCrew())
            return try LightningNode(
                reading: { table, prefix in
                    try store.records(
                        in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max
                    ).map { ($0.key, $0.value) }
                }, keys: keys, parameters: WalletParameters(lookahead: try lookahead()),
                policy: policy)
        }
    }

    /// Encrypts the seed under another password, durably.
    func changePassword(
        from old: SecretBytes, to new: SecretBytes
    ) throws(WalletLockError) {
        try lockErrors { () throws(any Error) in
            let changed = try encryptedSeed().changingPassword(
                from: old, to: new, salt: SystemEntropy.bytes(EncryptedSeed.saltLength),
                nonce: SystemEntropy.bytes(EncryptedSeed.nonceLength))
            try store.commit([changed.write])
        }
    }

    private func encryptedSeed() throws -> EncryptedSeed {
        guard let record = try store.value(in: .walletSeed, at: []) else {
            throw WalletLockError.missing
        }
        return try EncryptedSeed(record: record)
    }

    private func lookahead() throws -> UInt32 {
        guard let bytes = try store.value(in: .meta, at: MetaKey.lookahead) else {
            return WalletParameters().lookahead
        }
        var reader = ByteReader(bytes.span.bytes)
        return try reader.readBigEndian()
    }

    /// Says in this area's words what went wrong.
    private func lockErrors<Answer>(_ body: () throws -> Answer) throws(WalletLockError) -> Answer {
        do {
            return try body()
        } catch let error as WalletLockError {
            throw error
        } catch SeedError.wrongPassword {
            throw .wrongPassword
        } catch SeedError.passwordTooShort {
            throw .passwordTooShort(minimum: EncryptedSeed.shortestPassword)
        } catch {
            throw .failed(reason: "the wallet cannot be used: \(error)")
        }
    }
}
