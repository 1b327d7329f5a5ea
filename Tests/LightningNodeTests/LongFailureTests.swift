import Bitcoin
import LightningChannel
import LightningCommitment
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// Failures that no message can carry on.
struct LongFailureTests {
    /// A payment 0 -> 1 -> 2 that node 2 holds.
    private struct Held {
        var network: TestNetwork
        let first: ChannelID
        let request: RequestID
        let incoming: ChannelHTLC
        let number: ChannelKeyNumber

        init() throws {
            network = try TestNetwork.funded(3)
            first = try network.open(0, 1)
            try network.open(1, 2)
            let hash = PaymentPreimage(SHA256.hash([42])).paymentHash
            let invoice = try network.invoice(2, 200_000_000, lock: .hold(hash))
            request = try network.startPayment(invoice, [0, 1, 2])
            number = try #require(network.nodes[1].node.channels.number(of: first))
            incoming = try #require(
                network.nodes[1].node.channels[number]?.commitments?.received.first)
            // The step that is tried comes from nowhere, and is not durable.
            network.checksRecords = false
        }

        var hasFailed: Bool {
            guard case .payment(let past)? = try? network.nodes[0].answers[request]?.get() else {
                return false
            }
            return !past.hasSucceeded
        }
    }

    @Test(
        "a failure that is too long to be passed on still gives the HTLC back",
        arguments: [1_000, HTLCResolution.longestReason, HTLCResolution.longestReason + 1, 65_000])
    func passedOn(length: Int) throws {
        var held = try Held()
        let reason = [UInt8](repeating: 7, count: length)
        let message = UpdateFailHTLC(channelID: held.first, id: 0, reason: reason)
        let moment = held.network.moment()
        _ = held.network.nodes[1].node.noteRemoved(
            .fail(message), .forward(channel: held.number, id: held.incoming.key.id), at: moment)
        try held.network.take([.tick], at: 1)
        try held.network.settle()
        let hasFailed = held.hasFailed
        #expect(hasFailed)
        let htlcCount = try held.network.channel(0, held.first).htlcCount
        #expect(htlcCount == 0)
    }

    @Test("a failure that cannot be told as it was meant is told plainly")
    func wording() throws {
        for resolution: HTLCResolution in [
            .fail(reason: [UInt8](repeating: 7, count: 65_000)),
            .failMalformed(onionHash: .zero, failureCode: 1),
        ] {
            var held = try Held()
            let moment = held.network.moment()
            _ = held.network.nodes[1].node.resolve(
                held.incoming.key.id, of: held.number, resolution, at: moment)
            try held.network.take([.tick], at: 1)
            try held.network.settle()
            let hasFailed = held.hasFailed
            #expect(hasFailed)
        }
    }
}
