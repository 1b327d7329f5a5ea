import Bitcoin
import LightningWire
import TestSupport
import Testing

/// BOLT 7's vectors of gossip queries.
@Suite("Gossip queries of BOLT 7") struct QueryVectors {
    static let file = VectorFile("bolt/bolt07-extended-queries.json")

    @Test(
        "all queries and replies decode to their values",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let cases = try #require(try Self.file.json().array)
        #expect(cases.count == 10)
        var passed = 0
        for item in cases {
            let bytes = try Hex.decode(item.text("hex"))
            let expected = try #require(item["msg"])
            let isRight = try check(Message(decoding: bytes), expected, bytes)
            #expect(isRight, "\(Hex.encode(bytes))")
            passed += isRight ? 1 : 0
        }
        Self.file.record(cases: cases.count, run: cases.count, passed: passed)
    }

    func check(_ message: Message, _ expected: JSONValue, _ bytes: [UInt8]) throws -> Bool {
        let chain = BlockHash(try Hash256(hex: expected.text("chainHash")))
        switch message {
        case .queryChannelRange(let query):
            let options = expected["tlvStream"]?["records"]?[0]?.string
            return query.chainHash == chain
                && Int64(query.firstBlock.value) == expected["firstBlockNum"]?.integer
                && Int64(query.numberOfBlocks) == expected["numberOfBlocks"]?.integer
                && query.tlvs.queryOptionFlags == (options == nil ? nil : 3)
                && query.encoded == bytes
        case .replyChannelRange(let reply):
            return try reply.chainHash == chain
                && Int64(reply.firstBlock.value) == expected["firstBlockNum"]?.integer
                && Int64(reply.numberOfBlocks) == expected["numberOfBlocks"]?.integer
                && Int64(reply.syncComplete) == expected["complete"]?.integer
                && (ids(reply.encodedShortIDs) == idTexts(expected))
                && (timestamps(reply)
                    == numbers(expected["timestamps"]?["timestamps"], "timestamp"))
                && checksums(reply) == numbers(expected["checksums"]?["checksums"], "checksum")
                && reply.encoded == bytes
        case .queryShortChannelIDs(let query):
            let flags = try query.tlvs.queryFlags?.flags().map { Int64($0.rawValue) }
            return try query.chainHash == chain
                && (ids(query.encodedShortIDs) == idTexts(expected))
                && flags
                    == expected["tlvStream"]?["records"]?[0]?["array"]?.array?.map {
                        $0.integer ?? -1
                    }
                && query.encoded == bytes
        default:
            return false
        }
    }

    func ids(_ field: [UInt8]) throws -> [String] {
        try ShortChannelIDList(decoding: field).ids.map(\.description)
    }

    func idTexts(_ expected: JSONValue) -> [String] {
        expected["shortChannelIds"]?["array"]?.array?.compactMap(\.string) ?? []
    }

    func timestamps(_ reply: ReplyChannelRange) throws -> [[Int64]] {
        try reply.tlvs.timestamps?.pairs().map { [Int64($0.node1), Int64($0.node2)] } ?? []
    }

    func checksums(_ reply: ReplyChannelRange) -> [[Int64]] {
        reply.tlvs.checksums?.map { [Int64($0.node1), Int64($0.node2)] } ?? []
    }

    func numbers(_ list: JSONValue?, _ name: String) -> [[Int64]] {
        list?.array?.map { [$0[name + "1"]?.integer ?? -1, $0[name + "2"]?.integer ?? -1] } ?? []
    }
}
