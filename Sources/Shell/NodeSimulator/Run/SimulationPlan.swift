import LightningChannel

/// What a seed makes of a run: how large the network is, what goes wrong and how often.
package struct SimulationPlan: Sendable {
    /// The number that decides everything.
    package let seed: UInt64
    /// How many nodes there are, from 3 to 8.
    package var nodeCount: Int
    /// How many of them do not keep to the rules.
    package var adversaryCount: Int
    /// What keeps the nodes' records, by node.
    package var disks: [NodeDisk.Kind]
    /// How many blocks come while faults happen and payments are made.
    package var activeBlocks: Int
    /// The mean time between blocks, in milliseconds.
    package var blockInterval: UInt64
    /// The time that a message takes at least and at most, in milliseconds.
    package var latency: ClosedRange<Int>
    /// The mean time between two tasks of the workload, in milliseconds.
    package var workloadInterval: UInt64
    /// The mean time between two misdeeds of a dishonest node, in milliseconds.
    package var mischiefInterval: UInt64
    /// The faults, each with the mean time from one to the next in milliseconds.
    package var faults: [FaultKind: UInt64]
    /// Whether fee rates jump.
    package var hasRestlessMarket: Bool
    /// How many of a hundred payments look for their routes themselves.
    package var searchedPayments = 0
    /// How long what is to be signed waits for company; nil where nothing waits.
    package var patience: SigningPatience?
    /// How many lines of the trace are kept in words.
    package var traceLines = 0
    /// What is spoilt on purpose, to see a checker notice.
    package var doctoring: Doctoring?

    /// The plan of a seed, with all faults on.
    package init(seed: UInt64) {
        var random = SimulationRandom(seed: seed)
        self.seed = seed
        nodeCount = random.number(in: 3...8)
        adversaryCount = random.chance(60) ? random.number(in: 1...2) : 0
        let sqliteShare = random.chance(30) ? 50 : 0
        disks = []
        for _ in 0..<nodeCount { disks.append(random.chance(sqliteShare) ? .sqlite : .memory) }
        activeBlocks = random.number(in: 40...120)
        blockInterval = UInt64(random.magnitude(in: 10_000...60_000))
        let duration = blockInterval * UInt64(activeBlocks)
        let fastest = random.number(in: 1...60)
        latency = fastest...(fastest + random.magnitude(in: 10...2_000))
        workloadInterval = duration / UInt64(random.magnitude(in: 30...240))
        mischiefInterval = blockInterval * UInt64(random.number(in: 4...30))
        faults = [:]
        // Each fault is on in most runs, so that some runs show what the others do alone.
        for kind in FaultKind.allCases where random.chance(75) {
            faults[kind] = duration / UInt64(random.magnitude(in: 1...16))
        }
        hasRestlessMarket = random.chance(70)
        if seed % 3 == 0 {
            // Messages take longer here than between real nodes, and there are fewer HTLCs.
            var patience = SigningPatience()
            patience.fewest = 1
            patience.shortest = 4 * UInt64(latency.upperBound)
            patience.longest = 8 * UInt64(latency.upperBound)
            self.patience = patience
        }
    }
}

/// Something that goes wrong by itself.
package enum FaultKind: UInt8, CaseIterable, Sendable {
    /// A node's process ends between two batches.
    case crash
    /// It ends somewhere between the first write of a commit and the last effect.
    case crashInBatch
    /// It ends with the machine's power, in the middle of a commit.
    case powerFailure
    /// A disk has no space for a while.
    case diskFull
    /// A write fails.
    case diskFailure
    /// A connection is lost.
    case connectionLoss
    /// Two nodes cannot reach each other for a while; what they send goes nowhere.
    case partition
    /// The chain is reorganised by 1 to 20 blocks.
    case reorganisation
    /// A node's backend does not answer for a while.
    case backendOutage
}
