import Bitcoin
import TestSupport
import Testing

@Suite("Extended keys") struct ExtendedKeyTests {
    @Test("the trees of BIP 32 have their keys")
    func derivations() throws {
        for row in try OwnVectors("bip32.json").cases("derivations", count: 17) {
            let seed = SecretBytes(try Hex.decode(row.text("seed")))
            let path = try DerivationPath(row.text("path"))
            let key = try ExtendedPrivateKey(seed: seed).derive(path)
            #expect(key.text(.xpub) == (try row.text("private")))
            #expect(key.publicKey.text(.xpub) == (try row.text("public")))
            #expect(try ExtendedPrivateKey(row.text("private"), network: .mainnet) == key)
            #expect(try ExtendedPublicKey(row.text("public"), network: .mainnet) == key.publicKey)
            #expect(path.description == (try row.text("path")))
        }
    }

    @Test("the invalid extended keys of BIP 32 are refused")
    func invalidKeys() throws {
        for row in try OwnVectors("bip32.json").cases("invalid", count: 16) {
            let text = try row.text("text")
            #expect(throws: DerivationError.self, "\(row)") {
                try ExtendedPublicKey(text, network: .mainnet)
            }
            #expect(throws: DerivationError.self, "\(row)") {
                try ExtendedPrivateKey(text, network: .mainnet)
            }
        }
    }

    @Test("public children are those of the private key, and hardened ones need it")
    func publicChildren() throws {
        let master = try ExtendedPrivateKey(seed: SecretBytes([UInt8](0..<32)))
        for index in [0, 1, 77, UInt32.max >> 1] {
            let number = try #require(ChildNumber(normal: index))
            #expect(try master.publicKey.child(number) == master.child(number).publicKey)
        }
        let hardened = try #require(ChildNumber(hardened: 0))
        #expect(throws: DerivationError.hardenedChildOfPublicKey(hardened)) {
            try master.publicKey.child(hardened)
        }
    }

    @Test("the accounts of BIP 49, BIP 84 and BIP 86 have their keys, in their own text forms")
    func accounts() throws {
        let vectors = try OwnVectors("accounts.json")
        let seed = try Mnemonic(vectors.content.text("words")).seed()
        let master = try ExtendedPrivateKey(seed: seed)
        for row in try vectors.cases("accounts", count: 3) {
            let network = try #require(Network(rawValue: row.text("network")))
            let purpose = try #require(
                row["purpose"]?.integer.flatMap { AccountPurpose(rawValue: UInt32($0)) })
            let version = ExtendedKeyVersion(purpose, network: network)
            let account = try master.derive(
                try #require(DerivationPath.account(purpose, network: network)))
            #expect(master.text(version) == (try row.text("master")))
            #expect(account.text(version) == (try row.text("private")))
            #expect(account.publicKey.text(version) == (try row.text("public")))
            #expect(try ExtendedPublicKey.parse(row.text("public")).version == version)
        }
        for row in try vectors.cases("addresses", count: 7) {
            let network = try #require(Network(rawValue: row.text("network")))
            let purpose = try #require(
                row["purpose"]?.integer.flatMap { AccountPurpose(rawValue: UInt32($0)) })
            let key = try master.derive(DerivationPath(row.text("path"))).key
            let script = try purpose.outputScript(key.publicKey)
            let address = try #require(Address(script: script, network: network))
            #expect(address.description == (try row.text("address")))
            if let wif = row["wif"]?.string {
                #expect(WIF(key).text(network: network) == wif)
                #expect(key.publicKey.description == (try row.text("key")))
            } else {
                #expect(key.publicKey.xOnly.key.x.hex == (try row.text("key")))
            }
        }
    }

    @Test("a seed has 16 to 64 bytes", arguments: [0, 15, 65])
    func seedLengths(_ count: Int) {
        #expect(throws: DerivationError.invalidSeedLength(count)) {
            try ExtendedPrivateKey(seed: SecretBytes([UInt8](repeating: 1, count: count)))
        }
    }

    @Test("a key at depth 255 has no children")
    func greatestDepth() throws {
        let steps = [ChildNumber](repeating: ChildNumber(value: 0), count: 255)
        let key = try ExtendedPrivateKey(seed: SecretBytes([UInt8](0..<16)))
            .derive(DerivationPath(steps))
        #expect(key.lineage.depth == 255)
        #expect(throws: DerivationError.tooDeep(steps: 256)) {
            try key.child(ChildNumber(value: 0))
        }
    }
}

@Suite("Derivation paths") struct DerivationPathTests {
    @Test("paths are read with each mark for hardened steps")
    func reading() throws {
        let path = try DerivationPath("m/84'/0h/2147483647H/1/0")
        #expect(path.description == "m/84'/0'/2147483647'/1/0")
        #expect(try DerivationPath("84'/0'").description == "m/84'/0'")
        #expect(try DerivationPath("m").steps.isEmpty)
        #expect(try DerivationPath("").steps.isEmpty)
    }

    @Test(
        "a step that is no number in range is named",
        arguments: ["m/", "m/0//1", "m/x", "m/-1", "m/+1", "m/2147483648", "m/0''", "/0", "m/'"])
    func refusing(_ text: String) {
        #expect(throws: DerivationError.self) { try DerivationPath(text) }
    }
}
