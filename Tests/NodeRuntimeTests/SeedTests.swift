import Bitcoin
import LightningWire
@testable import NodeRuntime
import Synchronization
import Testing

/// First peers from DNS seeds (BOLT 10).
struct SeedTests {
    /// An answer with one record whose target names `key`, and the name of the question elsewhere by reference.
    private static func answer(_ target: [String], port: UInt16, count: UInt8 = 1) -> [UInt8] {
        func name(_ labels: [String]) -> [UInt8] {
            labels.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        }
        let question = name(["nodes", "example"]) + [0, 0, 33, 0, 1]
        // The target ends with the question's name, which stands at byte 12.
        let data =
            [0, 10, 0, 10, UInt8(port >> 8), UInt8(port & 0xff)] + name(target) + [0xc0, 12]
        let record =
            [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 0xff)]
            + data
        return [0x12, 0x34, 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0] + question + record
    }

    private static func label(_ key: PublicKey) -> String {
        var (bits, count, values) = (UInt32(0), 0, [UInt8]())
        for byte in key.compressed {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                values.append(UInt8(bits >> UInt32(count) & 31))
            }
        }
        values.append(UInt8(bits << UInt32(5 - count) & 31))
        return Bech32.encode(prefix: "ln", values: values, variant: .bech32)
    }

    private static func node(_ answer: @escaping @Sendable (String) -> [UInt8]?) throws
        -> NodeFixture
    {
        var settings = PeerSettings.local
        settings.seeds = ["nodes.example"]
        settings.askSeed = answer
        return try NodeFixture(peers: settings)
    }

    @Test("a node without peers asks a seed and tries the nodes that it names")
    func bootstrap() throws {
        let key = try PrivateKey(SystemEntropy.hash()).publicKey
        let questions = Mutex<[String]>([])
        let node = try Self.node { name in
            questions.withLock { $0.append(name) }
            return Self.answer([Self.label(key)], port: 9_735)
        }
        try eventually { questions.withLock { $0 } == ["nodes.example"] }
        node.service.stop()
        #expect(
            try SeedAnswer.nodes(in: Self.answer([Self.label(key)], port: 1_234)).map(\.text) == [
                "\(key)@\(Self.label(key)).nodes.example:1234"
            ])
    }

    @Test("a target that names no node is passed over")
    func otherTargets() throws {
        #expect(try SeedAnswer.nodes(in: Self.answer(["www"], port: 1)).isEmpty)
        #expect(try SeedAnswer.nodes(in: Self.answer(["ln1qqqq"], port: 1)).isEmpty)
    }

    @Test("an answer that breaks off anywhere, or turns in circles, is refused")
    func hostile() throws {
        let key = try PrivateKey(SystemEntropy.hash()).publicKey
        let whole = Self.answer([Self.label(key)], port: 1)
        for length in 0..<whole.count {
            #expect(throws: (any Error).self) { try SeedAnswer.nodes(in: Array(whole[..<length])) }
        }
        var circle = whole
        circle.replaceSubrange(12..<14, with: [0xc0, 12])
        #expect(throws: (any Error).self) { try SeedAnswer.nodes(in: circle) }
        #expect(throws: (any Error).self) {
            try SeedAnswer.nodes(in: Self.answer([Self.label(key)], port: 1, count: 200))
        }
    }
}
