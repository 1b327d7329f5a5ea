import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

/// Additions that wait for company, so that HTLCs which are about to be removed are not signed again for nothing.
struct HoldTests {
    /// A channel over which the accepter has just fulfilled a wave of HTLCs as soon as it could.
    private var pair: ChannelPair
    private var now: UInt64 = 1_700_000_000_000
    /// The preimage of the next HTLC.
    private var next: UInt64 = 0

    /// What has no output in any commitment, and what has.
    private static let (small, large) = (MilliSatoshi(100_000), MilliSatoshi(10_000_000))

    init() throws {
        pair = try ChannelPair.ready()
        try pair.settle()
        tick(0)
        try commitWave(8)
        try fulfillAll()
        try pair.settle()
    }

    /// Lets time pass, in milliseconds.
    private mutating func tick(_ time: UInt64) {
        now += time
        for name in TestPair.Name.allCases {
            pair[name].context.clock = SigningClock(now: now, patience: SigningPatience())
        }
    }

    private mutating func add(_ count: Int, _ amount: MilliSatoshi = large) throws {
        for _ in 0..<count {
            try pair.opener.perform(.offer(TestPair.offer(amount, TestPair.preimage(next))))
            next += 1
        }
    }

    /// Adds HTLCs and lets both sides commit to them, up to the moment when the accepter can act on them.
    private mutating func commitWave(_ count: Int, _ amount: MilliSatoshi = large) throws {
        try add(count, amount)
        pair.opener.receive(.flush)
        try pair.deliverAll()
        pair.accepter.receive(.flush)
        try pair.deliverAll()
        #expect(open.count >= count)
    }

    /// The HTLCs that the accepter can act on.
    private var open: [ChannelHTLC] {
        pair.accepter.channel?.commitments?.received.filter(\.isOpen) ?? []
    }

    private mutating func fulfillAll() throws {
        for htlc in open {
            try pair.accepter.perform(
                .resolve(id: htlc.key.id, .fulfill(TestPair.preimage(htlc.key.id))))
        }
    }

    /// How many HTLCs the opener signs when its batch ends now; nil where it does not sign.
    private mutating func signed() -> Int? {
        pair.opener.receive(.flush)
        for case .commitmentSigned(let message) in pair.opener.wire {
            return message.htlcSignatures.count
        }
        return nil
    }

    private var holdEnd: UInt64? { pair.opener.channel?.holdEnd }

    @Test("additions go out with the removal of the HTLCs before them, which are not signed again")
    mutating func company() throws {
        try commitWave(8)
        try add(5)
        #expect(signed() == nil)
        #expect(holdEnd == now + 5 + 8 / 3)
        tick(3)
        try add(2)
        #expect(signed() == nil)
        #expect(holdEnd == now - 3 + 5 + 8 / 3)
        try pair.deliverAll()
        try fulfillAll()
        pair.accepter.receive(.flush)
        try pair.deliverAll()
        #expect(signed() == 7)
        #expect(holdEnd == nil)
        try pair.settle()
        #expect(open.count == 7)
    }

    @Test("additions wait for milliseconds at most, and not again before the peer is quick again")
    mutating func bound() throws {
        try commitWave(8)
        try add(5)
        #expect(signed() == nil)
        tick(6)
        #expect(signed() == nil)
        tick(1)
        #expect(signed() == 13)
        #expect(holdEnd == nil)
        try pair.settle()
        try commitWave(8)
        try add(5)
        #expect(signed() == 26)
        try pair.settle()

        // The first ones have waited too long to count; the last ones come at once.
        try fulfillAll()
        try pair.settle()
        try commitWave(8)
        try add(5)
        #expect(signed() == nil)
    }

    @Test("a peer that takes its time, as one who forwards does, is not waited for")
    mutating func slowPeer() throws {
        try commitWave(8)
        tick(8)
        try fulfillAll()
        try pair.settle()
        try commitWave(8)
        try add(5)
        #expect(signed() == 13)
    }

    @Test("HTLCs that are held do not count, nor few, nor such as have no output")
    mutating func notWorthIt() throws {
        try commitWave(5)
        try add(5)
        #expect(signed() == 10)
        try pair.settle()
        try fulfillAll()
        try pair.settle()

        try commitWave(20, Self.small)
        try add(5)
        #expect(signed() == 5)
        try pair.settle()
        try fulfillAll()
        try pair.settle()

        // More than three times as many are new.
        try commitWave(6)
        try add(19)
        #expect(signed() == 25)
    }

    @Test("what removes HTLCs or changes the fee does not wait, and takes additions with it")
    mutating func urgent() throws {
        // The accepter offers one of its own, and the opener fulfils it while its additions wait.
        let preimage = TestPair.preimage(1_000)
        try commitWave(30)
        try fulfillAll()
        try pair.settle()
        try pair.accepter.perform(.offer(TestPair.offer(Self.large, preimage)))
        try pair.settle()
        try commitWave(8)
        try add(5)
        #expect(signed() == nil)
        try pair.opener.perform(.resolve(id: 0, .fulfill(preimage)))
        #expect(signed() == 13)
    }

    @Test("what the peer has fulfilled is signed with the next payment, or five milliseconds later")
    mutating func fulfilled() throws {
        for hasCompany in [true, false] {
            try commitWave(1)
            try fulfillAll()
            pair.accepter.receive(.flush)
            try pair.deliverAll()
            #expect(signed() == nil)
            #expect(holdEnd == now + 5)
            if hasCompany {
                try add(1)
                #expect(signed() == 1)
            } else {
                tick(4)
                #expect(signed() == nil)
                tick(1)
                #expect(signed() == 0)
            }
            #expect(holdEnd == nil)
            tick(5)
            try pair.settle()
            try fulfillAll()
            tick(5)
            try pair.settle()
        }
        #expect(pair.accepter.channel?.commitments?.received.isEmpty == true)
    }

    @Test("a failure, and the last HTLC of a channel that closes, are signed at once")
    mutating func failedOrClosing() throws {
        tick(5)
        try pair.settle()
        try commitWave(2)
        for htlc in open {
            try pair.accepter.perform(.resolve(id: htlc.key.id, .fail(reason: [1, 2, 3])))
        }
        pair.accepter.receive(.flush)
        try pair.deliverAll()
        #expect(signed() == 0)
        try pair.settle()

        try commitWave(1)
        try pair.opener.perform(.close(CloseRequest(script: .payToWitnessScriptHash(Hash256.zero))))
        try pair.deliverAll()
        try fulfillAll()
        pair.accepter.receive(.flush)
        try pair.deliverAll()
        #expect(signed() == 0)
    }

    @Test("losing the connection, a clock that is set back, and none at all end the wait")
    mutating func ends() throws {
        try commitWave(8)
        try add(5)
        #expect(signed() == nil)
        var copy = self
        copy.now -= 3_600_000
        copy.tick(0)
        #expect(copy.signed() == 13)

        copy = self
        copy.pair.opener.context.clock = nil
        #expect(copy.signed() == 13)

        pair.disconnect()
        #expect(holdEnd == nil)
        pair.connect()
        try pair.settle()
        try add(5)
        #expect(signed() == 13)
    }

    @Test("without a clock nothing waits")
    mutating func noClock() throws {
        pair.opener.context.clock = nil
        try commitWave(8)
        try add(5)
        #expect(signed() == 13)
    }
}
