import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// BOLT 8, appendix A.
@Suite("Transport of BOLT 8") struct TransportVectors {
    static let file = VectorFile("bolt/bolt08-appendix-a-transport.txt")

    /// One handshake of the text: its keys and what goes in and comes out, line by line.
    struct Case {
        var name: String
        var values: [String: [UInt8]] = [:]
        var steps: [(isInput: Bool, text: String)] = []
    }

    static func cases(_ text: String) throws -> [Case] {
        var cases: [Case] = []
        for raw in text.split(separator: "\n") {
            let line = raw.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("name: ") {
                cases.append(Case(name: String(line.dropFirst(6))))
                continue
            }
            guard !cases.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(maxSplits: 1) { $0 == ":" || $0 == "=" }
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }
            let last = cases.count - 1
            if parts[0].hasPrefix("input") || parts[0].hasPrefix("output") {
                cases[last].steps.append((parts[0].hasPrefix("input"), String(value)))
            } else if let bytes = try? hex(value) {
                cases[last].values[String(parts[0])] = bytes
            }
        }
        return cases
    }

    static func hex(_ text: some StringProtocol) throws -> [UInt8] {
        try Hex.decode(text.hasPrefix("0x") ? String(text.dropFirst(2)) : String(text))
    }

    /// What the text calls an error, as this code tells it; nil for bytes that did not all arrive.
    static func error(_ name: String) throws -> TransportError? {
        switch name {
        case "ACT1_READ_FAILED", "ACT2_READ_FAILED", "ACT3_READ_FAILED": nil
        case "ACT1_BAD_VERSION": .unknownVersion(act: 1, version: 1)
        case "ACT2_BAD_VERSION 1": .unknownVersion(act: 2, version: 1)
        case "ACT3_BAD_VERSION 1": .unknownVersion(act: 3, version: 1)
        case "ACT1_BAD_PUBKEY": .invalidKey(act: 1)
        case "ACT2_BAD_PUBKEY": .invalidKey(act: 2)
        case "ACT3_BAD_PUBKEY": .invalidKey(act: 3)
        case "ACT1_BAD_TAG": .invalidTag(act: 1)
        case "ACT2_BAD_TAG": .invalidTag(act: 2)
        case "ACT3_BAD_TAG": .invalidTag(act: 3)
        case "ACT3_BAD_CIPHERTEXT": .invalidCiphertext(act: 3)
        default: throw VectorFileError.notFound(name: name)
        }
    }

    @Test(
        "all handshakes and messages give what the specification says",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let text = try Self.file.text()
        let cases = try Self.cases(text)
        #expect(cases.count == text.split(separator: "\n").count { $0.contains("name: ") })
        #expect(cases.count == 16)
        var passed = 0
        for item in cases {
            let isRight =
                try item.name == "transport-message test" ? messages(item) : handshake(item)
            #expect(isRight, "\(item.name)")
            passed += isRight ? 1 : 0
        }
        Self.file.record(cases: 16, run: cases.count, passed: passed)
    }

    func handshake(_ item: Case) throws -> Bool {
        let local = try PrivateKey(try #require(item.values["ls.priv"]))
        let ephemeral = try PrivateKey(try #require(item.values["e.priv"]))
        var outputs: [[UInt8]] = []
        var handshake: TransportHandshake
        if let remote = item.values["rs.pub"], item.name.contains("initiator") {
            let start = TransportHandshake.initiate(
                local: local, remote: try PublicKey(remote), ephemeral: ephemeral)
            handshake = start.handshake
            outputs.append(start.output)
        } else {
            handshake = .respond(local: local, ephemeral: ephemeral)
        }
        var failure: TransportError?
        for step in item.steps {
            if step.isInput {
                do throws(TransportError) {
                    let output = try handshake.receive(try! Self.hex(step.text))
                    if !output.isEmpty { outputs.append(output) }
                } catch {
                    failure = error
                }
            } else if step.text.hasPrefix("ERROR") {
                let name = step.text.drop { $0 != "(" }.dropFirst().dropLast()
                let expected = try Self.error(String(name))
                return failure == expected && !handshake.isFinished
            } else if step.text.contains(",") {
                return try failure == nil && keys(handshake, step.text)
            } else {
                guard try outputs.removeFirst() == Self.hex(step.text) else { return false }
            }
        }
        return false
    }

    /// Whether a finished handshake encrypts like the two keys of the text.
    func keys(_ handshake: TransportHandshake, _ text: String) throws -> Bool {
        guard var transport = handshake.establish() else { return false }
        var output: [UInt8] = []
        transport.sender.append(Array("hello".utf8), to: &output)
        // The initiator's first message stands in the text's message test; the responder must read it.
        let first =
            "cf2b30ddf0cf3f80e7c35a6e6730b59fe802473180f396d88a8fb0db8cbcf25d2f214cf9ea1d95"
        if text.hasPrefix("sk,rk=0x969ab31b") { return Hex.encode(output) == first }
        guard text.hasPrefix("rk,sk=0x969ab31b") else { return false }
        transport.receiver.append(try Hex.decode(first))
        return try transport.receiver.next() == Array("hello".utf8)
    }

    /// The 1,002 messages of which the text shows six; a responder reads all of them.
    func messages(_ item: Case) throws -> Bool {
        let (initiator, responder) = try Self.connect()
        guard var sending = initiator.establish(), var receiving = responder.establish() else {
            return false
        }
        var expected = Dictionary(
            uniqueKeysWithValues: zip([0, 1, 500, 501, 1000, 1001], item.steps.map(\.text)))
        for index in 0...1001 {
            var output: [UInt8] = []
            sending.sender.append(Array("hello".utf8), to: &output)
            if let text = expected.removeValue(forKey: index) {
                guard output == (try Self.hex(text)) else { return false }
            }
            receiving.receiver.append(output)
            guard try receiving.receiver.next() == Array("hello".utf8) else { return false }
        }
        return expected.isEmpty && item.steps.count == 6
    }

    /// The two sides of the text's successful handshake.
    static func connect() throws -> (TransportHandshake, TransportHandshake) {
        func key(_ byte: UInt8) throws -> PrivateKey {
            try PrivateKey([UInt8](repeating: byte, count: 32))
        }
        var responder = TransportHandshake.respond(local: try key(0x21), ephemeral: try key(0x22))
        var (initiator, actOne) = TransportHandshake.initiate(
            local: try key(0x11), remote: try key(0x21).publicKey, ephemeral: try key(0x12))
        let actThree = try initiator.receive(responder.receive(actOne))
        #expect(try responder.receive(actThree).isEmpty)
        return (initiator, responder)
    }
}
