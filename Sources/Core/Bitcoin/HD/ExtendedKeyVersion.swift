/// The first four bytes of an extended key's text: its network, and what its addresses are (SLIP 132).
public enum ExtendedKeyVersion: CaseIterable, Sendable {
    /// `xpub`, `xprv`: the main network; BIP 32 itself, also used for BIP 86 and in descriptors.
    case xpub
    /// `ypub`, `yprv`: P2WPKH inside P2SH.
    case ypub
    /// `zpub`, `zprv`: P2WPKH.
    case zpub
    /// `Ypub`, `Yprv`: multisig P2WSH inside P2SH.
    case multisigYpub
    /// `Zpub`, `Zprv`: multisig P2WSH.
    case multisigZpub
    /// `tpub`, `tprv`: as `xpub`, for all test networks.
    case tpub
    /// `upub`, `uprv`: as `ypub`, for all test networks.
    case upub
    /// `vpub`, `vprv`: as `zpub`, for all test networks.
    case vpub
    /// `Upub`, `Uprv`: as `Ypub`, for all test networks.
    case multisigUpub
    /// `Vpub`, `Vprv`: as `Zpub`, for all test networks.
    case multisigVpub

    /// The version that BIP 32 gives the network.
    public init(_ network: Network) {
        self = network == .mainnet ? .xpub : .tpub
    }

    /// The version that wallets expect for an account of that purpose (SLIP 132).
    public init(_ purpose: AccountPurpose, network: Network) {
        switch purpose {
        case .legacy, .taproot: self.init(network)
        case .nestedSegwit: self = network == .mainnet ? .ypub : .upub
        case .segwit: self = network == .mainnet ? .zpub : .vpub
        }
    }

    /// Whether the key is for the main network; otherwise it is for every other one.
    public var isMainnet: Bool {
        switch self {
        case .xpub, .ypub, .zpub, .multisigYpub, .multisigZpub: true
        case .tpub, .upub, .vpub, .multisigUpub, .multisigVpub: false
        }
    }

    /// The four bytes before a public key, as a number.
    var publicBytes: UInt32 {
        switch self {
        case .xpub: 0x0488_b21e
        case .ypub: 0x049d_7cb2
        case .zpub: 0x04b2_4746
        case .multisigYpub: 0x0295_b43f
        case .multisigZpub: 0x02aa_7ed3
        case .tpub: 0x0435_87cf
        case .upub: 0x044a_5262
        case .vpub: 0x045f_1cf6
        case .multisigUpub: 0x0242_89ef
        case .multisigVpub: 0x0257_5483
        }
    }

    /// The four bytes before a private key, as a number.
    var privateBytes: UInt32 {
        switch self {
        case .xpub: 0x0488_ade4
        case .ypub: 0x049d_7878
        case .zpub: 0x04b2_430c
        case .multisigYpub: 0x0295_b005
        case .multisigZpub: 0x02aa_7a99
        case .tpub: 0x0435_8394
        case .upub: 0x044a_4e28
        case .vpub: 0x045f_18bc
        case .multisigUpub: 0x0242_85b5
        case .multisigVpub: 0x0257_5048
        }
    }

    /// The version that has these four bytes, and whether they stand before a private key.
    static func find(_ bytes: UInt32) -> (version: ExtendedKeyVersion, isPrivate: Bool)? {
        for version in allCases {
            if version.publicBytes == bytes { return (version, false) }
            if version.privateBytes == bytes { return (version, true) }
        }
        return nil
    }
}
