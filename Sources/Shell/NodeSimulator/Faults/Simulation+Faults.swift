import Bitcoin

/// What goes wrong by itself.
extension Simulation {
    /// Lets a fault of that kind happen somewhere, and the next one later.
    func happen(_ kind: FaultKind) {
        guard phase == .active else { return }
        if let mean = plan.faults[kind] { schedule(.fault(kind), in: around(mean)) }
        switch kind {
        case .crash:
            guard let node = runningNode() else { return }
            // Between two batches the disk has all of the node.
            node.coreAtCrash = node.core
            node.hadReleased = false
            crash(node, losingPower: random.chance(50))
        case .crashInBatch:
            runningNode()?.nextCrash = SimulatedNode.CrashPoint.allCases.randomElement(
                using: &random)
        case .powerFailure: runningNode()?.nextCrash = .duringCommit
        case .diskFull: fillDisk()
        case .diskFailure: runningNode()?.disk.failSoon(&random)
        case .connectionLoss:
            if let pair = random.element(of: links.keys.sorted()) { breakConnection(pair) }
        case .partition: partition()
        case .reorganisation: reorganise()
        case .backendOutage: loseBackend()
        }
    }

    private func runningNode() -> SimulatedNode? {
        random.element(of: nodes.filter { $0.isRunning && !$0.isStalled && !$0.isOutlaw })
    }

    /// Some time, up to that many blocks.
    private func stretch(blocks: Int) -> UInt64 {
        UInt64(random.magnitude(in: 100...max(200, Int(plan.blockInterval) * blocks)))
    }

    private func fillDisk() {
        guard let node = runningNode(), !node.disk.isFull else { return }
        node.disk.isFull = true
        trace.note(.disk, at: now, node: node.index, "is full")
        schedule(.diskFreed(node: node.index), in: stretch(blocks: 3))
    }

    private func partition() {
        guard let pair = random.element(of: links.keys.sorted()),
            links[pair]?.isPartitioned == false
        else { return }
        links[pair]?.isPartitioned = true
        trace.note(.link, at: now, [UInt8(pair.low), UInt8(pair.high)], "\(pair) is cut off")
        schedule(.healed(pair), in: stretch(blocks: 6))
    }

    private func reorganise() {
        let depth = random.magnitude(in: 1...20)
        guard world.height.value >= WorldChain.firstHeight + UInt32(depth) + 2 else { return }
        do {
            try world.reorganise(depth: depth, now: now)
        } catch {
            return report(Violation(.validity, "a block of a branch is refused: \(error)"))
        }
        report.reorganisations += 1
        trace.note(
            .reorganisation, at: now, world.chain.tip.hash.hash.bytes,
            "\(depth) blocks are replaced")
        noteChain()
    }

    private func loseBackend() {
        guard let node = runningNode() else { return }
        node.isBackendOut = true
        node.workingSince = nil
        trace.note(.disk, at: now, node: node.index, "loses its backend")
        // The worker that follows the chain notices when it next asks.
        schedule(
            .chainNews(node: node.index, life: node.life), in: UInt64(random.number(in: 1...10_000))
        )
        schedule(.backendBack(node: node.index), in: stretch(blocks: 3))
    }

    /// Ends every fault: what is cut heals, what is full is freed, who is down starts.
    func endFaults() {
        for pair in links.keys.sorted() {
            heal(pair)
            if links[pair]?.openEnds.isEmpty == true { connectSoon(pair) }
        }
        for node in nodes {
            node.nextCrash = nil
            node.silentUntil = nil
            if node.disk.isFull { freeDisk(of: node) }
            restoreBackend(of: node)
        }
        world.market.isRestless = false
    }
}
