import Bitcoin

/// An account of the wallet, one for each kind of address that it has. The raw value is the purpose of its derivation
/// paths (BIP 43).
public enum AccountKind: UInt8, CaseIterable, Sendable, Comparable {
    /// P2WPKH nested in P2SH (BIP 49), for payers that know no segwit address.
    case nestedWitness = 49
    /// P2WPKH (BIP 84).
    case witness = 84
    /// P2TR spent by the key alone (BIP 86).
    case taproot = 86

    public static func < (left: AccountKind, right: AccountKind) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The first step of the account's derivation path.
    public var purpose: AccountPurpose {
        switch self {
        case .nestedWitness: .nestedSegwit
        case .witness: .segwit
        case .taproot: .taproot
        }
    }

    /// What an input that spends an output of this kind weighs at most, signed, with the count of its witness items.
    ///
    /// Signatures count 71 bytes with their hash type (low r and low s) or 64 (BIP 340, default hash type).
    public var inputWeight: Weight {
        let base: UInt64 = 36 + 1 + 4
        let publicKeyWitness: UInt64 = 1 + (1 + 71) + (1 + 33)
        switch self {
        case .nestedWitness: return Weight((base + 23) * 4 + publicKeyWitness)
        case .witness: return Weight(base * 4 + publicKeyWitness)
        case .taproot: return Weight(base * 4 + 1 + (1 + 64))
        }
    }

    /// What an output of this kind weighs.
    public var outputWeight: Weight {
        let scriptSize: UInt64
        switch self {
        case .nestedWitness: scriptSize = 23
        case .witness: scriptSize = 22
        case .taproot: scriptSize = 34
        }
        return Weight((8 + 1 + scriptSize) * 4)
    }
}
