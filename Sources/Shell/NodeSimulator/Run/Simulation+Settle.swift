import Bitcoin

/// How a run ends.
extension Simulation {
    /// Faults stop, and what was begun comes to its end.
    func beginSettling() {
        phase = .settling
        phaseEnd = world.height + Self.settlementLimit
        trace.note(.phase, at: now, "faults stop")
        endFaults()
    }

    /// Looks after each block whether everything has come to its end.
    func settleOn() {
        guard isSettled else {
            if world.height >= phaseEnd {
                report(
                    Violation(
                        .settlement,
                        "not settled \(Self.settlementLimit) blocks after faults stopped: "
                            + unsettled.joined(separator: "; ")))
            }
            return
        }
        phase = .done
        trace.note(.phase, at: now, "everything is settled")
    }

    /// Whether nothing waits any more.
    private var isSettled: Bool { unsettled.isEmpty }

    /// What still waits, for a person.
    private var unsettled: [String] {
        var found: [String] = []
        for node in nodes {
            guard let core = node.core else {
                found.append("node \(node.index) is down")
                continue
            }
            if core.wallet.tip?.hash != world.chain.tip.hash {
                found.append("node \(node.index) is at block \(core.wallet.nextHeight)")
            }
            let waiting = core.wallet.unconfirmedTransactions
            if !waiting.isEmpty { found.append("node \(node.index) waits for \(waiting.sorted())") }
        }
        return found
    }
}
