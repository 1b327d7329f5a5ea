/// How far the daemon has come.
public enum WalletState: String, APIEnum {
    /// There is no wallet: `genseed` and `initwallet` are open.
    case nonExisting = "NON_EXISTING"
    /// The wallet is locked: `unlockwallet` is open.
    case locked = "LOCKED"
    /// The wallet is open, the node not yet ready.
    case unlocked = "UNLOCKED"
    /// Calls are answered.
    case rpcActive = "RPC_ACTIVE"
    /// Everything runs.
    case serverActive = "SERVER_ACTIVE"
    /// The daemon has only begun to start.
    case waitingToStart = "WAITING_TO_START"

    public var number: Int32 {
        switch self {
        case .nonExisting: 0
        case .locked: 1
        case .unlocked: 2
        case .rpcActive: 3
        case .serverActive: 4
        case .waitingToStart: 255
        }
    }
}

/// The kind of an address.
public enum AddressType: String, APIEnum {
    case witnessPubkeyHash = "WITNESS_PUBKEY_HASH"
    case nestedPubkeyHash = "NESTED_PUBKEY_HASH"
    case unusedWitnessPubkeyHash = "UNUSED_WITNESS_PUBKEY_HASH"
    case unusedNestedPubkeyHash = "UNUSED_NESTED_PUBKEY_HASH"
    case taprootPubkey = "TAPROOT_PUBKEY"
    case unusedTaprootPubkey = "UNUSED_TAPROOT_PUBKEY"
}

/// The kind of an account's addresses.
public enum WalletAddressType: String, APIEnum {
    case unknown = "UNKNOWN"
    case witnessPubkeyHash = "WITNESS_PUBKEY_HASH"
    case nestedWitnessPubkeyHash = "NESTED_WITNESS_PUBKEY_HASH"
    case hybridNestedWitnessPubkeyHash = "HYBRID_NESTED_WITNESS_PUBKEY_HASH"
    case taprootPubkey = "TAPROOT_PUBKEY"
}

/// The kind of an address for change.
public enum ChangeAddressType: String, APIEnum {
    case unspecified = "CHANGE_ADDRESS_TYPE_UNSPECIFIED"
    case taproot = "CHANGE_ADDRESS_TYPE_P2TR"
}

/// How coins are chosen.
public enum CoinSelectionStrategy: String, APIEnum {
    case useGlobalConfig = "STRATEGY_USE_GLOBAL_CONFIG"
    case largest = "STRATEGY_LARGEST"
    case random = "STRATEGY_RANDOM"
}

/// The kind of an output script.
public enum OutputScriptType: String, APIEnum {
    case pubkeyHash = "SCRIPT_TYPE_PUBKEY_HASH"
    case scriptHash = "SCRIPT_TYPE_SCRIPT_HASH"
    case witnessV0PubkeyHash = "SCRIPT_TYPE_WITNESS_V0_PUBKEY_HASH"
    case witnessV0ScriptHash = "SCRIPT_TYPE_WITNESS_V0_SCRIPT_HASH"
    case pubkey = "SCRIPT_TYPE_PUBKEY"
    case multisig = "SCRIPT_TYPE_MULTISIG"
    case nulldata = "SCRIPT_TYPE_NULLDATA"
    case nonStandard = "SCRIPT_TYPE_NON_STANDARD"
    case witnessUnknown = "SCRIPT_TYPE_WITNESS_UNKNOWN"
    case witnessV1Taproot = "SCRIPT_TYPE_WITNESS_V1_TAPROOT"
}
