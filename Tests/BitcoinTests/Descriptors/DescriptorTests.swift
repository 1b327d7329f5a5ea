import Bitcoin
import TestSupport
import Testing

@Suite("Output descriptors") struct DescriptorTests {
    @Test("the checksums of BIP 380 hold, and errors are told apart")
    func checksums() throws {
        #expect(try DescriptorChecksum.append(to: "raw(deadbeef)") == "raw(deadbeef)#89f8spxm")
        #expect(try DescriptorChecksum.verify("raw(deadbeef)#89f8spxm") == "raw(deadbeef)")
        let wrong: [(String, DescriptorError)] = [
            ("raw(deadbeef)", .missingChecksum), ("raw(deadbeef)#", .invalidChecksumLength(0)),
            ("raw(deadbeef)#89f8spxmx", .invalidChecksumLength(9)),
            ("raw(deadbeef)#89f8spx", .invalidChecksumLength(7)),
            ("raw(\u{dc})#00000000", .invalidCharacter("\u{dc}", position: 4)),
        ]
        for (text, error) in wrong {
            #expect(throws: error, "\(text)") { try DescriptorChecksum.verify(text) }
        }
        for text in ["raw(deedbeef)#89f8spxm", "raw(deedbeef)##9f8spxm"] {
            #expect(throws: DescriptorError.self) { try DescriptorChecksum.verify(text) }
        }
    }

    @Test(
        "an account is described for other wallets",
        arguments: [
            (AccountPurpose.legacy, "pkh(", ")"), (.nestedSegwit, "sh(wpkh(", "))"),
            (.segwit, "wpkh(", ")"), (.taproot, "tr(", ")"),
        ])
    func accounts(_ purpose: AccountPurpose, _ start: String, _ end: String) throws {
        let words = try OwnVectors("accounts.json").content.text("words")
        let master = try ExtendedPrivateKey(seed: Mnemonic(words).seed())
        let path = try #require(DerivationPath.account(purpose, network: .mainnet))
        let key = try master.derive(path).publicKey
        let descriptor = AccountDescriptor(
            purpose, origin: KeyOrigin(master.fingerprint, path), key: key, branch: .change)
        let text = try descriptor.text(network: .mainnet)
        let expected =
            "\(start)[73c5da0a/\(purpose.rawValue)h/0h/0h]\(key.text(.xpub))/1/*\(end)"
        #expect(try DescriptorChecksum.verify(text) == expected)
        let both = AccountDescriptor(
            purpose, origin: KeyOrigin(master.fingerprint, path), key: key, branch: nil)
        #expect(try both.text(network: .regtest).contains("\(key.text(.tpub))/<0;1>/*\(end)#"))
    }
}
