extension Network {
    /// The human-readable prefix of segwit addresses (BIP 173); the three test networks share one.
    public var bech32Prefix: String {
        switch self {
        case .mainnet: "bc"
        case .testnet3, .testnet4, .signet: "tb"
        case .regtest: "bcrt"
        }
    }

    /// The first byte of a P2PKH address.
    public var publicKeyHashVersion: UInt8 { self == .mainnet ? 0 : 111 }

    /// The first byte of a P2SH address.
    public var scriptHashVersion: UInt8 { self == .mainnet ? 5 : 196 }

    /// The first byte of a private key in wallet import format.
    public var privateKeyVersion: UInt8 { self == .mainnet ? 128 : 239 }

    /// The coin type of BIP 44 (SLIP 44): 0 for bitcoin, 1 for all coins without a value.
    public var coinType: UInt32 { self == .mainnet ? 0 : 1 }
}
