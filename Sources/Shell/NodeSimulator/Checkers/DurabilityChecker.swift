import LightningNode

/// Invariant 6: nothing is released before it is durable.
///
/// The world lets the machine's power fail right after effects were released, and compares what the disk then makes with
/// what the node had in memory when it released them. What differs was released too early.
package enum DurabilityChecker {
    /// What is wrong with what a disk makes after the power failed behind a release; nil where nothing is.
    package static func compare(
        rebuilt: LightningNode, released: LightningNode
    ) -> Violation? {
        let differences = rebuilt.differences(from: released)
        guard !differences.isEmpty else { return nil }
        return Violation(
            .durability,
            "released before it was durable: " + differences.joined(separator: ", ")
                + RecoveryChecker.details(rebuilt, released))
    }
}
