import Bitcoin
import LightningWire

extension FuzzTarget {
    /// The parsers of what people and programs type.
    static let text: [FuzzTarget] = [
        text(
            "address",
            seeds: [
                "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
                "2N3oefVeg6stiTb5Kh3ozCSkaqmx91FDbsm",
                "bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6",
            ],
            parse: { try Address($0, network: .regtest) }, print: \.description),
        text(
            "base58", seeds: ["", "1", "111z", "2NEpo7TZRRrLZSi2U"],
            parse: { try Base58.decode($0) }, print: { Base58.encode($0) }),
        text(
            "bech32",
            seeds: [
                "A12UEL5L", "a1lqfn3a",
                "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            ],
            parse: { try Bech32(decoding: $0, limit: nil) },
            print: { Bech32.encode(prefix: $0.prefix, values: $0.values, variant: $0.variant) }),
        text(
            "base58check", seeds: ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
            parse: { try Base58Check.decode($0) }, print: { Base58Check.encode($0) }),
        text(
            "wif", seeds: ["cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA"],
            parse: { try WIF($0, network: .regtest) }, print: { $0.text(network: .regtest) }),
        text(
            "mnemonic",
            seeds: [
                "legal winner thank year wave sausage worth useful legal winner thank yellow",
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                    + "abandon about",
            ],
            parse: { try Mnemonic($0) }, print: { $0.words.joined(separator: " ") }),
        text(
            "derivation-path", seeds: ["m/84'/0'/0'/0/5", "84h/1h/0h"],
            parse: { try DerivationPath($0) }, print: \.description),
        text(
            "extended-private-key",
            seeds: [
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
            ],
            parse: { try ExtendedPrivateKey($0, network: .mainnet) }, print: { $0.text(.xpub) }),
        text(
            "extended-public-key",
            seeds: [
                "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
            ],
            parse: { try ExtendedPublicKey($0, network: .mainnet) }, print: { $0.text(.xpub) }),
        text(
            "short-channel-id", seeds: ["539268x845x1"],
            parse: { ShortChannelID($0) }, print: \.description),
    ]
}
