import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// What the two sides of a test channel agree on; both demand the same unless a test says otherwise.
struct TestTerms {
    var format = CommitmentFormat.anchors
    var capacity = Satoshi(1_000_000)
    /// What the accepter has at the start.
    var pushed = MilliSatoshi(400_000_000)
    var feerate = FeeratePerKw(2500)
    var dustLimit = Satoshi(354)
    var maximumInFlight = MilliSatoshi(900_000_000)
    var reserve = Satoshi(10_000)
    var htlcMinimum = MilliSatoshi(1)
    var maximumAcceptedHTLCs: UInt16 = 483
    var maximumDustExposure = MilliSatoshi(5_000_000)
    var fundings = 1
    var upfrontShutdownScript: Script?

    func parameters(_ side: TestPair.Name, _ basepoints: ChannelBasepoints) -> PartyParameters {
        PartyParameters(
            dustLimit: side == .opener ? dustLimit : dustLimit + Satoshi(200),
            maximumInFlight: maximumInFlight, reserveOfOther: reserve, htlcMinimum: htlcMinimum,
            delayOfOther: side == .opener ? 144 : 72, maximumAcceptedHTLCs: maximumAcceptedHTLCs,
            basepoints: basepoints, upfrontShutdownScript: upfrontShutdownScript)
    }

    var channelType: Features {
        var type = Features()
        type.add(.staticRemoteKey, required: true)
        if format == .anchors { type.add(.anchors, required: true) }
        return type
    }
}
