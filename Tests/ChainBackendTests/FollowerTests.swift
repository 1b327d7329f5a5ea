import Bitcoin
import ChainBackend
import Dispatch
import Glibc
import Synchronization
import Testing

/// The follower on a chain that moves, at a backend that fails.
struct FollowerTests {
    /// Scripts by which blocks of different branches differ.
    private func script(_ number: UInt64) -> Script {
        .payToWitnessScriptHash(SHA256.hash(Array("\(number)".utf8)))
    }

    @Test(
        "random reorganisations at a failing backend are followed without a gap", arguments: 0..<40)
    func randomHistory(_ seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let chain = EmbeddedChain()
        let backend = TroubledBackend(chain, seed: seed)
        backend.set { $0.failures = 15 }
        let follower = ChainFollower(backend, after: [])
        var followed: [ChainPoint] = []
        for round in 0..<30 {
            try change(chain, &generator, round)
            // Not always to the tip, so that the chain moves under what is fetched ahead.
            try follow(follower, &followed, atMost: Int.random(in: 1...20, using: &generator))
        }
        backend.set { $0.failures = 0 }
        try follow(follower, &followed, atMost: .max)
        let status = chain.status()
        #expect(followed.last == ChainPoint(height: status.height, hash: status.tip))
        #expect(followed.map(\.hash) == chain.blockHashes(from: BlockHeight(0), count: .max))
    }

    /// Mines a few blocks, or takes some away and mines as many others or more.
    private func change(
        _ chain: EmbeddedChain, _ generator: inout SplitMix, _ round: Int
    ) throws {
        let height = chain.status().height.value
        if height > 3, Int.random(in: 0..<3, using: &generator) == 0 {
            let depth = UInt32.random(in: 1...min(height, 8), using: &generator)
            let first = BlockHeight(height - depth + 1)
            if let hash = chain.blockHash(at: first) { try chain.invalidate(hash) }
        }
        try chain.mine(
            Int.random(in: 0...6, using: &generator), to: script(generator.next()))
    }

