import LightningPayment
import LightningWire
import NodeRuntime
import NodeStorage
import Testing

/// The history of what a node has forwarded, in pages and sums.
@Suite("Forwarding history")
struct ForwardingHistoryTests {
    private static let start: UInt64 = 1_700_000_000_000

    /// 3,000 HTLCs, three in each second, of which each earns one millisatoshi more than the one before.
    private static func history() throws -> ForwardingHistory {
        let store = MemoryStore()
        var position: UInt64 = 0
        var writes: [RecordWrite] = []
        for number in UInt64(0)..<3_000 {
            position = PastForward.position(time: start + number / 3 * 1_000, after: position)
            let forward = PastForward(
                position: position, incomingChannel: ShortChannelID(1),
                outgoingChannel: ShortChannelID(2),
                incomingAmount: MilliSatoshi(10_000 + number),
                outgoingAmount: MilliSatoshi(10_000))
            writes.append(forward.write)
        }
        try store.commit(writes)
        return ForwardingHistory(store)
    }

    @Test(
        "pages follow each other in both orders, and miss nothing", arguments: [1, 7, 999, 2_000])
    func pages(limit: Int) throws {
        let history = try Self.history()
        for order in [ScanOrder.ascending, .descending] {
            var query = ForwardingQuery()
            query.order = order
            query.limit = limit
            query.skip = limit == 1 ? 2_990 : 0
            var fees: [UInt64] = []
            while true {
                let page = try history.page(query)
                guard !page.isEmpty else { break }
                #expect(page.count <= limit)
                fees += page.map(\.fee.value)
                query.skip += page.count
            }
            let all = Array(UInt64(0)..<3_000)
            let expected = order == .ascending ? all : all.reversed()
            #expect(fees == Array(expected.dropFirst(limit == 1 ? 2_990 : 0)))
        }
    }

    @Test("a time takes in its first and its last millisecond")
    func times() throws {
        let history = try Self.history()
        var query = ForwardingQuery()
        query.first = Self.start + 1_000
        query.last = Self.start + 2_000
        let page = try history.page(query)
        #expect(page.map(\.fee.value) == [3, 4, 5, 6, 7, 8])
        #expect(page.first?.time == query.first && page.last?.time == query.last)
        query.last = query.first - 1
        #expect(try history.page(query).isEmpty)
    }

    @Test("sums are told from several beginnings at once")
    func sums() throws {
        let history = try Self.history()
        let sums = try history.sums(since: [Self.start + 999_000, 0, Self.start + 1_000_000])
        #expect(sums.map(\.count) == [3, 3_000, 0])
        let fees: [UInt64] = [8_994, 4_498_500, 0]
        #expect(sums.map(\.fees.value) == fees)
        #expect(sums[0].amount == MilliSatoshi(30_000))
        #expect(try history.sums(since: []).isEmpty)
    }
}
