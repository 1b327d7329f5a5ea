import Bitcoin
import LightningCrypto
import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// Terms for forwarding that are changed at run time.
struct ForwardingPolicyTests {
    /// A change of the base fee alone.
    private func change(feeBase: UInt32) -> ForwardingPolicyChange {
        var change = ForwardingPolicyChange()
        change.feeBase = feeBase
        return change
    }

    @Test(
        "new terms of a channel are told, kept, and asked for once the old ones have had their time"
    )
    func change() throws {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1)
        let id = try network.open(1, 2)
        let before = try #require(network.nodes[1].gossip.updates.last)
        _ = try network.ask(1, .channel(.setPolicy(.channel(id), change(feeBase: 5_000))))
        let after = try #require(network.nodes[1].gossip.updates.last)
        #expect(after.feeBase == 5_000)
        #expect(after.timestamp > before.timestamp)
        #expect(try network.channel(1, id).policy.relay.feeBase == 5_000)
        #expect(try network.channel(2, id).peerTerms == after)
        try network.restart(1)
        #expect(try network.channel(1, id).policy.relay.feeBase == 5_000)
        // BOLT 7: "SHOULD keep accepting the previous channel parameters for 10 minutes".
        #expect(try network.pay([0, 1, 2], 50_000_000).hasSucceeded)
        network.now += 601
        #expect(try !network.pay([0, 1, 2], 50_000_000).hasSucceeded)
    }

    @Test("terms for all channels hold for the ones that come later too")
    func all() throws {
        var network = try TestNetwork.funded(3)
        let first = try network.open(1, 0)
        _ = try network.ask(1, .channel(.setPolicy(.channel(first), change(feeBase: 7))))
        var common = ForwardingPolicyChange()
        common.feeProportionalMillionths = 77
        _ = try network.ask(1, .channel(.setPolicy(.all, common)))
        try network.restart(1)
        let second = try network.open(1, 2)
        let policies = try [first, second].map { try network.channel(1, $0).policy.relay }
        #expect(policies.map(\.feeProportionalMillionths) == [77, 77])
        // What was said of one channel alone stays.
        #expect(policies.map(\.feeBase) == [7, 1_000])
    }

    @Test("a channel is opened with terms of its own, and not with such as cannot be")
    func opening() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1) { $0.policy = change(feeBase: 42) }
        #expect(network.nodes[0].gossip.updates.last?.feeBase == 42)
        #expect(try network.channel(0, id).policy.relay.feeProportionalMillionths == 1)
        #expect(try network.channel(1, id).policy.relay.feeBase == 1_000)
        var opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        opening.policy = ForwardingPolicyChange()
        opening.policy?.cltvExpiryDelta = 1
        #expect(throws: NodeFailure.channel(.policy(.deltaTooSmall(1, least: 18)))) {
            try network.ask(0, .channel(.open([opening], feerate: nil)))
        }
    }

    @Test("a channel that is disabled forwards nothing from then on")
    func disable() throws {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1)
        let id = try network.open(1, 2)
        var off = ForwardingPolicyChange()
        off.isEnabled = false
        _ = try network.ask(1, .channel(.setPolicy(.channel(id), off)))
        #expect(network.nodes[1].gossip.updates.last.map { $0.channelFlags & 2 } == 2)
        #expect(try !network.pay([0, 1, 2], 50_000_000).hasSucceeded)
    }

    @Test("an inbound fee is asked for, and told in the record that others read")
    func inboundFee() throws {
        var network = try TestNetwork.funded(3)
        let first = try network.open(0, 1)
        try network.open(1, 2)
        var change = ForwardingPolicyChange()
        change.inboundFee = InboundFee(base: 2_000, proportionalMillionths: -3)
        _ = try network.ask(1, .channel(.setPolicy(.channel(first), change)))
        let update = try #require(network.nodes[1].gossip.updates.last)
        #expect(
            Hex.encode(update.extensionBytes) == "fdd90308" + "000007d0" + "fffffffd")
        network.now += 601
        #expect(try !network.pay([0, 1, 2], 50_000_000).hasSucceeded)
    }

    @Test("a least amount is told and asked for, and never above the greatest")
    func limits() throws {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1)
        let id = try network.open(1, 2)
        var change = ForwardingPolicyChange()
        change.htlcMinimum = MilliSatoshi(60_000_000)
        change.htlcMaximum = MilliSatoshi(100_000_000)
        _ = try network.ask(1, .channel(.setPolicy(.channel(id), change)))
        let update = try #require(network.nodes[1].gossip.updates.last)
        #expect(update.htlcMinimum == MilliSatoshi(60_000_000))
        #expect(update.htlcMaximum == MilliSatoshi(100_000_000))
        network.now += 601
        #expect(try !network.pay([0, 1, 2], 50_000_000).hasSucceeded)
        #expect(try network.pay([0, 1, 2], 70_000_000).hasSucceeded)
        #expect(try !network.pay([0, 1, 2], 110_000_000).hasSucceeded)
    }

    @Test("terms that cannot be are refused, and change nothing")
    func refusals() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let before = try network.channel(0, id).policy
        var short = ForwardingPolicyChange()
        short.cltvExpiryDelta = 17
        var empty = ForwardingPolicyChange()
        empty.htlcMinimum = MilliSatoshi(2)
        empty.htlcMaximum = MilliSatoshi(1)
        var large = ForwardingPolicyChange()
        large.htlcMaximum = MilliSatoshi(1_000_000_001)
        let problems: [(ForwardingPolicyChange, PolicyProblem)] = [
            (short, .deltaTooSmall(17, least: 18)),
            (empty, .maximumBelowMinimum(minimum: MilliSatoshi(2), maximum: MilliSatoshi(1))),
            (
                large,
                .maximumAboveCapacity(
                    MilliSatoshi(1_000_000_001), capacity: MilliSatoshi(1_000_000_000))
            ),
        ]
        for (change, problem) in problems {
            #expect(throws: NodeFailure.channel(.policy(problem))) {
                try network.ask(0, .channel(.setPolicy(.channel(id), change)))
            }
            #expect(try network.channel(0, id).policy == before)
        }
        let unknown = ChannelID(.zero)
        #expect(throws: NodeFailure.channel(.unknownChannel(unknown))) {
            try network.ask(0, .channel(.setPolicy(.channel(unknown), short)))
        }
    }
}
