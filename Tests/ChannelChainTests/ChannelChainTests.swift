import TestSupport
import Testing

/// Channels on a chain, with every satoshi accounted for.
struct ChannelChainTests {
    @Test("on the embedded chain", arguments: ChannelScenario.all)
    func embedded(_ scenario: ChannelScenario) throws {
        try Self.embedded.use { try scenario.run(in: &$0) }
    }

    @Test(
        "on bitcoind",
        .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"),
        arguments: ChannelScenario.all)
    func bitcoind(_ scenario: ChannelScenario) throws {
        try Self.bitcoinds.use { try scenario.run(in: &$0) }
    }

    private static let embedded = WorldPool { try World.regtest() }
    private static let bitcoinds = WorldPool { try World.bitcoind() }

    @Test("on the embedded chain with full blocks", arguments: ChannelScenario.congestion)
    func congested(_ scenario: ChannelScenario) throws {
        var world = try World.regtest(ChannelScenario.congestedPolicy)
        try scenario.run(in: &world)
    }

    @Test(
        "on a bitcoind with full blocks",
        .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"),
        arguments: ChannelScenario.congestion)
    func congestedBitcoind(_ scenario: ChannelScenario) throws {
        var world = try World.bitcoind(ChannelScenario.congestedOptions)
        try scenario.run(in: &world)
    }
}
