import Bitcoin
import LightningChannel
import LightningWire
import Testing

@Suite("Shutting a channel down")
struct ShutdownTests {
    private let script = Script([0, 20] + [UInt8](repeating: 1, count: 20))
    private let other = Script([0, 20] + [UInt8](repeating: 2, count: 20))
    private let allowed = ClosingScripts(anySegwit: true, simpleClose: true)

    private func message(_ script: Script, _ pair: TestPair) -> Shutdown {
        Shutdown(channelID: pair.opener.commitments.parameters.channelID, script: script)
    }

    @Test("HTLCs are drained, none is added, and then the close is negotiated")
    func drain() throws {
        var pair = try TestPair.withHTLCs()
        pair.opener.carryOut(try pair.opener.commitments.sendShutdown(to: script, allowed))
        pair.accepter.carryOut(
            try pair.accepter.commitments.receive(message(script, pair), allowed))
        pair.opener.wire = []
        #expect(pair.accepter.commitments.owesShutdown)
        expectRefusal(.closing, &pair.opener) { try $0.add(MilliSatoshi(1000)) }
        expectRefusal(.closing, &pair.accepter) { try $0.add(MilliSatoshi(1000)) }
        let late = Message.updateAddHTLC(
            UpdateAddHTLC(
                channelID: message(script, pair).channelID, id: 1, amount: MilliSatoshi(1000),
                paymentHash: PaymentHash(.zero), cltvExpiry: BlockHeight(500),
                onionPacket: [UInt8](repeating: 0, count: 1366)))
        expectRefusal(.closing, &pair.accepter) { try $0.receive([late]) }
        pair.accepter.carryOut(try pair.accepter.commitments.sendShutdown(to: other, allowed))
        pair.opener.carryOut(
            try pair.opener.commitments.receive(message(other, pair), allowed))
        pair.accepter.wire = []
        // Fees may still change while an HTLC is there.
        try pair.opener.fee(2600)
        try pair.accepter.fulfill(0)
        #expect(!pair.opener.commitments.canNegotiateClose)
        try pair.settle()
        #expect(pair.opener.commitments.canNegotiateClose)
        #expect(pair.accepter.commitments.canNegotiateClose)
        expectRefusal(.closing, &pair.opener) { try $0.fee(2700) }
        for name in TestPair.Name.allCases {
            #expect(try pair[name].shelf.commitments() == pair[name].disconnected)
        }
    }

    @Test("a shutdown waits for what is proposed and not signed, on either side")
    func pending() throws {
        var pair = try TestPair.open()
        try pair.opener.add(MilliSatoshi(1000))
        let (script, allowed) = (script, allowed)
        expectRefusal(.updatesPending(.local), &pair.opener) {
            _ = try $0.commitments.sendShutdown(to: script, allowed)
        }
        try pair.deliver(from: .opener)
        let hostile = message(script, pair)
        expectRefusal(.updatesPending(.remote), &pair.accepter) {
            _ = try $0.commitments.receive(hostile, allowed)
        }
        try pair.opener.sign()
        _ = try pair.opener.commitments.sendShutdown(to: script, allowed)
    }

    @Test("there is one shutdown of each side, sent again after reconnecting")
    func again() throws {
        var pair = try TestPair.open()
        let (script, other, allowed) = (script, other, allowed)
        pair.opener.carryOut(try pair.opener.commitments.sendShutdown(to: script, allowed))
        expectRefusal(.closing, &pair.opener) {
            _ = try $0.commitments.sendShutdown(to: other, allowed)
        }
        let (first, second) = (message(script, pair), message(other, pair))
        pair.accepter.carryOut(try pair.accepter.commitments.receive(first, allowed))
        try pair.opener.restart()
        try pair.reconnect()
        #expect(pair.opener.wire == [.shutdown(first)])
        #expect(try pair.accepter.commitments.receive(first, allowed) == ChannelStep())
        expectRefusal(.closing, &pair.accepter) {
            _ = try $0.commitments.receive(second, allowed)
        }
    }

    @Test("a shutdown waits until a splice is locked")
    func splice() throws {
        var terms = TestTerms()
        terms.fundings = 2
        var pair = try TestPair.open(terms)
        let (script, allowed) = (script, allowed)
        expectRefusal(.splicePending, &pair.opener) {
            _ = try $0.commitments.sendShutdown(to: script, allowed)
        }
    }

    @Test("a side that has committed itself to a script is paid there alone")
    func upfront() throws {
        var terms = TestTerms()
        terms.upfrontShutdownScript = script
        var pair = try TestPair.open(terms)
        let (other, allowed) = (other, allowed)
        let error = ChannelError.notTheUpfrontScript(expected: script, actual: other)
        expectRefusal(error, &pair.opener) {
            _ = try $0.commitments.sendShutdown(to: other, allowed)
        }
        let hostile = message(other, pair)
        expectRefusal(error, &pair.accepter) {
            _ = try $0.commitments.receive(hostile, allowed)
        }
        #expect(error.disposition(.remote) == .disconnect)
        #expect(try pair.opener.shelf.commitments() == pair.opener.disconnected)
    }

    @Test("only the listed forms of scripts are allowed, by what was negotiated")
    func forms() throws {
        func zeros(_ start: [UInt8], _ count: Int) -> Script {
            Script(start + [UInt8](repeating: 0, count: count))
        }
        let none = ClosingScripts(anySegwit: false, simpleClose: false)
        for script in [zeros([0, 20], 20), zeros([0, 32], 32)] {
            #expect(none.allow(script))
        }
        for script in [
            zeros([0x51, 32], 32), zeros([0x60, 2], 2), zeros([0x52, 40], 40),
            zeros([0x6a, 6], 6), zeros([0x6a, 75], 75), zeros([0x6a, 76, 76], 76),
            zeros([0x6a, 76, 80], 80),
        ] {
            #expect(!none.allow(script))
            #expect(allowed.allow(script))
        }
        for script in [
            zeros([0, 21], 21), zeros([0, 20], 19), zeros([0x51, 1], 1), zeros([0x51, 41], 41),
            zeros([0x6a, 5], 5), zeros([0x6a, 76, 75], 75), zeros([0x6a, 76, 81], 81),
            zeros([0x6a, 6, 1], 6), zeros([0x6a], 0), zeros([], 0), zeros([0x76, 0xa9, 20], 20),
        ] {
            #expect(!allowed.allow(script))
        }
        var pair = try TestPair.open()
        let bad = zeros([0x76, 0xa9], 20)
        let (message, allowed) = (message(bad, pair), allowed)
        expectRefusal(.closingScriptNotAllowed(bad), &pair.accepter) {
            _ = try $0.commitments.receive(message, allowed)
        }
        #expect(ChannelError.closingScriptNotAllowed(bad).disposition(.remote) == .warn)
    }
}
