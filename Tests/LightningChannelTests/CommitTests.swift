import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningWire
import Testing

@Suite("Signing and revoking commitments")
struct CommitTests {
    /// An opener that has offered one HTLC, and the message by which it signs.
    private func signed(_ terms: TestTerms = TestTerms()) throws -> (TestPair, CommitmentSigned) {
        var pair = try TestPair.open(terms)
        try pair.opener.add(MilliSatoshi(50_000_000))
        try pair.deliver(from: .opener)
        try pair.opener.sign()
        guard case .commitmentSigned(let message)? = pair.opener.wire.last else {
            throw TestPairError.setup
        }
        return (pair, message)
    }

    private func revocation(
        _ pair: TestPair, secret: PerCommitmentSecret, next: PublicKey
    ) -> Message {
        .revokeAndAck(
            RevokeAndAck(
                channelID: pair.opener.commitments.parameters.channelID,
                perCommitmentSecret: secret, nextPerCommitmentPoint: Point(next)))
    }

    @Test(
        "nothing is signed without an update, while a revocation is awaited, or before channel_ready"
    )
    func sending() throws {
        var pair = try TestPair.open()
        expectRefusal(.nothingToSign, &pair.opener) { try $0.sign() }
        try pair.opener.add(MilliSatoshi(1000))
        try pair.opener.sign()
        try pair.opener.add(MilliSatoshi(1000))
        expectRefusal(.awaitingRevocation, &pair.opener) { try $0.sign() }
        let commitments = pair.accepter.commitments
        var unready = TestSide(
            Commitments(
                parameters: commitments.parameters, fundings: commitments.fundings,
                feerate: commitments.feerate,
                localPoints: (
                    try pair.accepter.signer.perCommitmentPoint(0),
                    try pair.accepter.signer.perCommitmentPoint(1)
                ),
                remotePoint: try pair.opener.signer.perCommitmentPoint(0)), pair.accepter.signer)
        try unready.add(MilliSatoshi(1000))
        expectRefusal(.noNextPoint, &unready) { try $0.sign() }
    }

    @Test("all updates that wait go into one commitment_signed")
    func batch() throws {
        var pair = try TestPair.withHTLCs([MilliSatoshi(2_000_000), MilliSatoshi(3_000_000)])
        for _ in 0..<5 { try pair.accepter.add(MilliSatoshi(4_000_000)) }
        try pair.accepter.fulfill(0)
        try pair.accepter.fail(1)
        try pair.opener.fee(2600)
        try pair.deliverAll()
        try pair.accepter.sign()
        // The failure waited for the signature.
        let types = pair.accepter.wire.map { $0.encoded[1] }
        #expect(types == [UpdateFailHTLC.type, CommitmentSigned.type].map { UInt8($0) })
        try pair.settle()
        #expect(pair.opener.commitments.received.count == 5)
        #expect(pair.opener.commitments.offered.isEmpty)
    }

    @Test("a signature for every HTLC output is demanded, no more and no less")
    func signatureCount() throws {
        var (pair, message) = try signed()
        message.htlcSignatures = []
        expectRefusal(.wrongHTLCSignatureCount(expected: 1, actual: 0), &pair.accepter) {
            try $0.receive([.commitmentSigned(message)])
        }
        message.htlcSignatures = [message.signature, message.signature]
        expectRefusal(.wrongHTLCSignatureCount(expected: 1, actual: 2), &pair.accepter) {
            try $0.receive([.commitmentSigned(message)])
        }
    }

    @Test(
        "a wrong signature is refused, and named",
        arguments: [CommitmentFormat.anchors, .staticRemoteKey])
    func wrongSignature(format: CommitmentFormat) throws {
        var terms = TestTerms()
        terms.format = format
        let (pair, message) = try signed(terms)
        var other = pair
        var wrong = message
        wrong.signature = message.htlcSignatures[0]
        expectRefusal(.invalidCommitmentSignature(number: 1), &other.accepter) {
            try $0.receive([.commitmentSigned(wrong)])
        }
        wrong = message
        wrong.htlcSignatures = [message.signature]
        expectRefusal(.invalidHTLCSignature(index: 0), &other.accepter) {
            try $0.receive([.commitmentSigned(wrong)])
        }
        try other.accepter.receive([.commitmentSigned(message)])
    }

