import Bitcoin
import LightningNode
import LightningWire
import NodeStorage

/// The ends and beginnings of nodes' processes.
extension Simulation {
    /// A node's process ends without notice, with the machine's power or alone.
    func crash(_ node: SimulatedNode, losingPower: Bool) {
        trace.note(
            .crash, at: now, node: node.index, [losingPower ? 1 : 0],
            losingPower ? "loses power" : "crashes")
        report.crashes += 1
        end(node)
        node.disk.crash(losingUnsynced: losingPower || random.chance(50))
        let longest = phase == .active ? plan.blockInterval * 2 : 2_000
        schedule(
            .restart(node: node.index), in: UInt64(random.magnitude(in: 10...Int(longest))))
    }

    /// A node's process starts again from what its disk has.
    func restart(_ node: SimulatedNode) {
        guard !node.isRunning else { return }
        do {
            try node.disk.open()
            if plan.doctoring == .lostRecord, node.coreAtCrash != nil, !node.hadReleased {
                try loseRecord(of: node)
            }
            let core = try node.rebuilt()
            node.core = core
            forwards.noteOffered(by: core, node: node.index)
        } catch let error as StorageError where error.mayPass {
            // A full disk: whoever looks after the process starts it again.
            trace.note(.disk, at: now, node: node.index, "does not start: \(error)")
            node.disk.close()
            return schedule(
                .restart(node: node.index), in: UInt64(random.magnitude(in: 100...10_000)))
        } catch {
            return report(Violation(.recovery, "node \(node.index) cannot start: \(error)"))
        }
        trace.note(.restart, at: now, node: node.index, "starts")
        checkRecovery(of: node)
        startTicking(node)
        schedule(.chainNews(node: node.index, life: node.life), in: 1)
        for pair in links.keys.sorted() where pair.contains(node.index) { connectSoon(pair) }
    }

    /// Takes a record from a node's disk, for the test of a checker.
    private func loseRecord(of node: SimulatedNode) throws {
        guard let store = node.disk.store,
            let record = try store.records(in: .walletTransaction).first
        else { return }
        try store.commit([RecordWrite(.walletTransaction, key: record.key, value: nil)])
    }

    /// A full disk has space again.
    func freeDisk(of node: SimulatedNode) {
        node.disk.isFull = false
        trace.note(.disk, at: now, node: node.index, "has space")
        guard node.isStalled, node.isRunning else { return }
        finishBatch(node)
        guard node.isRunning, !node.isStalled else { return }
        node.isTurnDue = true
        schedule(.turn(node: node.index, life: node.life), in: 1)
        schedule(.chainNews(node: node.index, life: node.life), in: 10)
    }
}
