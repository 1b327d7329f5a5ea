import NodeStorage
import Synchronization

/// A Lightning node inside this program: the same that `salama start` runs, without its HTTP interface.
///
/// Every method may be called from any thread, and blocks until what it asked for is durable. ``host`` offers what the
/// methods here do not: every request that the node knows, and what happens in it as it happens.
public final class Node: Sendable {
    /// The node at work, for whatever has no method of its own here.
    public let host: NodeHost
    private let directory: DataDirectory
    private let failure: Failure

    /// Why the disk failed, noted by the thread that found it.
    private final class Failure: Sendable {
        let error = Mutex<StorageError?>(nil)
    }

    /// A node that keeps its data in `folder`, which it makes and locks, and follows `chain`; it listens for peers at the
    /// endpoints of `listen`. Its wallet is not open yet.
    ///
    /// Throws where another process holds the folder, or its database cannot be read.
    public init(
        folder: String, network: Network, chain: any ChainBackend, listen: [PeerEndpoint] = [],
        log: Log = .silent
    ) throws {
        try DataDirectory.create(folder)
        directory = try DataDirectory(path: folder)
        let failure = Failure()
        self.failure = failure
        var settings = PeerSettings()
        settings.listen = listen
        let peers = PeerManager(settings, log: log)
        try peers.listen()
        host = try NodeHost(
            network: network, store: try SQLiteStore(path: folder + "/node.db"), backend: chain,
            log: log, peers: peers, graph: GraphSettings(folder: folder),
            onFailure: { error in failure.error.withLock { $0 = $0 ?? error } })
    }

    deinit { host.stop() }

    /// Opens the wallet and returns when it has caught up with the chain.
    ///
    /// The first time it makes the wallet, and returns its words: they are all that is needed to get the coins on the chain
    /// back, and are shown this once. Throws ``WalletLockError`` where the password is wrong, and
    /// ``NodeFailure/stopping`` where the node is stopped meanwhile.
    @discardableResult
    public func open(password: String) throws -> [String]? {
        let secret = SecretBytes(Array(password.utf8))
        var words: [String]?
        if host.currentState == .nonExisting {
            let mnemonic = try Mnemonic(entropy: SecretBytes(SystemEntropy.bytes(32)))
            words = mnemonic.words
            let seed = try WalletSeed(mnemonic: mnemonic)
            try host.createWallet(WalletPlan(seed: seed, isRestored: false), password: secret)
        } else {
            try host.unlock(password: secret)
        }
        try host.waitUntilSynced()
        return words
    }

    /// Stops the node: what is at hand is finished, and nothing begun. Nothing is lost where a program ends without it.
    public func stop() { host.stop() }

    /// Why the node has stopped by itself: its disk failed for good. Nil while it works.
    public var storageFailure: StorageError? { failure.error.withLock { $0 } }
}
