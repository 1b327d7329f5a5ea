import Bitcoin
import Testing

@testable import NodeRuntime

@Suite("watching the mempool") struct MempoolWatchTests {
    private let ids = (UInt8(0)..<3).map { TransactionID(SHA256.hash([$0])) }
    private let tip = BlockHash(SHA256.hash([1]))

    @Test("what the mempool does not hold is lost only where the wallet knows all blocks")
    func lost() {
        let (waiting, present) = (Set(ids), Set(ids.prefix(1)))
        #expect(
            MempoolWatch.lost(of: waiting, present: present, walletTip: tip, chainTip: tip)
                == ids.dropFirst().sorted())
        // A block that came meanwhile may hold them.
        let newer = BlockHash(SHA256.hash([2]))
        #expect(
            MempoolWatch.lost(of: waiting, present: present, walletTip: tip, chainTip: newer)
                .isEmpty)
        #expect(
            MempoolWatch.lost(of: waiting, present: present, walletTip: nil, chainTip: newer)
                .isEmpty)
    }
}
