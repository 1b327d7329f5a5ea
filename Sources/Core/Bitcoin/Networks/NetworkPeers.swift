extension Network {
    /// The four bytes that start each message between nodes.
    public var messageStart: [UInt8] {
        switch self {
        case .mainnet: [0xf9, 0xbe, 0xb4, 0xd9]
        case .testnet3: [0x0b, 0x11, 0x09, 0x07]
        case .testnet4: [0x1c, 0x16, 0x3f, 0x28]
        case .signet: Network.messageStart(signetChallenge: Network.defaultSignetChallenge)
        case .regtest: [0xfa, 0xbf, 0xb5, 0xda]
        }
    }

    /// The port on which nodes listen for each other.
    public var defaultPort: UInt16 {
        switch self {
        case .mainnet: 8333
        case .testnet3: 18333
        case .testnet4: 48333
        case .signet: 38333
        case .regtest: 18444
        }
    }

    /// The port on which bitcoind listens for JSON-RPC.
    public var defaultRPCPort: UInt16 {
        switch self {
        case .mainnet: 8332
        case .testnet3: 18332
        case .testnet4: 48332
        case .signet: 38332
        case .regtest: 18443
        }
    }

    /// What bitcoind's RPC calls the network.
    public var bitcoindName: String {
        switch self {
        case .mainnet: "main"
        case .testnet3: "test"
        case .testnet4: "testnet4"
        case .signet: "signet"
        case .regtest: "regtest"
        }
    }

    /// The four bytes that start each message on the signet of `challenge` (BIP 325).
    public static func messageStart(signetChallenge challenge: Script) -> [UInt8] {
        Array(SHA256.doubleHash(challenge.encoded).bytes.prefix(4))
    }

    /// The script that signs the blocks of the public signet (BIP 325): one of two keys.
    public static let defaultSignetChallenge: Script = {
        let keys: [[UInt8]] = [
            [
                0x03, 0xad, 0x5e, 0x0e, 0xda, 0xd1, 0x8c, 0xb1, 0xf0, 0xfc, 0x0d, 0x28, 0xa3, 0xd4,
                0xf1, 0xf3, 0xe4, 0x45, 0x64, 0x03, 0x37, 0x48, 0x9a, 0xbb, 0x10, 0x40, 0x4f, 0x2d,
                0x1e, 0x08, 0x6b, 0xe4, 0x30,
            ],
            [
                0x03, 0x59, 0xef, 0x50, 0x21, 0x96, 0x4f, 0xe2, 0x2d, 0x6f, 0x8e, 0x05, 0xb2, 0x46,
                0x3c, 0x95, 0x40, 0xce, 0x96, 0x88, 0x3f, 0xe3, 0xb2, 0x78, 0x76, 0x0f, 0x04, 0x8f,
                0x51, 0x89, 0xf2, 0xe6, 0xc4,
            ],
        ]
        return ScriptBuilder().push(1).push(keys[0]).push(keys[1]).push(2).op(.checkMultiSig).script
    }()
}
