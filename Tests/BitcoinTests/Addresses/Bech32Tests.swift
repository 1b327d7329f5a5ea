import Bitcoin
import TestSupport
import Testing

@Suite("Bech32 and bech32m") struct Bech32Tests {
    let vectors: OwnVectors

    init() throws { vectors = try OwnVectors("bech32.json") }

    @Test("the valid strings of BIP 173 and BIP 350 are read as their variant and written back")
    func validStrings() throws {
        for (key, variant) in [("bech32", Bech32.Variant.bech32), ("bech32m", .bech32m)] {
            for text in try vectors.strings(key, count: 7) {
                let decoded = try Bech32(decoding: text)
                #expect(decoded.variant == variant)
                let encoded = Bech32.encode(
                    prefix: decoded.prefix, values: decoded.values, variant: variant)
                #expect(encoded == text.lowercased())
            }
        }
    }

    @Test("the invalid strings of BIP 173 and BIP 350 are refused")
    func invalidStrings() throws {
        for (key, count) in [("notBech32", 12), ("notBech32m", 14)] {
            for text in try vectors.strings(key, count: count) {
                #expect(throws: Bech32Error.self, "\(text)") { try Bech32(decoding: text) }
            }
        }
    }

    @Test("the addresses of BIP 350 stand for their scripts")
    func validAddresses() throws {
        for row in try vectors.cases("addresses", count: 8) {
            let text = try row.text("address")
            let network: Network = text.lowercased().hasPrefix("bc") ? .mainnet : .signet
            let address = try Address(text, network: network)
            #expect(address.script.hex == (try row.text("script")))
            #expect(address.description == text.lowercased())
        }
    }

    @Test("the invalid addresses of BIP 173 and BIP 350 are refused")
    func invalidAddresses() throws {
        for row in try vectors.cases("notAddresses", count: 25) {
            let text = try row.text("address")
            for network in Network.allCases {
                #expect(throws: AddressError.self, "\(text)") {
                    try Address(text, network: network)
                }
            }
        }
    }

    @Test("errors name the character, and what was expected")
    func preciseErrors() {
        #expect(throws: Bech32Error.invalidCharacter("b", position: 2)) {
            try Bech32(decoding: "x1b4n0q5v")
        }
        #expect(throws: Bech32Error.mixedCase(position: 2)) { try Bech32(decoding: "a1Qqqqqqq") }
        #expect(throws: Bech32Error.tooShort(count: 5, minimum: 6)) {
            try Bech32(decoding: "li1dgmt3")
        }
        #expect(throws: Bech32Error.noSeparator) { try Bech32(decoding: "pzry9x0s0muk") }
        #expect(throws: Bech32Error.emptyPrefix) { try Bech32(decoding: "1pzry9x0s0muk") }
        #expect(
            throws: AddressError.wrongChecksum(version: 1, expected: .bech32m, actual: .bech32)
        ) {
            try Address(
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", network: .mainnet)
        }
        #expect(throws: AddressError.wrongNetwork(expected: .regtest, actual: [.mainnet])) {
            try Address("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", network: .regtest)
        }
        #expect(throws: AddressError.unknownPrefix("tc")) {
            try Address(
                "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", network: .mainnet)
        }
    }

    @Test("every single wrong character and every swap of neighbours is found")
    func singleErrors() throws {
        let text = Array("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu".utf8)
        let digits = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
        for position in 3..<text.count {
            for digit in digits where digit != text[position] {
                var wrong = text
                wrong[position] = digit
                #expect(throws: Bech32Error.checksumMismatch) {
                    try Bech32(decoding: String(decoding: wrong, as: UTF8.self))
                }
            }
        }
        for position in 3..<(text.count - 1) where text[position] != text[position + 1] {
            var wrong = text
            wrong.swapAt(position, position + 1)
            #expect(throws: Bech32Error.checksumMismatch) {
                try Bech32(decoding: String(decoding: wrong, as: UTF8.self))
            }
        }
    }

    @Test("a long text is read where there is no limit, and bytes survive the way through groups")
    func withoutLimit() throws {
        let bytes = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
        let values = Bech32.values(of: bytes)
        let text = Bech32.encode(prefix: "lnbc", values: values, variant: .bech32)
        let decoded = try Bech32(decoding: text.uppercased(), limit: nil)
        #expect(try Bech32.bytes(of: decoded.values) == bytes)
        #expect(throws: Bech32Error.tooLong(count: text.count, limit: 90)) {
            try Bech32(decoding: text)
        }
        let bare = Bech32.encodeWithoutChecksum(prefix: "lno", values: values)
        let read = try Bech32.decodeWithoutChecksum(bare)
        #expect(read.prefix == "lno" && read.values == values)
        #expect(throws: Bech32Error.invalidPadding(bits: 5, value: 0)) {
            try Bech32.bytes(of: [0])
        }
        #expect(throws: Bech32Error.invalidPadding(bits: 2, value: 1)) {
            try Bech32.bytes(of: [0, 1])
        }
    }
}
