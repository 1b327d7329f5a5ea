import Bitcoin
import LightningWire

/// What an input or a round has changed so far.
struct PublisherChanges {
    private(set) var claims: Set<ClaimID> = []
    private(set) var publications: Set<UInt32> = []
    var step = PublisherStep()

    /// Notes that the stored part of a claim may differ from its record.
    mutating func touch(_ id: ClaimID) { claims.insert(id) }

    /// Notes that a publication may differ from its record.
    mutating func touch(_ number: UInt32) { publications.insert(number) }
}

extension Publisher {
    /// The step that makes `changes` durable.
    func finish(_ changes: PublisherChanges) -> PublisherStep {
        var step = changes.step
        step.writes = changes.claims.sorted().map(write) + changes.publications.sorted().map(write)
        return step
    }
}
