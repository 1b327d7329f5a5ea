import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

extension Bench {
    /// How fast two machines add and fulfil HTLCs, without disk or wire.
    static let channels = Bench(
        name: "channels",
        summary: "HTLCs added and fulfilled between two machines, beside their curve operations"
    ) {
        let curve = try BareCurve()
        var figures: [BenchFigure] = []
        for (kind, amount) in [("1000 sat", 1_000_000), ("100 sat, trimmed", 100_000)] {
            for batch in [1, 10, 100] {
                let channel = try SamplePair(amount: MilliSatoshi(UInt64(amount)))
                let outputs = amount == 1_000_000 ? batch : 0
                let times = try Stopwatch.measure(
                    rounds: batch == 100 ? 3 : 12, calls: batch == 1 ? 5 : 1,
                    [{ try channel.exchange(batch) }, curve.work(needed(outputs: outputs))])
                let name = "\(kind), batches of \(batch)"
                // An HTLC is two updates: it is added, and it is fulfilled.
                figures += [
                    times[0].rate(name, of: 2 * Double(batch), "updates/s"),
                    times[0].ratio("\(name), ratio to the curve alone", to: times[1]),
                ]
            }
        }
        return figures
    }

    /// Four commitments are signed, verified and revoked; two of them hold the HTLCs.
    private static func needed(outputs: Int) -> CurveCount {
        CurveCount(
            // The next point of the revoking side, and that of the secret that it gives away.
            publicKeys: 4 * 2,
            // Both sides derive the keys of each commitment.
            multiplications: 4 * 2 * 2, tweaks: 4 * 2 * 3, parsings: 4,
            signatures: 4 + 2 * outputs, verifications: 4 + 2 * outputs)
    }
}

/// Two machines with a channel.
private final class SamplePair {
    private var sides: [Commitments]
    private let signers: [InProcessSigner]
    private let offer: HTLCOffer
    private let preimage = PaymentPreimage(SHA256.hash([1]))

    init(amount: MilliSatoshi) throws {
        offer = HTLCOffer(
            amount: amount, paymentHash: preimage.paymentHash, cltvExpiry: BlockHeight(800_000),
            onionPacket: [UInt8](repeating: 0, count: 1366), origin: .payment(attempt: 0))
        guard let number = ChannelKeyNumber(0) else {
            throw CommandFailure("zero is the number of a channel")
        }
        signers = try [1, 2].map { seed in
            try ChannelKeyring(
                family: ExtendedPrivateKey(
                    seed: SecretBytes([UInt8](repeating: seed, count: 32)))
            ).signer(number)
        }
        let basepoints = try signers.map { signer in try signer.basepoints(funding: 0) }
        let funding = ChannelFunding(
            outPoint: OutPoint(TransactionID(.zero), 0), amount: Satoshi(100_000_000_000),
            script: FundingScript(basepoints[0].funding, basepoints[1].funding))
        // The first commitment is never published here, so any signature does for it.
        let signature = CommitmentSignatures(
            commitment: try PrivateKey(SHA256.hash([2])).sign(.zero), htlcs: [])
        let half = MilliSatoshi(UInt64(funding.amount.value) * 500)
        let parties = basepoints.map(Self.party)
        let type = Features(bits: [Feature.staticRemoteKey.evenBit, Feature.anchors.evenBit])
        sides = []
        for (mine, theirs) in [(0, 1), (1, 0)] {
            guard
                let parameters = ChannelParameters(
                    keys: number, channelID: ChannelID(funding: funding.outPoint),
                    channelType: type, opener: mine == 0 ? .local : .remote,
                    local: parties[mine], remote: parties[theirs],
                    maximumDustExposure: MilliSatoshi(1_000_000_000))
            else { throw CommandFailure("anchors are a format of commitments") }
            var side = Commitments(
                parameters: parameters,
                fundings: [
                    ActiveFunding(
                        funding: funding, localKey: basepoints[mine].funding,
                        remoteKey: basepoints[theirs].funding,
                        settled: Balances(local: half, remote: half), signatures: signature)
                ],
                feerate: FeeratePerKw(1000),
                localPoints: (
                    try signers[mine].perCommitmentPoint(0),
                    try signers[mine].perCommitmentPoint(1)
                ),
                remotePoint: try signers[theirs].perCommitmentPoint(0))
            _ = side.setRemoteNextPoint(try signers[theirs].perCommitmentPoint(1))
            sides.append(side)
        }
    }

    private static func party(_ basepoints: ChannelBasepoints) -> PartyParameters {
        PartyParameters(
            dustLimit: Satoshi(354), maximumInFlight: .maximumMoney,
            reserveOfOther: Satoshi(1000), htlcMinimum: MilliSatoshi(1), delayOfOther: 144,
            maximumAcceptedHTLCs: PartyParameters.mostAcceptedHTLCs, basepoints: basepoints)
    }

    /// Adds `count` HTLCs and fulfils them, with one `commitment_signed` of each side for either.
    func exchange(_ count: Int) throws {
        for _ in 0..<count { try deliver(try sides[0].sendAdd(offer), to: 1) }
        try sign(by: 0)
        try sign(by: 1)
        for htlc in sides[1].received {
            try deliver(try sides[1].resolve(htlc.key.id, .fulfill(preimage)), to: 0)
        }
        try sign(by: 1)
        try sign(by: 0)
        guard sides[0].offered.isEmpty else { throw CommandFailure("an HTLC was left") }
    }

    private func sign(by signer: Int) throws {
        let other = 1 - signer
        try deliver(try sides[signer].sendCommitmentSigned(signers[signer]), to: other)
    }

    /// Hands over the messages of a step, and the answers to them.
    private func deliver(_ step: ChannelStep, to side: Int) throws {
        for message in step.messages {
            if case .updateAddHTLC(let message) = message {
                _ = try sides[side].receive(message)
            } else if case .updateFulfillHTLC(let message) = message {
                _ = try sides[side].receive(message)
            } else if case .commitmentSigned(let message) = message {
                try deliver(try sides[side].receive([message], signers[side]), to: 1 - side)
            } else if case .revokeAndAck(let message) = message {
                _ = try sides[side].receive(message)
            }
        }
    }
}
