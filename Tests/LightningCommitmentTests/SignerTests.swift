import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// The keys of channels and what a signer signs, and refuses to.
@Suite("Channel signer") struct SignerTests {
    let channel: TestChannel
    let other: TestChannel

    init() throws {
        channel = try TestChannel(.anchors, number: 7)
        other = try TestChannel(.anchors, number: 8)
    }

    var htlcs: [CommitmentHTLC] {
        [
            channel.htlc(.offered, id: 0, MilliSatoshi(20_000_000), expiry: 500),
            channel.htlc(.received, id: 1, MilliSatoshi(30_000_000), expiry: 600),
        ]
    }

    @Test("each key stands at its documented path, hardened throughout")
    func paths() throws {
        let master = try ExtendedPrivateKey(
            seed: SecretBytes([UInt8](repeating: 0x0a, count: 32)))
        func key(_ path: String) throws -> PrivateKey {
            try master.derive(DerivationPath("m/9735'/1'/1'/7'/\(path)")).key
        }
        let points = try channel.points(.opener)
        #expect(points.funding == (try key("0'/0'").publicKey))
        #expect(points.revocation == (try key("1'").publicKey))
        #expect(points.payment == (try key("2'").publicKey))
        #expect(points.delayedPayment == (try key("3'").publicKey))
        #expect(points.htlc == (try key("4'").publicKey))
        let spliced = try channel.opener.basepoints(funding: 3)
        #expect(spliced.funding == (try key("0'/3'").publicKey))
        #expect(spliced.htlc == points.htlc)
        // The secret of the last commitment is the seed itself (BOLT 3, `generate_from_seed` of index 0).
        let last = try channel.opener.perCommitmentSecret(CommitmentNumberObscurer.maximum)
        #expect(last.hash.bytes == (try key("5'").exposedBytes()))
        let point = try channel.opener.perCommitmentPoint(12)
        #expect(
            point
                == (try PrivateKey(channel.opener.perCommitmentSecret(12).hash).publicKey))
        #expect(throws: SignerError.commitmentNumberTooHigh(1 << 48)) {
            try channel.opener.perCommitmentSecret(1 << 48)
        }
    }

    @Test("channels share no key, and 2^31 numbers are to be had")
    func numbers() throws {
        let (one, two) = (try channel.points(.opener), try other.points(.opener))
        #expect(one.funding != two.funding && one.payment != two.payment)
        #expect(ChannelKeyNumber(1 << 31) == nil)
        #expect(ChannelKeyNumber(.max) == nil)
        let last = try #require(ChannelKeyNumber((1 << 31) - 1))
        #expect(last.next == nil)
        #expect(ChannelKeyNumber(4)?.next == ChannelKeyNumber(5))
    }

    @Test("what the other side's commitment pays is found with the seed and a number alone")
    func findable() throws {
        let keyring = try TestChannel.keyring(.accepter)
        for format in CommitmentFormat.allCases {
            let channel = try TestChannel(format, number: 11)
            let commitment = try channel.commitment(.opener, number: 3, feerate: 253)
            let output = try #require(commitment.index(of: .toRemote))
            let script = commitment.outputs[output].output.scriptPubKey
            let found = try (0..<20).filter { number in
                let number = try #require(ChannelKeyNumber(UInt32(number)))
                return try keyring.toRemoteScripts(number).contains(script)
            }
            #expect(found == [11])
        }
    }

    @Test("commitment and HTLC transactions are signed in one request, always alike")
    func batch() throws {
        let commitment = try channel.commitment(
            .opener, number: 5, feerate: 1000, htlcs: htlcs)
        let request = CounterpartyCommitmentRequest(
            counterparty: try channel.points(.opener), commitment: commitment)
        let signatures = try channel.accepter.sign(request)
        #expect(signatures == (try channel.accepter.sign(request)))
        #expect(signatures.htlcs.count == 2)
        try signatures.verify(commitment)
        var fewer = signatures
        fewer.htlcs.removeLast()
        #expect(throws: RequestFault.wrongSignatureCount(expected: 2, actual: 1)) {
            try fewer.verify(commitment)
        }
        var swapped = signatures
        swapped.htlcs.reverse()
        #expect(throws: RequestFault.invalidCounterpartySignature) {
            try swapped.verify(commitment)
        }
        swapped.commitment = signatures.htlcs[0]
        #expect(throws: SignerError.inconsistent(.invalidCounterpartySignature)) {
            try channel.opener.validate(
                ReceivedCommitment(
                    counterparty: channel.points(.accepter), commitment: commitment,
                    signatures: swapped))
        }
    }

    @Test("a request holds all that a signer elsewhere needs to build the transaction anew")
    func rebuilt() throws {
        let commitment = try channel.commitment(
            .opener, number: 5, feerate: 1000, htlcs: htlcs)
        let request = CounterpartyCommitmentRequest(
            counterparty: try channel.points(.opener), commitment: commitment)
        let received = request.commitment
        let keys = try CommitmentKeys(
            perCommitmentPoint: received.keys.perCommitmentPoint, owner: request.counterparty,
            counterparty: channel.accepter.basepoints(funding: received.parameters.funding.number))
        let anew = CommitmentTransaction(
            received.parameters, keys: keys, number: received.number, state: received.state)
        #expect(anew == commitment)
        let closing = try ClosingTransaction(
            channel.funding,
            .legacy(
                LegacyClosing(
                    opener: ClosingTests.side(1, 1_000_000), accepter: ClosingTests.side(2, 2),
                    fee: Satoshi(100), dustLimit: Satoshi(354))))
        #expect(try ClosingTransaction(closing.funding, closing.terms) == closing)
    }

    @Test("a request for another channel's keys is refused")
    func foreign() throws {
        let commitment = try channel.commitment(
            .opener, number: 5, feerate: 1000, htlcs: htlcs)
        let points = try channel.points(.opener)
        let refused = SignerError.foreignKey(
            expected: try other.points(.accepter).funding,
            actual: try channel.points(.accepter).funding)
        #expect(throws: refused) {
            try other.accepter.sign(
                CounterpartyCommitmentRequest(counterparty: points, commitment: commitment))
        }
        #expect(throws: SignerError.self) {
            try channel.accepter.sign(
                OwnCommitmentRequest(counterparty: points, commitment: commitment))
        }
        #expect(throws: SignerError.self) {
            try other.opener.sign(
                HTLCTransactionRequest(
                    counterparty: points, commitment: commitment,
                    transaction: commitment.htlcTransactions[0].transaction, resolutions: []))
        }
        var wrongKeys = commitment.parameters
        wrongKeys.counterpartyFundingKey = try channel.points(.accepter).funding
        let keys = try CommitmentKeys(
            perCommitmentPoint: commitment.keys.perCommitmentPoint, owner: points,
            counterparty: other.points(.accepter))
        #expect(throws: SignerError.self) {
            try channel.accepter.sign(
                CounterpartyCommitmentRequest(
                    counterparty: points,
                    commitment: CommitmentTransaction(
                        wrongKeys, keys: keys, number: 5, state: commitment.state)))
        }
        let closing = try ClosingTransaction(
            channel.funding,
            .legacy(
                LegacyClosing(
                    opener: ClosingTests.side(1, 1_000_000), accepter: ClosingTests.side(2, 2),
                    fee: Satoshi(100), dustLimit: Satoshi(354))))
        #expect(throws: SignerError.self) {
            try other.opener.sign(ClosingRequest(counterparty: points, closing: closing))
        }
    }

    @Test("an HTLC transaction is signed where it holds the HTLC's input and output")
    func htlcTransactions() throws {
        let commitment = try channel.commitment(
            .opener, number: 5, feerate: 1000, htlcs: htlcs)
        let index = try #require(commitment.outputs.firstIndex { $0.purpose.isHTLC })
        let htlc = try #require(HTLCTransaction(commitment, output: index))
        func error(
            _ input: Int, _ output: Int, _ change: (inout Transaction) -> Void = { _ in }
        ) throws -> RequestFault? {
            var transaction = htlc.transaction
            change(&transaction)
            let request = HTLCTransactionRequest(
                counterparty: try channel.points(.accepter), commitment: commitment,
                transaction: transaction,
                resolutions: [HTLCTransactionRequest.Resolution(input: input, output: output)])
            do throws(SignerError) {
                _ = try channel.opener.sign(request)
                return nil
            } catch {
                guard case .inconsistent(let fault) = error else { throw error }
                return fault
            }
        }
        #expect(try error(0, index) == nil)
        let toLocal = try #require(commitment.index(of: .toLocal))
        #expect(try error(0, toLocal) == .notAnHTLC(output: toLocal))
        #expect(try error(0, 99) == .notAnHTLC(output: 99))
        #expect(try error(1, index) == .wrongInput(1))
        #expect(try error(0, index) { $0.inputs[0].sequence = .final } == .wrongInput(0))
        #expect(try error(0, index) { $0.outputs[0].amount += Satoshi(1) } == .wrongOutput(0))
        #expect(try error(0, index) { $0.outputs = [] } == .wrongOutput(0))
    }

    @Test("a claim is signed at the input that spends it, and what needs no key needs no signature")
    func claims() throws {
        let commitment = try channel.commitment(.opener, number: 5, feerate: 1000, htlcs: htlcs)
        let anchor = try #require(commitment.index(of: .localAnchor))
        let toLocal = try #require(commitment.index(of: .toLocal))
        let claims = [
            try #require(commitment.abandonedAnchor(anchor)),
            try #require(commitment.ownerClaim(toLocal)),
        ]
        let claim = try ClaimTransaction(
            claims, to: ClosingTests.script(3), feerate: FeeratePerKw(253),
            height: BlockHeight(100), dustLimit: Satoshi(354))
        let signatures = try channel.opener.sign(ClaimRequest(claim))
        #expect(signatures.count == 1)
        #expect(throws: RequestFault.wrongSignatureCount(expected: 1, actual: 2)) {
            try claim.signed(signatures + signatures)
        }
        let signed = try claim.signed(by: channel.opener)
        #expect(signed.inputs[0].witness.first == [])
        for wrong in [1, 2] {
            #expect(throws: SignerError.inconsistent(.wrongInput(wrong))) {
                try channel.opener.sign(
                    ClaimRequest(
                        transaction: claim.transaction,
                        inputs: [ClaimRequest.Input(index: wrong, claim: claims[0])]))
            }
        }
        #expect(commitment.ownerClaim(try #require(commitment.index(of: .toRemote))) == nil)
        #expect(commitment.counterpartyClaim(toLocal) == nil)
        let secret = try channel.opener.perCommitmentSecret(5)
        #expect(commitment.penalty(anchor, secret: secret) == nil)
        #expect(commitment.abandonedAnchor(toLocal) == nil)
        let offered = try #require(commitment.index(of: .htlc(htlcs[0])))
        #expect(commitment.counterpartyClaim(offered) == nil)
        #expect(
            commitment.counterpartyClaim(offered, preimage: TestChannel.preimage(1)) == nil)
    }

    @Test("a claim that is not worth its fee is refused")
    func worthless() throws {
        let commitment = try channel.commitment(.opener, number: 5, feerate: 1000)
        let anchor = try #require(commitment.index(of: .localAnchor))
        let claim = try #require(commitment.ownerClaim(anchor))
        let script = ClosingTests.script(3)
        let fee = FeeratePerKw(253).feeRoundedUp(
            for: ClaimTransaction.weight(of: [claim], destination: script))
        #expect(
            throws: ClaimError.notWorthTheFee(
                total: Satoshi(330), fee: fee, dustLimit: Satoshi(294))
        ) {
            try ClaimTransaction(
                [claim], to: script, feerate: FeeratePerKw(253), height: BlockHeight(100),
                dustLimit: Satoshi(294))
        }
        let exact = try ClaimTransaction(
            [claim], to: script, fee: Satoshi(36), height: BlockHeight(100),
            dustLimit: Satoshi(294))
        #expect(exact.transaction.outputs[0].amount == Satoshi(294))
        #expect(exact.fee == Satoshi(36))
    }

    @Test("the funding key vouches for the node in the announcement that names it, and in no other")
    func announcement() throws {
        var message = ChannelAnnouncement()
        message.chainHash = .blank
        let (one, two) = (
            try channel.points(.opener).funding, try channel.points(.accepter).funding
        )
        (message.bitcoinKey1, message.bitcoinKey2) = (Point(one), Point(two))
        (message.nodeID1, message.nodeID2) = (NodeID(one), NodeID(two))
        let request = AnnouncementRequest(announcement: message, funding: 0)
        let signature = try channel.opener.sign(request)
        #expect(one.verify(signature, request.signatureHash))
        message.nodeSignature1 = WireSignature(signature)
        let signed = AnnouncementRequest(announcement: message, funding: 0)
        #expect(signed.signatureHash == request.signatureHash)
        message.extensionBytes = [1]
        #expect(
            AnnouncementRequest(announcement: message, funding: 0).signatureHash
                != request.signatureHash)
        #expect(throws: SignerError.self) { try other.opener.sign(request) }
    }
}
