import Bitcoin
import LightningChannel
import LightningNode
import LightningWire
import Testing

/// Channels between whole nodes.
struct ChannelTests {
    @Test("a channel opens, is mined, and is open on both sides")
    func opening() throws {
        var network = try TestNetwork(2)
        try network.fund(0)
        let id = try network.open(0, 1, 1_000_000, pushed: 100_000_000)
        for index in 0..<2 {
            let report = try network.channel(index, id)
            #expect(report.state == .normal)
            #expect(report.isConnected)
            #expect(report.funding?.amount == Satoshi(1_000_000))
        }
        let balances = try network.channel(1, id).balances
        #expect(balances?.local == MilliSatoshi(100_000_000))
    }

    @Test("a payment over one channel arrives")
    func directPayment() throws {
        var network = try TestNetwork(2)
        try network.fund(0)
        let id = try network.open(0, 1)
        let past = try network.pay([0, 1], 50_000_000)
        #expect(past.hasSucceeded)
        #expect(try network.channel(1, id).balances?.local == MilliSatoshi(50_000_000))
    }

    @Test("a payment over two channels arrives, and the node between earns its fee")
    func forwarding() throws {
        var network = try TestNetwork(3)
        try network.fund(0)
        try network.fund(1)
        let first = try network.open(0, 1)
        let second = try network.open(1, 2)
        let past = try network.pay([0, 1, 2], 50_000_000)
        #expect(past.hasSucceeded)
        #expect(past.fee == MilliSatoshi(1_050))
        #expect(try network.channel(1, first).balances?.local == MilliSatoshi(50_001_050))
        #expect(try network.channel(2, second).balances?.local == MilliSatoshi(50_000_000))
    }
}
