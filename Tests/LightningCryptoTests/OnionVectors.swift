import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

extension JSONValue {
    /// The bytes that a text of hexadecimal digits stands for.
    func hex(_ key: String) throws -> [UInt8] { try Hex.decode(try #require(self[key]?.string)) }

    /// The elements below `key`.
    func list(_ key: String) throws -> [JSONValue] { try #require(self[key]?.array) }
}

/// The BOLT 4 payment packet, built and peeled.
@Suite("Onions of BOLT 4") struct OnionVectors {
    static let file = VectorFile("bolt/bolt04-onion-test.json")

    @Test(
        "the packet is the specification's, and each hop finds its payload in it",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let json = try Self.file.json()
        let generate = try #require(json["generate"])
        let associatedData = try generate.hex("associated_data")
        // The payloads of the file have their lengths before them.
        let hops = try generate.list("hops").map {
            OnionHop(
                key: try PublicKey($0.hex("pubkey")),
                payload: try Self.withoutLength($0.hex("payload")))
        }
        let built = try OnionPacket.build(
            hops, sessionKey: PrivateKey(generate.hex("session_key")),
            associatedData: associatedData)
        let onion = try json.hex("onion")
        #expect(built.packet.bytes == onion)
        var packet: OnionPacket? = try OnionPacket(onion)
        var passed = built.packet.bytes == onion ? 1 : 0
        for (index, text) in try json.list("decode").enumerated() {
            let key = try PrivateKey(Hex.decode(try #require(text.string)))
            let peeled = try #require(packet).peel(with: key, associatedData: associatedData)
            let isRight =
                peeled.payload == hops[index].payload
                && peeled.sharedSecret == built.sharedSecrets[index]
            #expect(isRight)
            passed += isRight ? 1 : 0
            packet = peeled.next
        }
        #expect(packet == nil)
        // One packet to build and one payload for each of five hops.
        Self.file.record(cases: 6, run: 1 + hops.count, passed: passed)
        #expect(hops.count == 5)
    }

    static func withoutLength(_ bytes: [UInt8]) throws -> [UInt8] {
        var reader = ByteReader(bytes.span.bytes)
        let length = try reader.readBigSize()
        #expect(Int(length) == reader.remaining)
        return try reader.readRemainingBytes()
    }
}
