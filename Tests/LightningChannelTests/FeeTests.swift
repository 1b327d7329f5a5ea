import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Changing the fee rate")
struct FeeTests {
    private func message(_ feerate: UInt32, _ pair: TestPair) -> Message {
        .updateFee(
            UpdateFee(
                channelID: pair.opener.commitments.parameters.channelID,
                feerate: FeeratePerKw(feerate)))
    }

    @Test("only the opener changes it")
    func accepter() throws {
        var pair = try TestPair.open()
        expectRefusal(.feeFromAccepter, &pair.accepter) { try $0.fee(3000) }
        let hostile = message(3000, pair)
        expectRefusal(.feeFromAccepter, &pair.opener) { try $0.receive([hostile]) }
    }

    @Test("both commitments have the last of several rates")
    func several() throws {
        var pair = try TestPair.open()
        try pair.opener.fee(3000)
        try pair.opener.fee(4000)
        try pair.opener.sign()
        try pair.opener.fee(5000)
        try pair.deliverAll()
        #expect(pair.accepter.commitments.feerate(.local) == FeeratePerKw(4000))
        #expect(pair.opener.commitments.feerate(.local) == FeeratePerKw(2500))
        try pair.settle()
        for name in TestPair.Name.allCases {
            #expect(pair[name].commitments.feerate == FeeratePerKw(5000))
            #expect(pair[name].commitments.pendingFeerates.isEmpty)
        }
    }

    @Test("a rate outside of what is acceptable is refused, without closing the channel")
    func range() throws {
        var pair = try TestPair.open()
        let hostile = message(252, pair)
        let error = ChannelError.feerateOutOfRange(
            pair.accepter.feerates, actual: FeeratePerKw(252))
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        #expect(error.disposition(.remote) == .disconnect)
    }

    @Test("a rate that the opener cannot pay above its reserve is neither sent nor taken")
    func unaffordable() throws {
        var terms = TestTerms()
        terms.pushed = MilliSatoshi(980_000_000)
        // 20,000 sat, of which 10,000 are the reserve and 660 anchors; 1124 weight.
        var pair = try TestPair.open(terms)
        let error = ChannelError.cannotPayFee(
            needed: MilliSatoshi(20_001_000), available: MilliSatoshi(20_000_000))
        expectRefusal(error, &pair.opener) { try $0.fee(8311) }
        let hostile = message(8311, pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        try pair.opener.fee(8310)
        try pair.settle()
    }

    @Test("without anchors, no rate is sent or taken that trims too much")
    func dust() throws {
        var terms = TestTerms()
        terms.format = .staticRemoteKey
        terms.maximumDustExposure = MilliSatoshi(9_000_000)
        let amount = MilliSatoshi(5_000_000)
        var pair = try TestPair.withHTLCs([amount, amount], terms)
        let error = ChannelError.dustExposure(
            owner: .remote, maximum: MilliSatoshi(9_000_000), actual: MilliSatoshi(10_000_000))
        expectRefusal(error, &pair.opener) { try $0.fee(10_000) }
        let hostile = message(10_000, pair)
        expectRefusal(error, &pair.accepter) { try $0.receive([hostile]) }
        try pair.opener.fee(5000)
        try pair.settle()
    }
}
