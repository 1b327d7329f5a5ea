import LightningNode

/// Invariant 4: state rebuilt from disk equals state in memory.
package enum RecoveryChecker {
    /// What is wrong with the core that a disk makes, beside the one that wrote it; nil where nothing is.
    package static func compare(
        rebuilt: LightningNode, memory: LightningNode
    ) -> Violation? {
        let differences = rebuilt.differences(from: memory)
        guard !differences.isEmpty else { return nil }
        return Violation(
            .recovery,
            "the disk makes another " + differences.joined(separator: ", ")
                + details(rebuilt, memory))
    }

    /// Where two cores differ, for a person.
    static func details(_ rebuilt: LightningNode, _ memory: LightningNode) -> String {
        let ignored = [
            "signers", ".link", "isConnected", "keys.", "links", "fundings", "reads", "touched",
            "forwarding", "Askers", "watchers",
        ]
        let places = ValueDifference.places(rebuilt, memory, limit: 400).filter { place in
            !ignored.contains { place.contains($0) }
        }
        return places.prefix(6).map { "\n    \($0)" }.joined()
    }
}

extension Simulation {
    /// Compares the core of a node that has just started with the one that crashed.
    func checkRecovery(of node: SimulatedNode) {
        guard let before = node.coreAtCrash, let core = node.core else { return }
        node.coreAtCrash = nil
        let found =
            node.hadReleased
            ? DurabilityChecker.compare(rebuilt: core, released: before)
            : RecoveryChecker.compare(rebuilt: core, memory: before)
        guard let found else { return }
        report(
            Violation(found.invariant, "node \(node.index) after a crash: \(found.message)"))
    }

    /// Compares a running node with what its disk makes.
    func checkRebuilt(_ node: SimulatedNode) {
        guard let core = node.core, !node.isStalled, !node.isOutlaw, node.batch.isEmpty else {
            return
        }
        do {
            let rebuilt = try node.rebuilt()
            guard let found = RecoveryChecker.compare(rebuilt: rebuilt, memory: core) else {
                return
            }
            report(Violation(.recovery, "node \(node.index): \(found.message)"))
        } catch {
            report(Violation(.recovery, "node \(node.index) could not start: \(error)"))
        }
    }
}
