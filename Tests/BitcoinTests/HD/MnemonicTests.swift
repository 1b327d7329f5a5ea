import Bitcoin
import TestSupport
import Testing

@Suite("Mnemonics") struct MnemonicTests {
    @Test("the English list has 2,048 words in order, told apart by four letters")
    func wordList() {
        let words = Mnemonic.englishWords
        #expect(words.count == 2048)
        #expect(words == words.sorted())
        #expect(Set(words.map { $0.prefix(4) }).count == 2048)
        let text = words.map { $0 + "\n" }.joined()
        #expect(
            SHA256.hash(Array(text.utf8)).hex
                == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
    }

    @Test("the vectors of BIP 39 hold for entropy, words and seed")
    func vectors() throws {
        let file = try OwnVectors("bip39.json")
        let passphrase = try file.content.text("passphrase")
        for row in try file.cases("cases", count: 26) {
            let entropy = SecretBytes(try Hex.decode(row.text("entropy")))
            let mnemonic = try Mnemonic(row.text("words"))
            #expect(mnemonic == (try Mnemonic(entropy: entropy)))
            #expect(mnemonic.words.joined(separator: " ") == (try row.text("words")))
            let seed = try mnemonic.seed(passphrase: passphrase)
            #expect(Hex.encode(seed.exposedCopy()) == (try row.text("seed")))
        }
    }

    @Test("white space and case do not count")
    func spelling() throws {
        let words = [String](repeating: "abandon", count: 11) + ["about"]
        let text = "\n  " + words.joined(separator: " \t").uppercased() + " \n"
        #expect(try Mnemonic(text).words == words)
    }

    @Test("wrong words are refused with the reason and the place, without telling the words")
    func refusals() {
        let start = [String](repeating: "abandon", count: 11)
        #expect(throws: MnemonicError.checksumMismatch) {
            try Mnemonic((start + ["abandon"]).joined(separator: " "))
        }
        #expect(throws: MnemonicError.unknownWord(position: 11)) {
            try Mnemonic((start + ["abou"]).joined(separator: " "))
        }
        #expect(throws: MnemonicError.invalidWordCount(11)) {
            try Mnemonic(start.joined(separator: " "))
        }
        #expect(throws: MnemonicError.invalidEntropyLength(17)) {
            try Mnemonic(entropy: SecretBytes([UInt8](repeating: 0, count: 17)))
        }
    }

    @Test("a passphrase beyond ASCII is taken in its normal form alone")
    func passphrase() throws {
        let mnemonic = try Mnemonic(entropy: SecretBytes([UInt8](repeating: 0, count: 16)))
        #expect(throws: MnemonicError.passphraseNotASCII) {
            try mnemonic.seed(passphrase: "\u{e9}")
        }
        let normalized = SecretBytes(Array("e\u{301}".utf8))
        #expect(
            Hex.encode(mnemonic.seed(normalizedPassphrase: normalized).exposedCopy())
                == "f37f8652bf7004d4bd4ba7702e70e647f54965758656423dde58d64fa725c1e8be1b0416864e10f714c0730e46f9676079b4fd4f72fcf0c09a120ae65589c091"
        )
    }
}
