import LightningNode
import Testing

/// A piece of channels' lives, as a test that any chain can run.
struct ChannelScenario: CustomTestStringConvertible, Sendable {
    let name: String
    private let policies: [NodePolicy]
    private let play: @Sendable (inout Stage) throws -> Void

    /// A scenario with nodes of these policies.
    init(
        _ name: String, _ policies: [NodePolicy] = [NodePolicy(), NodePolicy()],
        _ play: @escaping @Sendable (inout Stage) throws -> Void
    ) {
        self.name = name
        self.policies = policies
        self.play = play
    }

    var testDescription: String { name }

    /// Lets it take place in a world.
    func run(in world: inout World) throws {
        var stage = try Stage(policies, in: &world)
        try play(&stage)
        stage.leave(&world)
    }

    static let all =
        agreements + forceCloses + cheating + reorganisations + fundings
        + zeroConfirmations
}
