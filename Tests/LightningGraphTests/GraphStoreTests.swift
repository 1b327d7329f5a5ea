import Bitcoin
import LightningGraph
import LightningWire
import TestSupport
import Testing

struct GraphStoreTests {
    private func stored(channels: Int = 60) throws -> [UInt8] {
        var generator = SeededGenerator(seed: 11)
        let graph = try Fixture.randomGraph(nodes: 30, channels: channels, using: &generator)
        return GraphStore.encode(.init(graph: graph, savedAt: 42, key: .init(.zero)))
    }

    /// The bytes with a checksum that fits them.
    private func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(bytes.dropLast(4))
        writer.writeLittleEndian(CRC32C.checksum(Array(bytes.dropLast(4))))
        return writer.bytes
    }

    @Test("what was read and written again has the same bytes")
    func roundTrip() throws {
        let bytes = try stored()
        let contents = try GraphStore.decode(bytes)
        #expect(contents.savedAt == 42)
        #expect(GraphStore.encode(contents) == bytes)
        let empty = GraphStore.encode(.init(graph: ChannelGraph(), savedAt: 0, key: .init(.zero)))
        #expect(try GraphStore.decode(empty).graph.channelCount == 0)
    }

    @Test("terms with any limits that a message can tell are read again")
    func limits() throws {
        var graph = ChannelGraph()
        let channel = try graph.add(
            GraphChannel(
                id: ShortChannelID(1 << 40), node1: Fixture.node(1), node2: Fixture.node(2),
                capacity: Satoshi(1_000)))
        var update = ChannelUpdate()
        update.shortChannelID = ShortChannelID(1 << 40)
        update.timestamp = 1
        (update.htlcMinimum, update.htlcMaximum) = (MilliSatoshi(.max), MilliSatoshi(.max))
        graph.update(channel.direction(0), DirectionPolicy(update))
        let bytes = GraphStore.encode(.init(graph: graph, savedAt: 42, key: .init(.zero)))
        let contents = try GraphStore.decode(bytes)
        #expect(contents.graph.policy(channel.direction(0)) == graph.policy(channel.direction(0)))
        #expect(GraphStore.encode(contents) == bytes)
    }

    @Test(
        "a stored graph that is cut, longer, changed, of another kind or of a later version is refused"
    )
    func damage() throws {
        let bytes = try stored()
        for count in [0, 7, 8, 20, 47, 48, bytes.count - 1] {
            #expect(throws: GraphStoreError.self) {
                try GraphStore.decode(Array(bytes.prefix(count)))
            }
        }
        #expect(
            throws: GraphStoreError.wrongSize(expected: bytes.count, actual: bytes.count + 1)
        ) { try GraphStore.decode(bytes + [0]) }
        var other = bytes
        other[0] = 0
        #expect(throws: GraphStoreError.notAGraph) { try GraphStore.decode(other) }
        var later = bytes
        later[8] = 2
        #expect(throws: GraphStoreError.unknownVersion(2)) { try GraphStore.decode(later) }
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<100 {
            var changed = bytes
            changed[Int.random(in: 12..<bytes.count, using: &generator)] ^= 1
            #expect(throws: GraphStoreError.self) { try GraphStore.decode(changed) }
        }
    }

    @Test("counts beyond what a graph takes are refused before anything is read")
    func counts() throws {
        var bytes = try stored()
        bytes.replaceSubrange(16..<20, with: [0xff, 0xff, 0xff, 0xff])
        #expect(throws: GraphStoreError.tooLarge(count: 0xffff_ffff, limit: 1 << 20)) {
            try GraphStore.decode(sealed(bytes))
        }
    }

    @Test("a column that no graph can have is refused, though the checksum fits")
    func columns() throws {
        let bytes = try stored()
        let nodes = Int(bytes[12])
        let channels = Int(bytes[16])
        let ids = 48 + nodes * 38
        let expected: [(Int, [UInt8], String)] = [
            (48, [4], "node ids"),
            (ids, [0, 0, 0, 0, 0, 0, 0, 0], "channel ids"),
            (ids + channels * 8, [0, 0, 0, 0, 0, 0, 0, 0x80], "capacities"),
            (ids + channels * 24, [0xff, 0, 0, 0], "channel ends"),
        ]
        for (position, values, column) in expected {
            var changed = bytes
            changed.replaceSubrange(position..<position + values.count, with: values)
            #expect(throws: GraphStoreError.invalidColumn(column)) {
                try GraphStore.decode(sealed(changed))
            }
        }
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<2_000 {
            var changed = bytes
            let position = Int.random(in: 48..<bytes.count - 4, using: &generator)
            changed[position] = .random(in: 0...255, using: &generator)
            // Refused or a whole graph: searching and changing it must not trap.
            guard var graph = try? GraphStore.decode(sealed(changed)).graph else { continue }
            if let channel = graph.allChannels.first(where: { _ in true }) { graph.remove(channel) }
        }
    }

    @Test("the checksum is that of RFC 3720's examples")
    func checksum() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    }

    @Test(
        "the public network's graph takes a few megabytes", .enabled(if: MainnetGraph.graph != nil))
    func mainnet() throws {
        let graph = try #require(MainnetGraph.graph)
        let bytes = GraphStore.encode(.init(graph: graph, savedAt: 1, key: .init(.zero)))
        #expect(bytes.count < 6_000_000)
        let read = try GraphStore.decode(bytes).graph
        #expect(read.channelCount == 50_808)
        #expect(read.nodeCount == 17_324)
    }
}
