import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningOnChain
import LightningWire
@testable import NodeFixtures
import Testing

/// What the node tells of its channels to who asks.
struct ReportTests {
    @Test("balances, fee and anchors of a commitment are the channel's capacity")
    func sizes() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 200_000_000)
        #expect(try network.pay([0, 1], 50_000_000).hasSucceeded)
        #expect(try network.pay([1, 0], 20_000_000).hasSucceeded)
        for (index, paid) in [(0, (50_000_000, 20_000_000)), (1, (20_000_000, 50_000_000))] {
            let details = try #require(try network.channel(index, id).details)
            let size = details.size
            let sum = size.local + size.remote + MilliSatoshi(size.fee + Satoshi(660))
            #expect(sum == MilliSatoshi(1_000_000_000))
            #expect(size.weight == Weight(1_124))
            #expect(details.paid.local == MilliSatoshi(UInt64(paid.0)))
            #expect(details.paid.remote == MilliSatoshi(UInt64(paid.1)))
            #expect(details.name == details.position.flatMap { _ in details.anyName })
        }
        try network.restart(0)
        #expect(
            try network.channel(0, id).details?.paid
                == Balances(local: MilliSatoshi(50_000_000), remote: MilliSatoshi(20_000_000)))
    }

    @Test("a close by force names both commitments, then what waits, then what was taken")
    func forceClose() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000, pushed: 200_000_000)
        try network.disconnect(0, 1)
        guard
            case .closingAlone(let commitment) = try network.ask(0, .channel(.forceClose(id)))
        else { throw UnexpectedReply() }
        var report = try network.channel(0, id)
        #expect(report.closing?.local.id == commitment)
        #expect(report.closing?.progress == nil)
        #expect(report.closedSoFar == nil)
        try network.mine(1)
        report = try network.channel(0, id)
        let progress = try #require(report.closing?.progress)
        #expect(progress.summary.transactionID == commitment)
        let waiting = try #require(progress.waiting.first { $0.purpose == .balance })
        #expect(waiting.earliest > progress.summary.height)
        #expect(!progress.isResolved)
        try network.mine(150)
        report = try network.channel(0, id)
        let closed = try #require(report.closedSoFar)
        #expect(closed.taken == waiting.amount)
        #expect(closed.outputs.contains { $0.purpose == .balance && $0.end == .taken })
    }

    @Test("what is kept of a closed channel reads as it was written")
    func closedRecord() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let name = try network.channel(0, id).details?.name
        _ = try network.ask(0, .channel(.forceClose(id)))
        try network.mine(300)
        guard case .channel(.resolved(let closed))? = network.nodes[0].news.last else {
            throw UnexpectedReply()
        }
        #expect(closed.name == name)
        #expect(!closed.outputs.isEmpty)
        let record = try #require(network.nodes[0].records(of: .channelClosed).first)
        #expect(try ClosedChannel(record: record.value) == closed)
    }
}