    /// Takes steps, tries again after failures, and applies the steps to a list of what was followed.
    private func follow(
        _ follower: ChainFollower, _ followed: inout [ChainPoint], atMost limit: Int
    ) throws {
        for _ in 0..<limit {
            let step: ChainStep
            do throws(ChainError) {
                guard let next = try follower.next() else { return }
                step = next
            } catch .unavailable {
                continue
            }
            switch step {
            case .disconnect(let point):
                #expect(followed.popLast() == point)
            case .connect(let block, let point):
                #expect(block.header.previousBlock == followed.last?.hash ?? BlockHash(.zero))
                #expect(
                    point
                        == ChainPoint(height: BlockHeight(UInt32(followed.count)), hash: block.hash)
                )
                followed.append(point)
            }
            #expect(follower.position == followed.last)
        }
    }

    @Test("hashes of two branches in one answer are not followed as one chain")
    func mixedHashes() throws {
        let chain = EmbeddedChain()
        let old = try chain.mine(4, to: script(0))
        try chain.invalidate(old[2])
        let new = try chain.mine(3, to: script(1))
        let backend = TroubledBackend(chain)
        let follower = ChainFollower(backend, after: [])
        let genesis = Network.regtest.genesisBlock.hash
        backend.set { $0.hashes = [genesis] + old[..<3] + new[1...] }
        var followed: [ChainPoint] = []
        try follow(follower, &followed, atMost: .max)
        #expect(followed.map(\.hash) == [genesis] + old[..<2] + new)
    }

    @Test("no more is fetched ahead than allowed")
    func boundedMemory() throws {
        let chain = EmbeddedChain()
        try chain.mine(60, to: script(0))
        let backend = TroubledBackend(chain)
        let limits = ChainFollower.Prefetch(workers: 3, waiting: Weight(1))
        let follower = ChainFollower(backend, after: [], prefetch: limits)
        for taken in 1...61 {
            #expect(try follower.next() != nil)
            usleep(2000)
            // What waits is one block, and each worker may have had one under way.
            #expect(backend.blocksGiven <= taken + 4)
        }
        #expect(try follower.next() == nil)
    }

    @Test("blocks are fetched at the same time")
    func parallel() throws {
        let chain = EmbeddedChain()
        try chain.mine(40, to: script(0))
        let backend = TroubledBackend(chain)
        backend.set { $0.delay = .milliseconds(20) }
        let follower = ChainFollower(
            backend, after: [], prefetch: .init(workers: 8, waiting: .maximumBlock))
        while try follower.next() != nil {}
        #expect(backend.mostFetching > 1)
        #expect(backend.mostFetching <= 8)
    }

    @Test("cancelling ends a step that waits, and all that follow")
    func cancel() throws {
        let chain = EmbeddedChain()
        try chain.mine(10, to: script(0))
        let backend = TroubledBackend(chain)
        backend.set { $0.delay = .seconds(30) }
        let follower = ChainFollower(backend, after: [])
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) {
            follower.cancel()
        }
        let start = ContinuousClock.now
        #expect(try follower.next() == nil)
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try follower.next() == nil)
        #expect(follower.isCancelled)
    }

    @Test(
        "a backend that lost its blocks is waited for, and nothing is undone",
        arguments: [true, false])
    func catchingUp(isInitialDownload: Bool) throws {
        let chain = EmbeddedChain()
        let mined = try chain.mine(20, to: script(0))
        let backend = TroubledBackend(chain)
        let follower = ChainFollower(backend, after: [])
        while try follower.next() != nil {}
        backend.set {
            $0.ceiling = BlockHeight(12)
            $0.isInitialDownload = isInitialDownload
        }
        if isInitialDownload {
            #expect(
                throws: ChainError.warmingUp(reason: "it is at height 12 and was at 20 before")
            ) { try follower.next() }
            #expect(follower.position?.hash == mined[19])
        } else {
            // It says that this is all there is: its operator took the blocks back.
            #expect(
                try follower.next()
                    == .disconnect(ChainPoint(height: BlockHeight(20), hash: mined[19])))
        }
        backend.set { $0 = TroubledBackend.Trouble() }
        while try follower.next() != nil {}
        #expect(follower.position?.hash == mined[19])
    }

    @Test("running tells each outage once, and goes on where it was")
    func runs() throws {
        let chain = EmbeddedChain()
        let first = try chain.mine(5, to: script(0))
        let backend = TroubledBackend(chain)
        let follower = ChainFollower(backend, after: [])
        let reports = ReportLog()
        reports.run(follower)
        let genesis = Network.regtest.genesisBlock.hash
        try eventually("the tip") { reports.last == .caughtUp(follower.position) }
        #expect(reports.connected == [genesis] + first)

        backend.set { $0.failures = 100 }
        let second = try chain.mine(2, to: script(1))
        try eventually("the outage") { reports.isAway }
        try chain.mine(1, to: script(1))
        try chain.mine(1, to: script(1))
        usleep(50_000)
        backend.set { $0.failures = 0 }
        try eventually("the tip again") {
            reports.last
                == .caughtUp(ChainPoint(height: BlockHeight(9), hash: chain.status().tip))
        }
        #expect(reports.connected.dropFirst(6).prefix(2) == second[...])
        let outages = reports.all.filter {
            if case .away = $0 { true } else { false }
        }
        #expect(outages.count == 1)
        follower.cancel()
        try eventually("the end") { reports.hasEnded }
    }

    @Test("a time leads to the first block that may be as late", arguments: 0..<20)
    func birthday(_ seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let genesis = Network.regtest.genesisBlock.header.time
        let clock = Mutex<UInt32>(genesis + 600)
        let chain = EmbeddedChain(clock: { clock.withLock { $0 } })
        for _ in 0..<60 {
            clock.withLock { $0 += UInt32.random(in: 1...1200, using: &generator) }
            try chain.mine(1, to: script(generator.next()))
        }
        let times = try chain.blockHashes(from: BlockHeight(0), count: .max).map {
            try #require(chain.header(of: $0)).header.time
        }
        for _ in 0..<50 {
            let time = UInt32.random(in: genesis...(times[60] + 20_000), using: &generator)
            let start = try chain.start(atTime: time)
            let first = start.map { Int($0.height.value) + 1 } ?? 0
            // All before are more than two hours older, and the first is not.
            #expect(times[..<first].allSatisfy { $0 < time - 7200 })
            #expect(first == times.count || times[first] >= time - 7200)
        }
    }
}
