/// What an account's addresses are, which is the first step of its path (BIP 43).
public enum AccountPurpose: UInt32, CaseIterable, Sendable {
    /// BIP 44: P2PKH.
    case legacy = 44
    /// BIP 49: P2WPKH inside P2SH.
    case nestedSegwit = 49
    /// BIP 84: P2WPKH.
    case segwit = 84
    /// BIP 86: P2TR with a single key.
    case taproot = 86

    /// The output script of `key`, the internal key for P2TR.
    ///
    /// Throws ``KeyError/degenerateResult`` where the tweak of BIP 86 leads to no key (chance 2^-256).
    public func outputScript(_ key: PublicKey) throws(KeyError) -> Script {
        switch self {
        case .legacy: .payToPublicKeyHash(of: key)
        case .nestedSegwit: .payToScriptHash(of: .payToWitnessPublicKeyHash(of: key))
        case .segwit: .payToWitnessPublicKeyHash(of: key)
        case .taproot: .payToTaproot(try Taproot.outputKey(key.xOnly.key, root: nil).key)
        }
    }
}

/// Which side of an account an address is on (BIP 44).
public enum AccountBranch: UInt32, CaseIterable, Sendable {
    /// Addresses that others are given.
    case external = 0
    /// Addresses for change.
    case change = 1
}

extension DerivationPath {
    /// `m/purpose'/coin'/account'` (BIP 44, 49, 84, 86); nil unless `account` is below 2^31.
    public static func account(
        _ purpose: AccountPurpose, network: Network, account: UInt32 = 0
    ) -> DerivationPath? {
        let numbers = [purpose.rawValue, network.coinType, account].map {
            ChildNumber(hardened: $0)
        }
        let steps = numbers.compactMap { $0 }
        return steps.count == numbers.count ? DerivationPath(steps) : nil
    }

    /// The path with a branch and an index, which lead from an account to an address; nil unless `index` is below 2^31.
    public func address(_ branch: AccountBranch, index: UInt32) -> DerivationPath? {
        guard let side = ChildNumber(normal: branch.rawValue),
            let number = ChildNumber(normal: index)
        else { return nil }
        return DerivationPath(steps + [side, number])
    }
}