    @Test("a signature whose s is in the upper half is refused")
    func highS() throws {
        var (pair, message) = try signed()
        message.signature = try message.signature.withHighS()
        expectRefusal(.invalidCommitmentSignature(number: 1), &pair.accepter) {
            try $0.receive([.commitmentSigned(message)])
        }
    }

    @Test("a revocation that nobody waits for is refused")
    func unexpected() throws {
        var pair = try TestPair.open()
        let hostile = revocation(
            pair, secret: try pair.accepter.signer.perCommitmentSecret(0),
            next: try pair.accepter.signer.perCommitmentPoint(2))
        expectRefusal(.unexpectedRevocation, &pair.opener) { try $0.receive([hostile]) }
    }

    @Test("a secret that is no key, or that of another commitment, closes the channel")
    func wrongSecret() throws {
        var (pair, _) = try signed()
        let signer = pair.accepter.signer
        let next = try signer.perCommitmentPoint(2)
        let zero = revocation(pair, secret: PerCommitmentSecret(.zero), next: next)
        expectRefusal(.invalidSecret(.invalidPrivateKey), &pair.opener) {
            try $0.receive([zero])
        }
        let wrong = revocation(pair, secret: try signer.perCommitmentSecret(1), next: next)
        let error = ChannelError.wrongSecret(
            expected: try signer.perCommitmentPoint(0),
            actual: try signer.perCommitmentPoint(1))
        expectRefusal(error, &pair.opener) { try $0.receive([wrong]) }
        #expect(error.disposition(.remote) == .forceClose)
    }

    @Test("a next point that is not on the curve is refused")
    func wrongPoint() throws {
        var (pair, _) = try signed()
        let message = RevokeAndAck(
            channelID: pair.opener.commitments.parameters.channelID,
            perCommitmentSecret: try pair.accepter.signer.perCommitmentSecret(0),
            nextPerCommitmentPoint: try Point([2] + [UInt8](repeating: 0, count: 32)))
        expectRefusal(.invalidNextPoint(.invalidPublicKey), &pair.opener) {
            try $0.receive([.revokeAndAck(message)])
        }
    }

    @Test("a secret that fits its point but not the tree of the others is refused")
    func strangeSecret() throws {
        var pair = try TestPair.open()
        let signer = pair.accepter.signer
        let stray = TestPair.preimage(77).hash
        let strayPoint = try PrivateKey(stray).publicKey
        // The peer reveals the secrets of commitments 0 to 2 and slips in a point of its own for number 3.
        for number in 0..<3 as Range<UInt64> {
            try pair.opener.add(MilliSatoshi(1000))
            try pair.opener.sign()
            let message = revocation(
                pair, secret: try signer.perCommitmentSecret(number),
                next: number == 1 ? strayPoint : try signer.perCommitmentPoint(number + 2))
            try pair.opener.receive([message])
        }
        try pair.opener.add(MilliSatoshi(1000))
        try pair.opener.sign()
        let hostile = revocation(pair, secret: PerCommitmentSecret(stray), next: strayPoint)
        expectRefusal(.strangeSecret(.notDerived(bucket: 0)), &pair.opener) {
            try $0.receive([hostile])
        }
    }

    @Test("while a splice is pending, every funding is signed for in one batch")
    func splice() throws {
        var terms = TestTerms()
        terms.fundings = 2
        var pair = try TestPair.open(terms)
        try pair.opener.add(MilliSatoshi(50_000_000))
        try pair.deliver(from: .opener)
        try pair.opener.sign()
        #expect(pair.opener.wire.count == 3)
        let batch = pair.opener.wire
        let missing = pair.opener.commitments.fundings[1].transactionID
        expectRefusal(.fundingNotSigned(missing), &pair.accepter) {
            try $0.receive([batch[1], batch[1]])
        }
        guard case .commitmentSigned(var unnamed) = batch[2] else { return }
        unnamed.tlvs.fundingTransactionID = nil
        expectRefusal(.fundingNotNamed, &pair.accepter) {
            try $0.receive([batch[1], .commitmentSigned(unnamed)])
        }
        try pair.settle()
        try pair.accepter.fulfill(0)
        try pair.settle()
        let settled = pair.accepter.commitments.fundings.map(\.settled.local)
        #expect(settled == [MilliSatoshi(450_000_000), MilliSatoshi(500_000_000)])
    }
}
