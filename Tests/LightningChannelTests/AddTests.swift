import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Adding an HTLC")
struct AddTests {
    private func message(
        _ amount: MilliSatoshi, id: UInt64 = 0, expiry: UInt32 = 500, in pair: TestPair
    ) -> Message {
        let offer = TestPair.offer(amount, expiry: expiry)
        return .updateAddHTLC(
            UpdateAddHTLC(
                channelID: pair.opener.commitments.parameters.channelID, id: id,
                amount: offer.amount, paymentHash: offer.paymentHash,
                cltvExpiry: offer.cltvExpiry, onionPacket: offer.onionPacket))
    }

    // MARK: Sending

    @Test("an amount of zero or below the peer's minimum is not offered")
    func minimum() throws {
        var terms = TestTerms()
        terms.htlcMinimum = .zero
        var pair = try TestPair.open(terms)
        expectRefusal(
            .amountBelowMinimum(minimum: MilliSatoshi(1), actual: .zero), &pair.opener
        ) { try $0.add(.zero) }
        terms.htlcMinimum = MilliSatoshi(1000)
        pair = try TestPair.open(terms)
        expectRefusal(
            .amountBelowMinimum(minimum: MilliSatoshi(1000), actual: MilliSatoshi(999)),
            &pair.opener
        ) { try $0.add(MilliSatoshi(999)) }
        try pair.opener.add(MilliSatoshi(1000))
    }

