import Bitcoin
import LightningCommitment

/// Keys that do not derive from the seed: programs that test nodes have to know them. Never on a network with money.
public struct FixedKeys: Sendable {
    /// The key by which peers know the node.
    public let node: PrivateKey
    /// What every channel has in common then.
    public let channels: FixedChannelKeys

    /// These keys.
    public init(node: PrivateKey, channels: FixedChannelKeys) {
        self.node = node
        self.channels = channels
    }
}

/// The private keys of a node, derived from its seed by the paths of docs/keys.md.
///
/// Keys are wiped when the last copy goes. Only the account's own level is kept; keys of addresses are derived for each
/// signature.
public struct WalletKeys: Sendable {
    /// The network that the paths are for.
    public let network: Network
    /// The key by which peers know the node (BOLT 1, 7, 8).
    public let nodeKey: PrivateKey
    /// The public part of that, which the network knows.
    public let nodePublicKey: PublicKey
    /// The keys of channels (BOLT 3).
    public let channels: ChannelKeyring
    /// What the secrets of invoices and payments derive from.
    public let paymentRoot: SecretBytes
    /// What the keys that encrypt backups derive from.
    public let backupRoot: SecretBytes
    /// Who helps with work that comes in many like pieces.
    public let work: any ParallelWork
    /// The fingerprint of the master key, by which PSBTs name it (BIP 174).
    public let masterFingerprint: KeyFingerprint
    private let accounts: [AccountKind: ExtendedPrivateKey]

    /// Derives the accounts' keys and the node's from the master key; of `fixed` come those of the node and its channels
    /// instead, for tests by other programs. `work` helps the signers of channels and those who read onions.
    ///
    /// Throws ``DerivationError`` with a chance of about 2^-127.
    public init(
        master: ExtendedPrivateKey, network: Network, fixed: FixedKeys? = nil,
        work: any ParallelWork = SerialWork()
    ) throws(DerivationError) {
        self.network = network
        self.work = work
        masterFingerprint = master.fingerprint
        var accounts: [AccountKind: ExtendedPrivateKey] = [:]
        for account in AccountKind.allCases {
            accounts[account] = try master.derive(KeyScheme.account(account, network: network))
        }
        self.accounts = accounts
        let derived = try master.derive(KeyScheme.nodeIdentity(network: network))
        nodeKey = fixed?.node ?? derived.key
        nodePublicKey = nodeKey.publicKey
        var root = try master.derive(KeyScheme.payments(network: network)).key.exposedBytes()
        paymentRoot = SecretBytes(wiping: &root)
        var backups = try master.derive(KeyScheme.backups(network: network)).key.exposedBytes()
        backupRoot = SecretBytes(wiping: &backups)
        channels = ChannelKeyring(
            family: try master.derive(KeyScheme.channels(network: network)),
            fixed: fixed?.channels, work: work)
    }

    /// The public keys of the accounts, from which the wallet makes its addresses.
    public var publicAccounts: [AccountKind: ExtendedPublicKey] {
        accounts.mapValues(\.publicKey)
    }

    /// The private key of an address.
    ///
    /// Throws ``WalletError/derivation(_:)`` or ``WalletError/unknownAccount(_:)``.
    func privateKey(at path: WalletKeyPath) throws(WalletError) -> PrivateKey {
        guard let account = accounts[path.account],
            let below = DerivationPath().address(path.branch, index: path.index)
        else { throw .unknownAccount(path.account) }
        do {
            return try account.derive(below).key
        } catch {
            throw .derivation(error)
        }
    }
}
