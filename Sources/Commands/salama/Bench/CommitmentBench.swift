import Bitcoin
import LightningCommitment
import LightningWire

extension Bench {
    /// How fast a commitment is built and signed for the other side.
    static let commitments = Bench(
        name: "commitments",
        summary: "commitment transactions built and signed, beside their curve operations"
    ) {
        let curve = try BareCurve()
        let channel = try SampleChannel()
        return try [0, 10, 483].flatMap { count in
            let state = channel.state(htlcs: count)
            // A signature for the commitment and one for each HTLC; four keys that follow from the commitment's point,
            // one of which is the sum of two products.
            let needed = CurveCount(
                multiplications: 2, tweaks: 3, sums: 1, signatures: 1 + count)
            return try besideCurve(
                "\(count) HTLCs", curve, needed, rounds: count > 100 ? 3 : 12,
                calls: count > 100 ? 1 : 10
            ) { try channel.sign(state) }
        }
    }
}

/// A channel with the keys of both sides.
private struct SampleChannel {
    private let parameters: CommitmentParameters
    private let own: ChannelBasepoints
    private let counterparty: ChannelBasepoints
    private let point: PublicKey
    private let signer: InProcessSigner

    init() throws {
        signer = try Self.signer(seed: 1)
        let other = try Self.signer(seed: 2)
        own = try signer.basepoints(funding: 0)
        counterparty = try other.basepoints(funding: 0)
        point = try other.perCommitmentPoint(42)
        parameters = CommitmentParameters(
            format: .anchors,
            funding: ChannelFunding(
                outPoint: OutPoint(TransactionID(.zero), 0), amount: Satoshi(10_000_000),
                script: FundingScript(own.funding, counterparty.funding)),
            ownerFundingKey: counterparty.funding, counterpartyFundingKey: own.funding,
            ownerIsOpener: true, dustLimit: Satoshi(354), toSelfDelay: 144,
            obscurer: CommitmentNumberObscurer(
                openerPaymentBasepoint: counterparty.payment,
                accepterPaymentBasepoint: own.payment))
    }

    private static func signer(seed: UInt8) throws -> InProcessSigner {
        let master = try ExtendedPrivateKey(
            seed: SecretBytes([UInt8](repeating: seed, count: 32)))
        guard let number = ChannelKeyNumber(0) else {
            throw CommandFailure("zero is the number of a channel")
        }
        return try ChannelKeyring(family: master).signer(number)
    }

    func state(htlcs count: Int) -> CommitmentState {
        let amount = MilliSatoshi(5_000_000)
        var htlcs: [CommitmentHTLC] = []
        for index in 0..<count {
            let hash = SHA256.hash([UInt8(index & 0xff), UInt8(index >> 8)])
            htlcs.append(
                CommitmentHTLC(
                    direction: index % 2 == 0 ? .offered : .received, id: UInt64(index / 2),
                    amount: amount, paymentHash: PaymentHash(hash),
                    cltvExpiry: BlockHeight(UInt32(800_000 + index))))
        }
        let held = MilliSatoshi(UInt64(count) * amount.value)
        return CommitmentState(
            feerate: FeeratePerKw(1000), ownerBalance: MilliSatoshi(7_000_000_000) - held,
            counterpartyBalance: MilliSatoshi(3_000_000_000), htlcs: htlcs)
    }

    /// What one `commitment_signed` takes.
    func sign(_ state: CommitmentState) throws {
        let keys = try CommitmentKeys(
            perCommitmentPoint: point, owner: counterparty, counterparty: own)
        let commitment = CommitmentTransaction(parameters, keys: keys, number: 42, state: state)
        _ = try signer.sign(
            CounterpartyCommitmentRequest(counterparty: counterparty, commitment: commitment))
    }
}