    @Test("an expiry that would be a time is neither offered nor taken")
    func expiry() throws {
        var pair = try TestPair.open()
        let error = ChannelError.expiryTooHigh(
            limit: BlockHeight(500_000_000), actual: BlockHeight(500_000_000))
        expectRefusal(error, &pair.opener) {
            try $0.add(MilliSatoshi(1000), expiry: 500_000_000)
        }
        let hostile = message(MilliSatoshi(1000), expiry: 500_000_000, in: pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        try pair.opener.add(MilliSatoshi(1000), expiry: 499_999_999)
        try pair.settle()
    }

    @Test("an onion of another length is not sent")
    func onion() throws {
        var pair = try TestPair.open()
        var offer = TestPair.offer(MilliSatoshi(1000))
        offer.onionPacket.removeLast()
        expectRefusal(.wrongOnionLength(expected: 1366, actual: 1365), &pair.opener) {
            _ = try $0.commitments.sendAdd(offer)
        }
    }

    @Test("no more HTLCs are offered or taken than the receiver accepts")
    func count() throws {
        var terms = TestTerms()
        terms.maximumAcceptedHTLCs = 2
        let amount = MilliSatoshi(2_000_000)
        var pair = try TestPair.withHTLCs([amount, amount], terms)
        let error = ChannelError.tooManyHTLCs(maximum: 2, actual: 3)
        expectRefusal(error, &pair.opener) { try $0.add(amount) }
        let hostile = message(amount, id: 2, in: pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        // One that is removed makes room only once this side has acknowledged it.
        try pair.accepter.fail(0)
        try pair.deliverAll()
        expectRefusal(error, &pair.opener) { try $0.add(amount) }
        try pair.settle()
        try pair.opener.add(amount)
        try pair.settle()
    }

    @Test("no peer's HTLCs take all places of a channel that they go on over")
    func jamming() throws {
        var terms = TestTerms()
        terms.maximumAcceptedHTLCs = 16
        var pair = try TestPair.open(terms)
        let channels = try (1...3).map { try #require(ChannelKeyNumber($0)) }
        /// Sends on from one channel as long as there is room for what its peer sends, by these channels in all.
        func fill(
            _ from: ChannelKeyNumber, of peer: [ChannelKeyNumber], succeeded: Int
        ) throws -> Int {
            var count = 0
            while pair.opener.commitments.hasRoom(forMoreFrom: peer, succeeded: succeeded),
                count < 99
            {
                var offer = TestPair.offer(MilliSatoshi(1_000_000))
                offer.origin = .forward(channel: from, id: UInt64(count))
                _ = try pair.opener.commitments.sendAdd(offer)
                count += 1
            }
            return count
        }
        let (bad, good) = (Array(channels[..<2]), [channels[2]])
        #expect(try fill(bad[0], of: bad, succeeded: 0) == 4)
        // A second channel is of no use to the same peer.
        #expect(try fill(bad[1], of: bad, succeeded: 0) == 0)
        // Success earns places one by one, and never the last ones.
        #expect(try fill(bad[1], of: bad, succeeded: 3) == 3)
        #expect(try fill(bad[1], of: bad, succeeded: .max) == 7)
        #expect(try fill(good[0], of: good, succeeded: 0) == 2)
    }

    @Test("no more is offered or taken than may be in flight")
    func inFlight() throws {
        var terms = TestTerms()
        terms.maximumInFlight = MilliSatoshi(60_000_000)
        var pair = try TestPair.withHTLCs([MilliSatoshi(50_000_000)], terms)
        let error = ChannelError.tooMuchInFlight(
            maximum: MilliSatoshi(60_000_000), actual: MilliSatoshi(60_000_001))
        expectRefusal(error, &pair.opener) { try $0.add(MilliSatoshi(10_000_001)) }
        let hostile = message(MilliSatoshi(10_000_001), id: 1, in: pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        let absurd = message(MilliSatoshi(.max), id: 1, in: pair)
        expectRefusal(
            .tooMuchInFlight(maximum: MilliSatoshi(60_000_000), actual: MilliSatoshi(.max)),
            &pair.accepter
        ) { try $0.receive([absurd]) }
        try pair.opener.add(MilliSatoshi(10_000_000))
        try pair.settle()
    }

    @Test("an amount past all sums is refused even where nothing limits what is in flight")
    func overflow() throws {
        var terms = TestTerms()
        terms.maximumInFlight = MilliSatoshi(.max)
        var pair = try TestPair.open(terms)
        let absurd = message(MilliSatoshi(.max), in: pair)
        expectRefusal(
            .insufficientBalance(
                needed: MilliSatoshi(.max), available: MilliSatoshi(600_000_000)),
            &pair.accepter
        ) { try $0.receive([absurd]) }
    }

    @Test("the accepter keeps its reserve")
    func reserve() throws {
        var pair = try TestPair.open()
        let error = ChannelError.insufficientBalance(
            needed: MilliSatoshi(400_000_001), available: MilliSatoshi(400_000_000))
        expectRefusal(error, &pair.accepter) { try $0.add(MilliSatoshi(390_000_001)) }
        let hostile = message(MilliSatoshi(390_000_001), in: pair)
        expectRefusal(error, &pair.opener) { try $0.receive([hostile]) }
        try pair.accepter.add(MilliSatoshi(390_000_000))
        try pair.settle()
    }

    @Test(
        "the opener pays fee and anchors above its reserve, and offers only with a fee spike buffer"
    )
    func openerFee() throws {
        // 600,000 sat less a reserve of 10,000, anchors of 660 and 2500 sat/kw on 1124 + 172 weight.
        var pair = try TestPair.open()
        let error = ChannelError.insufficientBalance(
            needed: MilliSatoshi(600_000_001), available: MilliSatoshi(600_000_000))
        expectRefusal(error, &pair.opener) { try $0.add(MilliSatoshi(586_100_001)) }
        let hostile = message(MilliSatoshi(586_100_001), in: pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        // The buffer is 5000 sat/kw on 1124 + 2 * 172, and no duty that the other side could insist on.
        expectRefusal(
            .noFeeSpikeBuffer(
                needed: MilliSatoshi(604_100_000), available: MilliSatoshi(600_000_000)),
            &pair.opener
        ) { try $0.add(MilliSatoshi(586_100_000)) }
        let bold = message(MilliSatoshi(586_100_000), in: pair)
        try pair.accepter.receive([bold])
        var other = try TestPair.open()
        expectRefusal(
            .noFeeSpikeBuffer(
                needed: MilliSatoshi(600_000_001), available: MilliSatoshi(600_000_000)),
            &other.opener
        ) { try $0.add(MilliSatoshi(582_000_001)) }
        try other.opener.add(MilliSatoshi(582_000_000))
        try other.settle()
    }

    @Test("nothing is offered that the opener across could not pay the fee of")
    func openerAcross() throws {
        var terms = TestTerms()
        terms.pushed = MilliSatoshi(987_000_000)
        var pair = try TestPair.open(terms)
        expectRefusal(
            .peerCannotPayFee(
                needed: MilliSatoshi(13_900_000), available: MilliSatoshi(13_000_000)),
            &pair.accepter
        ) { try $0.add(MilliSatoshi(5_000_000)) }
    }

    @Test(
        "HTLCs without outputs are offered up to the limit of exposure, and past it taken only to be failed"
    )
    func dust() throws {
        var terms = TestTerms()
        terms.maximumDustExposure = MilliSatoshi(1_000_000)
        let amount = MilliSatoshi(340_000)
        var pair = try TestPair.withHTLCs([amount, amount], terms)
        expectRefusal(
            .dustExposure(
                owner: .remote, maximum: MilliSatoshi(1_000_000), actual: MilliSatoshi(1_020_000)),
            &pair.opener
        ) { try $0.add(amount) }
        let bold = message(amount, id: 2, in: pair)
        try pair.accepter.receive([bold])
        let taken = pair.accepter.commitments.received.map(\.exceedsDustExposure)
        #expect(taken == [false, false, true])
        // An HTLC with an output is none of it.
        try pair.opener.add(MilliSatoshi(1_000_000))
    }

    // MARK: Receiving

    @Test("ids ascend by one", arguments: [0, 2, .max])
    func ids(id: UInt64) throws {
        var pair = try TestPair.withHTLCs()
        let hostile = message(MilliSatoshi(1000), id: id, in: pair)
        expectRefusal(.wrongID(expected: 1, actual: id), &pair.accepter) {
            try $0.receive([hostile])
        }
    }

    @Test("a message for another channel is refused")
    func channel() throws {
        var pair = try TestPair.open()
        guard case .updateAddHTLC(var add) = message(MilliSatoshi(1000), in: pair) else { return }
        let expected = add.channelID
        add.channelID = ChannelID(.zero)
        expectRefusal(
            .wrongChannel(expected: expected, actual: ChannelID(.zero)), &pair.accepter
        ) { try $0.receive([.updateAddHTLC(add)]) }
    }

    @Test("HTLCs with the same hash are taken side by side")
    func sameHash() throws {
        let pair = try TestPair.withHTLCs()
        var other = pair
        try other.opener.add(MilliSatoshi(50_000_000))
        try other.settle()
        #expect(other.accepter.commitments.openReceived.count == 2)
    }
}
