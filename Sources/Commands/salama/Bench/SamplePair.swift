import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// Two machines with a channel. What one writes is handed to ``commit`` before what it says is heard by the other.
final class SamplePair {
    private var sides: [Commitments]
    private let signers: [InProcessSigner]
    private let offer: HTLCOffer
    private let preimage = PaymentPreimage(SHA256.hash([1]))
    private let commit: (_ side: Int, [RecordWrite]) throws -> Void

    /// A channel for HTLCs of `amount`.
    init(
        amount: MilliSatoshi,
        commit: @escaping (_ side: Int, [RecordWrite]) throws -> Void = { _, _ in }
    ) throws {
        self.commit = commit
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
        try batch(of: 0) { side in
            var step = ChannelStep()
            for _ in 0..<count { step.messages += try side.sendAdd(offer).messages }
            return step
        }
        try batch(of: 1) { _ in ChannelStep() }
        try batch(of: 1) { side in
            var step = ChannelStep()
            for htlc in side.received {
                let decided = try side.resolve(htlc.key.id, .fulfill(preimage))
                step.writes += decided.writes
                step.messages += decided.messages
            }
            return step
        }
        try batch(of: 0) { _ in ChannelStep() }
        guard sides[0].offered.isEmpty else { throw CommandFailure("an HTLC was left") }
    }

    /// What a node does in a batch: proposals, and one signature for all of them.
    private func batch(
        of side: Int, _ propose: (inout Commitments) throws -> ChannelStep
    ) throws {
        var step = try propose(&sides[side])
        let signed = try sides[side].flush(signers[side])
        step.writes += signed.writes
        step.messages += signed.messages
        try carryOut(step, of: side)
    }

    /// Commits what `side` has to write, and hands over its messages and the answers to them.
    private func carryOut(_ step: ChannelStep, of side: Int) throws {
        if !step.writes.isEmpty { try commit(side, step.writes) }
        let other = 1 - side
        for message in step.messages {
            if case .updateAddHTLC(let message) = message {
                _ = try sides[other].receive(message)
            } else if case .updateFulfillHTLC(let message) = message {
                _ = try sides[other].receive(message)
            } else if case .commitmentSigned(let message) = message {
                try carryOut(sides[other].receive([message], signers[other]), of: other)
            } else if case .revokeAndAck(let message) = message {
                try carryOut(sides[other].receive(message), of: other)
            }
        }
    }
}
