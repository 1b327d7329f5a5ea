import Bitcoin
import LightningWallet
import LightningWire

/// A wallet whose steps go to records in memory, as storage would keep them.
struct TestWallet {
    static let words = """
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about
        """
    static let keys: WalletKeys = makeKeys(words)

    static func makeKeys(_ words: String) -> WalletKeys {
        do {
            let seed = try WalletSeed(mnemonic: Mnemonic(words))
            return try WalletKeys(master: seed.masterKey(), network: .regtest)
        } catch {
            preconditionFailure("the words are a valid mnemonic")
        }
    }

    static let accounts = keys.publicAccounts

    var wallet: Wallet
    var now: UInt64 = 1_700_000_000
    private(set) var records: [RecordTable: [[UInt8]: [UInt8]]] = [:]
    /// The effects of the steps so far, until somebody takes them.
    private(set) var effects: [WalletEffect] = []

    init(birthday: UInt32 = 1, parameters: WalletParameters = .forTests) throws {
        let (wallet, step) = try Wallet.create(
            network: .regtest, accounts: Self.accounts, birthday: BlockHeight(birthday),
            parameters: parameters)
        self.wallet = wallet
        apply(step)
    }

    mutating func apply(_ step: WalletStep) {
        for write in step.writes { records[write.table, default: [:]][write.key] = write.value }
        effects += step.effects
    }

    mutating func receive(_ input: WalletInput) throws {
        apply(try wallet.receive(input, now: now))
    }

    mutating func newAddress(
        _ account: AccountKind = .witness, _ branch: AccountBranch = .external
    ) throws -> Address {
        let (address, _, step) = try wallet.newAddress(account, branch)
        apply(step)
        return address
    }

    mutating func takeEffects() -> [WalletEffect] {
        defer { effects = [] }
        return effects
    }

    /// The transactions to broadcast among the effects so far, which are then gone.
    mutating func takeBroadcasts() -> [Transaction] {
        takeEffects().compactMap { effect in
            if case .broadcast(let transaction) = effect { transaction } else { nil }
        }
    }

    /// The wallet that the records alone make.
    func rebuilt() throws -> Wallet {
        let rows = Wallet.tables.flatMap { table in
            (records[table] ?? [:]).map { RecordWrite(table, key: $0.key, value: $0.value) }
        }
        return try Wallet(
            records: rows, network: .regtest, accounts: Self.accounts,
            parameters: wallet.parameters)
    }

    var balance: WalletBalance { wallet.balance(now: now) }
}

extension WalletParameters {
    static let forTests = WalletParameters(lookahead: 4, reorganisationLimit: 12)
}
