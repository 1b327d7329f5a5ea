import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// Two machines with a channel, stopped in the middle of everything.
struct SampleChannel {
    let signers: [InProcessSigner]
    private(set) var sides: [Commitments] = []
    /// What each side has made durable.
    private(set) var shelves = [SampleRecords(), SampleRecords()]
    /// What is on the wire: an HTLC of either side, a decision, and one more HTLC with its signature.
    private(set) var messages: [Message] = []

    /// The same channel before its first HTLC.
    static func drained() throws -> SampleChannel { try SampleChannel(isDrained: true) }

    init() throws { try self.init(isDrained: false) }

    private init(isDrained: Bool) throws {
        signers = try ([1, 2] as [UInt8]).map { seed in
            guard let number = ChannelKeyNumber(0) else { throw FuzzFailure("zero is a number") }
            return try ChannelKeyring(
                family: ExtendedPrivateKey(seed: SecretBytes([UInt8](repeating: seed, count: 32)))
            ).signer(number)
        }
        for side in 0...1 {
            sides.append(try Self.commitments(signers, side))
            shelves[side].apply(sides[side].openingWrites)
        }
        guard !isDrained else { return }
        for side in 0...1 {
            try carryOut(sides[side].sendAdd(Self.offer), by: side)
            try carryOut(sides[side].flush(signers[side]), by: side)
        }
        try carryOut(sides[0].flush(signers[0]), by: 0)
        // One decision waits, one removal and one more HTLC are signed and on the wire.
        shelves[0].apply(try sides[0].resolve(0, HTLCResolution.fail(reason: [1, 2, 3])).writes)
        for step in [
            try sides[1].resolve(0, HTLCResolution.fulfill(Self.preimage)),
            try sides[1].sendAdd(Self.offer), try sides[1].flush(signers[1]),
        ] {
            shelves[1].apply(step.writes)
            messages += step.messages
        }
    }

    private mutating func carryOut(_ step: ChannelStep, by side: Int) throws {
        shelves[side].apply(step.writes)
        let other = 1 - side
        for message in step.messages {
            if case .updateAddHTLC(let message) = message {
                try carryOut(sides[other].receive(message), by: other)
            } else if case .commitmentSigned(let message) = message {
                try carryOut(sides[other].receive([message], signers[other]), by: other)
            } else if case .revokeAndAck(let message) = message {
                try carryOut(sides[other].receive(message), by: other)
            }
        }
    }

    private static let preimage = PaymentPreimage(SHA256.hash([1]))
    private static let offer = HTLCOffer(
        amount: MilliSatoshi(50_000_000), paymentHash: preimage.paymentHash,
        cltvExpiry: BlockHeight(800_000), onionPacket: [UInt8](repeating: 0, count: 1366),
        origin: .payment(attempt: 1))

    private static func commitments(
        _ signers: [InProcessSigner], _ mine: Int
    ) throws -> Commitments {
        let basepoints = try signers.map { signer in try signer.basepoints(funding: 0) }
        let funding = ChannelFunding(
            outPoint: OutPoint(TransactionID(.zero), 0), amount: Satoshi(1_000_000),
            script: FundingScript(basepoints[0].funding, basepoints[1].funding))
        let parties = basepoints.map {
            PartyParameters(
                dustLimit: Satoshi(354), maximumInFlight: .maximumMoney,
                reserveOfOther: Satoshi(1000), htlcMinimum: MilliSatoshi(1), delayOfOther: 144,
                maximumAcceptedHTLCs: 30, basepoints: $0)
        }
        guard let number = ChannelKeyNumber(0),
            let parameters = ChannelParameters(
                keys: number, channelID: ChannelID(funding: funding.outPoint),
                channelType: Features(
                    bits: [Feature.staticRemoteKey.evenBit, Feature.anchors.evenBit]),
                opener: mine == 0 ? .local : .remote, local: parties[mine],
                remote: parties[1 - mine], maximumDustExposure: MilliSatoshi(5_000_000))
        else { throw FuzzFailure("anchors are a format of commitments") }
        let half = MilliSatoshi(500_000_000)
        var commitments = Commitments(
            parameters: parameters,
            fundings: [
                ActiveFunding(
                    funding: funding, localKey: basepoints[mine].funding,
                    remoteKey: basepoints[1 - mine].funding,
                    settled: Balances(local: half, remote: half),
                    signatures: CommitmentSignatures(
                        commitment: try PrivateKey(SHA256.hash([2])).sign(.zero), htlcs: []))
            ],
            feerate: FeeratePerKw(1000),
            localPoints: (
                try signers[mine].perCommitmentPoint(0), try signers[mine].perCommitmentPoint(1)
            ),
            remotePoint: try signers[1 - mine].perCommitmentPoint(0))
        _ = commitments.setRemoteNextPoint(try signers[1 - mine].perCommitmentPoint(1))
        return commitments
    }
}
