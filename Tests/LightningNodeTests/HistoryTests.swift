import LightningChannel
import LightningCommitment
@testable import LightningNode
import LightningWire
import Testing

/// The HTLCs of the past: reading and removing those that nobody has counted.
struct HistoryTests {
    private static let ids: [UInt64] = [
        0, 1, 127, 255, 256, 65_535, 65_536, 65_537, 131_071, 131_072, 16_777_215, 16_777_216,
        20_000_000,
    ]

    @Test("each HTLC below the end is in exactly one part of the keys", arguments: Party.allCases)
    func parts(offerer: Party) throws {
        let channel = try #require(ChannelKeyNumber(7))
        let prefixes = ChannelRecordKey.htlcPrefixes(of: offerer, below: 20_000_001, channel)
        for id in Self.ids {
            let key = ChannelRecordKey.htlc(HTLCKey(offerer: offerer, id: id), channel)
            #expect(prefixes.count { key.starts(with: $0) } == 1, "\(id)")
            let others = ChannelRecordKey.htlc(HTLCKey(offerer: offerer.other, id: id), channel)
            #expect(!prefixes.contains { others.starts(with: $0) })
        }
        #expect(ChannelRecordKey.htlcPrefixes(of: offerer, below: 0, channel).isEmpty)
    }

    @Test("the past of a closed channel is removed a little at a time, and a restart goes on")
    func pruning() throws {
        let channel = try #require(ChannelKeyNumber(7))
        var job = PruningJob(number: channel, local: 1_500, remote: 700)
        var removed: Set<[UInt8]> = []
        var rounds = 0
        while !job.isDone {
            let writes = job.advance()
            #expect(writes.count <= 1_000)
            #expect(writes.allSatisfy { $0.table == .channelPastHTLC && $0.value == nil })
            for write in writes { #expect(removed.insert(write.key).inserted) }
            rounds += 1
            guard let value = job.write.value else { continue }
            #expect(try PruningJob(key: job.write.key, value: value) == job)
        }
        #expect(rounds == 3)
        #expect(removed.count == 2_200)
        #expect(job.write.value == nil)
        #expect(try PruningJob(key: Array("network".utf8), value: []) == nil)
    }
}
