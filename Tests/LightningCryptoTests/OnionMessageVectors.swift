import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// A message over a relay to a blinded path.
@Suite("Onion messages of BOLT 4") struct OnionMessageVectors {
    static let file = VectorFile("bolt/bolt04-blinded-onion-message-onion-test.json")

    @Test(
        "path and packet are the specification's, and all nodes read and forward them",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let json = try Self.file.json()
        let generate = try #require(json["generate"])
        let hops = try generate.list("hops")
        let keys = try #require(json["decrypt"]).list("hops").map {
            try PrivateKey($0.hex("privkey"))
        }
        let data = try hops.map { try RecipientData(decoding: $0.hex("encrypted_data_tlv")) }
        let nodes = zip(keys, data).map { PathNode(key: $0.publicKey, data: $1) }
        let path = try BlindedPath.create(
            Array(nodes[1...]), sessionKey: PrivateKey(hops[1].hex("path_key_secret")))
        let route = try #require(json["route"]).list("hops")
        var passed = 0
        for (hop, own) in zip(route.dropFirst(), path.hops) {
            let isRight =
                try own.blindedNodeID == Point(hop.hex("blinded_node_id"))
                && own.encryptedRecipientData == hop.hex("encrypted_recipient_data")
            #expect(isRight)
            passed += isRight ? 1 : 0
        }
        var content = OnionMessagePayload()
        let text = try #require(json["onionmessage"])
        content.unknownRecords = [TLVRecord(type: 1, value: try text.hex("unknown_tag_1"))]
        let message = try OnionMessage.create(
            content, along: path, introduction: keys[1].publicKey, relays: [keys[0].publicKey],
            sessionKey: PrivateKey(generate.hex("session_key")),
            pathSessionKey: PrivateKey(hops[0].hex("path_key_secret")))
        let isBuilt = try message.packet == text.hex("onion_message_packet")
        #expect(isBuilt)
        #expect(try message.pathKey == Point(json["route"]?.hex("first_path_key") ?? []))
        passed += isBuilt ? 1 : 0
        passed += try Self.follow(json, keys: keys, message, content)
        Self.file.record(cases: 8, run: path.hops.count + 1 + keys.count, passed: passed)
        #expect(keys.count == 4)
    }

    /// Hands the message from node to node; answers how many did as they should.
    static func follow(
        _ json: JSONValue, keys: [PrivateKey], _ first: OnionMessage,
        _ content: OnionMessagePayload
    ) throws -> Int {
        var message = first
        var passed = 0
        for (index, hop) in try #require(json["decrypt"]).list("hops").enumerated() {
            #expect(try message.encoded == hop.hex("onion_message"))
            switch try message.open(with: keys[index]) {
            case .forward(let next, let peer):
                let isRight = try peer == .node(NodeID(Point(hop.hex("next_node_id"))))
                #expect(isRight)
                passed += isRight ? 1 : 0
                message = next
            case .receive(let payload, let pathID):
                let isRight =
                    index == 3 && payload.unknownRecords == content.unknownRecords
                    && pathID?.prefix(4) == [0xde, 0xad, 0xbe, 0xef]
                #expect(isRight)
                passed += isRight ? 1 : 0
            }
        }
        return passed
    }
}
