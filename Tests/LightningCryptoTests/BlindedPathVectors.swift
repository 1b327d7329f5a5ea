import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// Blinded paths: made of two that are joined, and read by each node on the way.
@Suite("Blinded paths of BOLT 4") struct BlindedPathVectors {
    static let file = VectorFile("bolt/bolt04-route-blinding-test.json")

    @Test(
        "the path is the specification's, and each node reads its part",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let json = try Self.file.json()
        let route = try #require(json["route"])
        let generated = try #require(json["generate"]).list("hops")
        var paths: [BlindedPath] = []
        var nodes: [PathNode] = []
        // A hop with a session key begins a path of its own; backwards, so that each path ends before its beginning is
        // met.
        for hop in generated.reversed() {
            let data = try RecipientData(decoding: hop.hex("encoded_tlvs"))
            #expect(try data.encoded == hop.hex("encoded_tlvs"))
            try Self.check(data, tlvs: try #require(hop["tlvs"]))
            nodes.insert(PathNode(key: try PublicKey(hop.hex("node_id")), data: data), at: 0)
            if hop["session_key"] != nil {
                let key = try PrivateKey(hop.hex("session_key"))
                paths.insert(try BlindedPath.create(nodes, sessionKey: key), at: 0)
                nodes = []
            }
        }
        #expect(paths.count == 2)
        let joined = BlindedPath(
            firstNode: paths[0].firstNode, firstPathKey: paths[0].firstPathKey,
            hops: paths.flatMap(\.hops))
        let expected = BlindedPath(
            firstNode: .nodeID(NodeID(try Point(route.hex("first_node_id")))),
            firstPathKey: try Point(route.hex("first_path_key")),
            hops: try route.list("hops").map {
                BlindedHop(
                    blindedNodeID: try Point($0.hex("blinded_node_id")),
                    encryptedRecipientData: try $0.hex("encrypted_data"))
            })
        #expect(joined == expected)
        let read = try Self.unblind(json, path: expected)
        Self.file.record(
            cases: 5, run: 1 + expected.hops.count, passed: (joined == expected ? 1 : 0) + read)
        #expect(expected.hops.count == 4)
    }

    /// How many nodes read what they should.
    static func unblind(_ json: JSONValue, path: BlindedPath) throws -> Int {
        var passed = 0
        for (hop, part) in zip(try #require(json["unblind"]).list("hops"), path.hops) {
            let key = try PrivateKey(hop.hex("node_privkey"))
            let secret = try PathSecret(pathKey: Point(hop.hex("path_key")), key: key)
            let data = try secret.decrypt(part.encryptedRecipientData)
            var plain = data
            plain.nextPathKeyOverride = nil
            let isRight =
                try data.encoded == hop.hex("decrypted_data")
                && key.multiplying(by: secret.keyFactor)
                    == PrivateKey(hop.hex("blinded_privkey"))
                && secret.nextPathKey(after: plain) == Point(hop.hex("next_path_key"))
            #expect(isRight)
            if hop["next_path_key_override"] != nil {
                #expect(
                    try secret.nextPathKey(after: data)
                        == Point(hop.hex("next_path_key_override")))
            }
            passed += isRight ? 1 : 0
        }
        return passed
    }

    /// Compares the fields with what the file says in words.
    static func check(_ data: RecipientData, tlvs: JSONValue) throws {
        #expect(try data.padding == tlvs["padding"]?.string.map { try Hex.decode($0) })
        #expect(data.shortChannelID?.description == tlvs["short_channel_id"]?.string)
        #expect(try data.pathID == tlvs["path_id"]?.string.map { try Hex.decode($0) })
        let relay = tlvs["payment_relay"]
        #expect(
            data.paymentRelay.map { Int64($0.cltvExpiryDelta) }
                == relay?["cltv_expiry_delta"]?.integer)
        #expect(
            data.paymentRelay.map { Int64($0.feeProportionalMillionths) }
                == relay?["fee_proportional_millionths"]?.integer)
        #expect(
            data.paymentRelay.map { Int64($0.feeBase) }
                == relay.map { $0["fee_base_msat"]?.integer ?? 0 })
        let constraints = tlvs["payment_constraints"]
        #expect(
            data.paymentConstraints.map { Int64($0.maxCltvExpiry.value) }
                == constraints?["max_cltv_expiry"]?.integer)
        #expect(
            data.paymentConstraints.map { Int64($0.htlcMinimum.value) }
                == constraints?["htlc_minimum_msat"]?.integer)
        let features = tlvs["allowed_features"]?["features"]?.array?.compactMap(\.integer)
        #expect(data.allowedFeatures.map { $0.bits.map { Int64($0) } } == features)
    }
}
