import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

extension Stage {
    /// Lets everything come to its end, and expects that nothing is left and that each node has exactly as much more as
    /// `gains` says, fees aside; in satoshi.
    mutating func finish(
        _ gains: [Int64], of fundings: [OutPoint], at location: SourceLocation = #_sourceLocation
    ) throws {
        for _ in 0..<60 {
            if try orderly.allSatisfy({ try network.channels($0).isEmpty }) { break }
            try network.mine(10)
        }
        for index in orderly {
            #expect(try network.channels(index).isEmpty, sourceLocation: location)
            let node = network.nodes[index].node
            #expect(node.payments.openCount == 0, sourceLocation: location)
            #expect(node.publisher.standingClaims.isEmpty, sourceLocation: location)
            #expect(node.wallet.unconfirmedTransactions.isEmpty, sourceLocation: location)
        }

        let audit = try Audit(self, fundings: Set(fundings))
        #expect(try audit.gains() == gains, sourceLocation: location)
        let left = audit.unclaimed()
        #expect(left.isSubset(of: audit.anchors), sourceLocation: location)
        #expect(audit.lostOffers().isEmpty, sourceLocation: location)
        #expect(audit.refusals().isSubset(of: refusals), sourceLocation: location)
    }

    private var orderly: [Int] {
        network.nodes.indices.filter { !cheats.contains($0) }
    }

    /// The funding output of a channel.
    func funding(of id: ChannelID, seenBy index: Int = 0) throws -> OutPoint {
        try #require(network.channel(index, id).funding).outPoint
    }
}
