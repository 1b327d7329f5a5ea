import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet
import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// A node on an embedded chain, with a wallet whose password is known.
struct NodeFixture {
    static let password = SecretBytes(Array("correct horse battery".utf8))

    let chain: EmbeddedChain
    let store: any RecordStore
    let service: NodeHost

    /// A node with a new wallet, unless the store has one; then that is opened.
    init(
        chain: EmbeddedChain = EmbeddedChain(), store: any RecordStore = MemoryStore(),
        peers: PeerSettings = .local,
        onFailure: @escaping @Sendable (StorageError) -> Void = { _ in }
    ) throws {
        self.chain = chain
        self.store = store
        let manager = PeerManager(peers, log: .silent)
        try manager.listen()
        service = try NodeHost(
            network: .regtest, store: store, backend: chain, log: .silent, peers: manager,
            onFailure: onFailure)
        if service.currentState == .nonExisting {
            let mnemonic = try Mnemonic(entropy: SecretBytes(SystemEntropy.bytes(16)))
            let plan = WalletPlan(seed: try WalletSeed(mnemonic: mnemonic), isRestored: false)
            try service.createWallet(plan, password: Self.password)
        } else {
            try service.unlock(password: Self.password)
        }
    }

    func address(_ account: AccountKind = .witness) throws -> Address {
        guard
            case .address(let address, _) = try service.perform(
                .books(.newAddress(account, reuse: false)))
        else { throw FixtureError.unexpectedReply }
        return address
    }

    func balance() throws -> WalletBalance {
        guard case .balance(let balance) = try service.perform(.books(.balance)) else {
            throw FixtureError.unexpectedReply
        }
        return balance
    }

    /// Gives the wallet a mature reward of 50 bitcoin.
    func fund() throws {
        try chain.mine(1, to: address().script)
        try chain.mine(100, to: Self.nobody)
        try eventually { try balance().confirmed == Satoshi(5_000_000_000) }
    }

    func send(_ amount: Int64, to script: Script = Self.nobody) throws -> Transaction {
        let request = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(amount), scriptPubKey: script)],
            feeRate: FeeratePerKw(500))
        guard
            case .published(let transaction) = try service.perform(
                .spend(.send(request, label: "")))
        else { throw FixtureError.unexpectedReply }
        return transaction
    }

    /// A script that anybody can spend, and nobody will.
    static let nobody = Script([0x00, 0x14] + [UInt8](repeating: 7, count: 20))
}

enum FixtureError: Error { case unexpectedReply, neverHappened }

/// Waits up to thirty seconds for something to become true.
func eventually(_ condition: () throws -> Bool) throws {
    for _ in 0..<3_000 {
        if try condition() { return }
        SystemThread.sleep(milliseconds: 10)
    }
    throw FixtureError.neverHappened
}
