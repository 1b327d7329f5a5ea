import Bitcoin
import TestSupport
import Testing

@Suite("Bitcoin Core's base58 and key vectors") struct EncodingVectors {
    static let base58 = VectorFile("bitcoin/base58_encode_decode.json")
    static let valid = VectorFile("bitcoin/key_io_valid.json")
    static let invalid = VectorFile("bitcoin/key_io_invalid.json")

    @Test(
        "base58 encodes and decodes",
        .enabled(if: base58.isPresent, "shared/vectors is not there"))
    func base58Vectors() throws {
        let cases = try #require(Self.base58.json().array)
        var (run, passed) = (0, 0)
        for row in cases {
            let bytes = try Hex.decode(try #require(row[0]?.string))
            let text = try #require(row[1]?.string)
            run += 1
            let isRight =
                Base58.encode(bytes) == text && (try? Base58.decode(text, limit: 256)) == bytes
            #expect(isRight, "\(text)")
            passed += isRight ? 1 : 0
        }
        #expect(run == 21)
        Self.base58.record(cases: cases.count, run: run, passed: passed)
    }

    @Test(
        "valid addresses and keys are read and written back, on their networks alone",
        .enabled(if: valid.isPresent, "shared/vectors is not there"))
    func validVectors() throws {
        let cases = try #require(Self.valid.json().array)
        var (run, passed) = (0, 0)
        for row in cases {
            run += 1
            let isRight = try Self.holds(row)
            #expect(isRight, "\(row)")
            passed += isRight ? 1 : 0
        }
        #expect(run == 70)
        Self.valid.record(cases: cases.count, run: run, passed: passed)
    }

    private static func holds(_ row: JSONValue) throws -> Bool {
        let text = try #require(row[0]?.string)
        let payload = try Hex.decode(try #require(row[1]?.string))
        let options = try #require(row[2])
        let network = try #require(Self.networks[try options.text("chain")])
        if options["isPrivkey"]?.bool == true {
            let isCompressed = options["isCompressed"]?.bool == true
            let expected = WIF(try PrivateKey(payload), isCompressed: isCompressed)
            let other: Network = network == .mainnet ? .regtest : .mainnet
            return try WIF(text, network: network) == expected
                && expected.text(network: network) == text
                && (try? WIF(text, network: other)) == nil
                && (try? Address(text, network: network)) == nil
        }
        let script = Script(payload)
        let address = try Address(text, network: network)
        var isRight =
            address.script == script && address.description == text
            && Address(script: script, network: network) == address
            && (try? WIF(text, network: network)) == nil
        let flipped = String(
            text.map { character in
                Character(
                    character.isLowercase ? character.uppercased() : character.lowercased())
            })
        let flippedScript = (try? Address(flipped, network: network))?.script
        isRight = isRight && flippedScript == (options["tryCaseFlip"]?.bool == true ? script : nil)
        let strangers = Network.allCases.filter {
            $0 == .mainnet || network == .mainnet || $0.bech32Prefix != network.bech32Prefix
        }
        // Base58 has the same form on all test networks.
        for stranger in strangers
        where stranger != network
            && (options["tryCaseFlip"]?.bool == true || stranger == .mainnet || network == .mainnet)
        {
            isRight = isRight && (try? Address(text, network: stranger)) == nil
        }
        return isRight
    }

    @Test(
        "what is neither address nor key is refused on every network",
        .enabled(if: invalid.isPresent, "shared/vectors is not there"))
    func invalidVectors() throws {
        let cases = try #require(Self.invalid.json().array)
        var (run, passed) = (0, 0)
        for row in cases {
            let text = try #require(row[0]?.string)
            run += 1
            let isRefused = Network.allCases.allSatisfy { network in
                (try? Address(text, network: network)) == nil
                    && (try? WIF(text, network: network)) == nil
            }
            #expect(isRefused, "\(text)")
            passed += isRefused ? 1 : 0
        }
        #expect(run == 70)
        Self.invalid.record(cases: cases.count, run: run, passed: passed)
    }

    static let networks: [String: Network] = [
        "main": .mainnet, "test": .testnet3, "testnet4": .testnet4, "signet": .signet,
        "regtest": .regtest,
    ]
}
