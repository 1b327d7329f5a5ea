import Bitcoin

/// The derivation paths of all keys that a seed leads to; docs/keys.md explains them.
public enum KeyScheme {
    /// The first step of every path for Lightning: a purpose (BIP 43) of its own, named after Lightning's port.
    public static let lightningPurpose: UInt32 = 9735

    /// What a key of the Lightning purpose is for: the third step of its path.
    public enum Family: UInt32, CaseIterable, Sendable {
        /// The node's identity.
        case nodeIdentity = 0
        /// The keys of channels, one number each.
        case channels = 1
        /// The root of the secrets of invoices and payments.
        case payments = 2
        /// The root of the keys that encrypt backups.
        case backups = 3
    }

    /// `m/purpose'/coin'/0'`: the account of one kind of address (BIP 49, 84, 86).
    public static func account(_ account: AccountKind, network: Network) -> DerivationPath {
        hardened([account.purpose.rawValue, network.coinType, 0])
    }

    /// `m/9735'/coin'/0'`: the node's identity.
    public static func nodeIdentity(network: Network) -> DerivationPath {
        hardened([lightningPurpose, network.coinType, Family.nodeIdentity.rawValue])
    }

    /// `m/9735'/coin'/1'`: the keys of all channels.
    public static func channels(network: Network) -> DerivationPath {
        hardened([lightningPurpose, network.coinType, Family.channels.rawValue])
    }

    /// `m/9735'/coin'/2'`: the root of the secrets of invoices and payments.
    public static func payments(network: Network) -> DerivationPath {
        hardened([lightningPurpose, network.coinType, Family.payments.rawValue])
    }

    /// `m/9735'/coin'/3'`: the root of the keys that encrypt backups.
    public static func backups(network: Network) -> DerivationPath {
        hardened([lightningPurpose, network.coinType, Family.backups.rawValue])
    }

    /// The full path of an address.
    public static func address(_ path: WalletKeyPath, network: Network) -> DerivationPath? {
        account(path.account, network: network).address(path.branch, index: path.index)
    }

    /// The numbers are constants of this file, all below 2^31.
    private static func hardened(_ numbers: [UInt32]) -> DerivationPath {
        DerivationPath(numbers.compactMap { ChildNumber(hardened: $0) })
    }
}
