import Bitcoin
import LightningCommitment

/// What it takes to be mined, block by block: calm most of the time, with rushes of some blocks up to 500 sat/vB.
package struct FeeMarket: Sendable {
    /// The least rate that the next block takes, in sat/vB.
    private(set) package var rate: Int
    /// Whether rushes come.
    package var isRestless: Bool
    private var rushBlocks = 0
    private var calm: Int

    /// The highest rate of all, in sat/vB.
    package static let highest = 500

    /// A market that begins calm.
    package init(isRestless: Bool, _ random: inout SimulationRandom) {
        self.isRestless = isRestless
        calm = random.number(in: 1...12)
        rate = calm
    }

    /// Moves on by one block.
    package mutating func move(_ random: inout SimulationRandom) {
        guard isRestless else {
            rate = max(1, min(rate / 2, calm))
            return
        }
        if rushBlocks > 0 {
            rushBlocks -= 1
            if rushBlocks == 0 { rate = calm }
        } else if random.oneIn(40) {
            rushBlocks = random.number(in: 1...8)
            rate = random.magnitude(in: 20...Self.highest)
        } else {
            if random.oneIn(20) { calm = random.magnitude(in: 1...30) }
            rate = max(1, min(Self.highest, calm * random.number(in: 60...160) / 100))
        }
    }

    /// The rate as blocks and mempool count it.
    package var blockRate: FeeratePerKvB { FeeratePerKvB(Int64(rate) * 1_000) }

    /// What a full mempool asks for at least: a fraction of what the next block takes, nothing when it is calm.
    package var mempoolRate: FeeratePerKvB {
        rate <= 30 ? .zero : FeeratePerKvB(Int64(rate) * 1_000 / 8)
    }

    /// What a node's backend estimates: off by up to a third, and higher for what is urgent.
    package func estimates(_ random: inout SimulationRandom) -> FeeEstimates {
        func estimate(_ percent: Int) -> FeeratePerKw {
            let noisy = rate * percent * random.number(in: 95...125) / 10_000
            return FeeratePerKw(satoshiPerVirtualByte: UInt64(max(1, noisy))) ?? .minimumRelay
        }
        let minimum = FeeratePerKw(UInt32(max(253, mempoolRate.value / 4 + 1)))
        return FeeEstimates(
            byTarget: [1: estimate(130), 3: estimate(110), 6: estimate(100), 144: estimate(60)],
            minimum: minimum)
    }
}
