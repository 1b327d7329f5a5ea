import LightningWallet
import TestSupport
import Testing

@Suite("Random histories") struct RandomHistoryTests {
    /// How many histories each test runs, in parts so that the machine's cores share them.
    static let seedsPerPart: UInt64 = 125

    @Test(
        "coins equal a recount of the chain, records make the same wallet, and no coin is leased twice",
        arguments: UInt64(0)..<8)
    func recount(part: UInt64) throws {
        for seed in part * Self.seedsPerPart..<(part + 1) * Self.seedsPerPart {
            do {
                var history = try RandomHistory(seed: seed)
                for _ in 0..<40 { try history.step() }
                try history.settle()
                try history.check()
                #expect(try history.test.rebuilt() == history.test.wallet, "seed \(seed)")
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
