import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// BOLT 3, appendix D.
@Suite("Per-commitment secrets of BOLT 3") struct PerCommitmentVectors {
    static let file = VectorFile("bolt/bolt03-appendix-d-per-commitment-secret.txt")

    /// The blocks of the text: `name: value` lines in order, `I` being an index.
    static func blocks(_ text: String) -> [(name: String, lines: [(key: String, value: String)])] {
        var blocks: [(name: String, lines: [(key: String, value: String)])] = []
        for raw in text.split(separator: "\n") {
            let line = raw.drop { $0 == " " || $0 == "\t" }
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, line.startIndex != raw.startIndex else { continue }
            let value = parts[1].filter { $0 != " " }
            if parts[0] == "name" {
                blocks.append((value, []))
            } else if !blocks.isEmpty {
                blocks[blocks.count - 1].lines.append((String(parts[0]), value))
            }
        }
        return blocks
    }

    static func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    @Test(
        "secrets are generated, stored and refused as the specification says",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let text = try Self.file.text()
        let blocks = Self.blocks(text)
        #expect(blocks.count == text.split(separator: "\n").count { $0.contains("name: ") })
        #expect(blocks.count == 14)
        var passed = 0
        for block in blocks {
            let isRight = try check(block.lines)
            #expect(isRight, "\(block.name)")
            passed += isRight ? 1 : 0
        }
        Self.file.record(cases: 14, run: blocks.count, passed: passed)
    }

    func check(_ lines: [(key: String, value: String)]) throws -> Bool {
        if let seed = lines.first(where: { $0.key == "seed" }) {
            let index = try #require(
                lines.first { $0.key == "I" }.flatMap { Self.number($0.value) })
            let output = try #require(lines.first { $0.key == "output" })
            let seedBytes = SecretBytes(try Hex.decode(seed.value.dropFirst(2)))
            let secret = PerCommitmentSeed(seedBytes).secret(index: index)
            return "0x" + secret.hash.hex == output.value
        }
        return try storage(lines)
    }

    func storage(_ lines: [(key: String, value: String)]) throws -> Bool {
        var secrets = RevealedSecrets()
        var (index, secret): (UInt64, PerCommitmentSecret?) = (0, nil)
        var inserted: [(UInt64, PerCommitmentSecret)] = []
        for line in lines {
            switch line.key {
            case "I": index = try #require(Self.number(line.value))
            case "secret": secret = try PerCommitmentSecret(hex: line.value.dropFirst(2))
            case "output":
                let secret = try #require(secret)
                let isAccepted = (try? secrets.insert(secret, index: index)) != nil
                guard isAccepted == (line.value == "OK") else { return false }
                if isAccepted { inserted.append((index, secret)) }
            default: break
            }
        }
        return !inserted.isEmpty
            && inserted.allSatisfy { secrets.secret(index: $0.0) == $0.1 }
    }

    @Test("thousands of secrets fit a few entries, and each is found again")
    func logarithmicStorage() throws {
        let seed = PerCommitmentSeed(SecretBytes([UInt8](repeating: 5, count: 32)))
        var secrets = RevealedSecrets()
        for number in 0..<3000 {
            let index = PerCommitmentSeed.firstIndex - UInt64(number)
            try secrets.insert(seed.secret(index: index), index: index)
        }
        #expect(secrets.entries.count == 12)
        for number: UInt64 in 0..<3000 {
            #expect(secrets.secret(commitment: number) == seed.secret(commitment: number))
        }
        #expect(secrets.secret(commitment: 3000) == nil)
        #expect(
            throws: RevealedSecretError.wrongIndex(
                expected: PerCommitmentSeed.firstIndex - 3000, actual: 5)
        ) {
            try secrets.insert(seed.secret(index: 5), index: 5)
        }
    }
}
