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
            let needed = CurveCount(multiplications: 2, tweaks: 3, signatures: 1 + count)
            return try besideCurve(
                "\(count) HTLCs", curve, needed, rounds: count > 100 ? 10 : 40,
                calls: count > 100 ? 1 : 10
            ) { try channel.sign(state) }
        }
    }
}

/// A channel whose keys are all known.
private struct SampleChannel {
    private let parameters: CommitmentParameters
    private let basepoints: ChannelBasepoints
    private let point: PublicKey
    private let funding: PrivateKey
    private let htlc: PrivateKey

    init() throws {
        let keys = try (1...9).map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
        (funding, htlc) = (keys[0], keys[1])
        point = keys[2].publicKey
        basepoints = ChannelBasepoints(
            funding: keys[0].publicKey, revocation: keys[3].publicKey, payment: keys[4].publicKey,
            delayedPayment: keys[5].publicKey, htlc: keys[1].publicKey)
        let script = FundingScript(keys[0].publicKey, keys[6].publicKey)
        parameters = CommitmentParameters(
            format: .anchors,
            funding: ChannelFunding(
                outPoint: OutPoint(TransactionID(.zero), 0), amount: Satoshi(10_000_000),
                script: script),
            ownerFundingKey: keys[6].publicKey, counterpartyFundingKey: keys[0].publicKey,
            ownerIsOpener: true, dustLimit: Satoshi(354), toSelfDelay: 144,
            obscurer: CommitmentNumberObscurer(
                openerPaymentBasepoint: keys[4].publicKey,
                accepterPaymentBasepoint: keys[5].publicKey))
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
            perCommitmentPoint: point, owner: basepoints, counterparty: basepoints)
        let commitment = CommitmentTransaction(parameters, keys: keys, number: 42, state: state)
        _ = funding.sign(commitment.signatureHash, grindLowR: false)
        for transaction in commitment.htlcTransactions {
            _ = htlc.sign(transaction.counterpartySignatureHash, grindLowR: false)
        }
    }
}
