import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport

/// A channel with both of its sides and a wire between them that delivers when told.
struct TestPair {
    /// A side of the pair.
    enum Name: CaseIterable {
        case opener
        case accepter

        var other: Name { self == .opener ? .accepter : .opener }
    }

    let terms: TestTerms
    var opener: TestSide
    var accepter: TestSide

    subscript(name: Name) -> TestSide {
        get { name == .opener ? opener : accepter }
        _modify {
            if name == .opener { yield &opener } else { yield &accepter }
        }
    }

    static func preimage(_ number: UInt64) -> PaymentPreimage {
        PaymentPreimage(SHA256.hash(withUnsafeBytes(of: number.bigEndian) { Array($0) }))
    }

    static func offer(
        _ amount: MilliSatoshi, _ preimage: PaymentPreimage = preimage(0), expiry: UInt32 = 500
    ) -> HTLCOffer {
        HTLCOffer(
            amount: amount, paymentHash: preimage.paymentHash, cltvExpiry: BlockHeight(expiry),
            onionPacket: [UInt8](repeating: 7, count: 1366), origin: .payment(attempt: 1))
    }

    /// A channel that both sides have signed, with nothing in it.
    static func open(_ terms: TestTerms = TestTerms()) throws -> TestPair {
        let signers = (opener: try signer(.opener), accepter: try signer(.accepter))
        let fundings = try fundings(terms, signers)
        // The first commitments are built to be signed, and then signed.
        let draft = try first(.accepter, terms, signers, fundings)
        let opener = try first(
            .opener, terms, signers,
            sign(fundings, first(.opener, terms, signers, fundings), signers.accepter))
        let accepter = try first(
            .accepter, terms, signers, sign(fundings, draft, signers.opener))
        return TestPair(
            terms: terms, opener: TestSide(opener, signers.opener),
            accepter: TestSide(accepter, signers.accepter))
    }

    private typealias Signers = (opener: InProcessSigner, accepter: InProcessSigner)

    private static func signer(_ name: Name) throws -> InProcessSigner {
        let seed = SecretBytes([UInt8](repeating: name == .opener ? 0x0a : 0xac, count: 32))
        let family = try ExtendedPrivateKey(seed: seed).derive(DerivationPath("m/9735'/1'/1'"))
        guard let number = ChannelKeyNumber(3) else { throw TestPairError.setup }
        return try ChannelKeyring(family: family).signer(number)
    }

    /// The fundings as the opener sees them, unsigned. Each is larger than the one before, to the accepter's good.
    private static func fundings(
        _ terms: TestTerms, _ signers: Signers
    ) throws -> [ActiveFunding] {
        let blank = try ECDSASignature(
            compact: Hash256(hex: String(repeating: "01", count: 32)).bytes
                + Hash256(hex: String(repeating: "01", count: 32)).bytes)
        return try (0..<terms.fundings).map { index in
            let (mine, theirs) = (
                try signers.opener.basepoints(funding: UInt32(index)).funding,
                try signers.accepter.basepoints(funding: UInt32(index)).funding
            )
            let extra = Satoshi(Int64(index) * 50_000)
            return ActiveFunding(
                funding: ChannelFunding(
                    outPoint: OutPoint(TransactionID(SHA256.hash([UInt8(index), 9])), 1),
                    amount: terms.capacity + extra, script: FundingScript(mine, theirs),
                    number: UInt32(index)),
                localKey: mine, remoteKey: theirs,
                settled: Balances(
                    local: MilliSatoshi(terms.capacity) - terms.pushed,
                    remote: terms.pushed + MilliSatoshi(extra)),
                signatures: CommitmentSignatures(commitment: blank, htlcs: []))
        }
    }

    private static func first(
        _ name: Name, _ terms: TestTerms, _ signers: Signers, _ fundings: [ActiveFunding]
    ) throws -> Commitments {
        let (mine, theirs) =
            name == .opener
            ? (signers.opener, signers.accepter) : (signers.accepter, signers.opener)
        guard let keys = ChannelKeyNumber(3),
            let parameters = ChannelParameters(
                keys: keys, channelID: ChannelID(funding: fundings[0].funding.outPoint),
                channelType: terms.channelType, opener: name == .opener ? .local : .remote,
                local: terms.parameters(name, try mine.basepoints(funding: 0)),
                remote: terms.parameters(name.other, try theirs.basepoints(funding: 0)),
                maximumDustExposure: terms.maximumDustExposure)
        else { throw TestPairError.setup }
        let seen = name == .opener ? fundings : fundings.map(mirrored)
        var commitments = Commitments(
            parameters: parameters, fundings: seen, feerate: terms.feerate,
            localPoints: (try mine.perCommitmentPoint(0), try mine.perCommitmentPoint(1)),
            remotePoint: try theirs.perCommitmentPoint(0))
        _ = commitments.setRemoteNextPoint(try theirs.perCommitmentPoint(1))
        return commitments
    }

    private static func mirrored(_ funding: ActiveFunding) -> ActiveFunding {
        ActiveFunding(
            funding: funding.funding, localKey: funding.remoteKey, remoteKey: funding.localKey,
            settled: Balances(local: funding.settled.remote, remote: funding.settled.local),
            signatures: funding.signatures)
    }

    /// The fundings, as the opener sees them, with the signatures of `signer` for the commitments in `draft`.
    private static func sign(
        _ fundings: [ActiveFunding], _ draft: Commitments, _ signer: InProcessSigner
    ) throws -> [ActiveFunding] {
        try zip(fundings, draft.fundings).map { funding, seen in
            var counterparty = draft.parameters.local.basepoints
            counterparty.funding = seen.localKey
            return ActiveFunding(
                funding: funding.funding, localKey: funding.localKey,
                remoteKey: funding.remoteKey, settled: funding.settled,
                signatures: try signer.sign(
                    CounterpartyCommitmentRequest(
                        counterparty: counterparty,
                        commitment: draft.localCommitment(seen))))
        }
    }
}
