import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

@Suite("claims")
struct ClaimTests {
    @Test("a claim is named after what it spends", arguments: CommitmentFormat.allCases)
    func names(format: CommitmentFormat) throws {
        let commitments = try Commitments(format)
        let number = try #require(ChannelKeyNumber(7))
        let claim = try #require(commitments.htlcClaim(.offered, preimage: nil))
        let htlc = Claim(
            channel: number, kind: .htlc(claim), value: Satoshi(50_000),
            earliest: BlockHeight(500), deadline: BlockHeight(510))
        #expect(htlc.id == ClaimID(channel: number, outPoint: claim.outPoint))
        #expect(!htlc.isPenalty)

        let closing = try #require(
            CommitmentClaim(own: commitments.own, signed: commitments.own.transaction))
        #expect(closing.funding == commitments.channel.funding.outPoint)
        #expect((closing.anchor != nil) == (format == .anchors))
    }

    @Test("an HTLC that was offered needs no preimage, and one that was received the right one")
    func preimages() throws {
        let commitments = try Commitments(.anchors)
        #expect(commitments.htlcClaim(.offered, preimage: TestChannel.preimage(1)) == nil)
        #expect(commitments.htlcClaim(.received, preimage: nil) == nil)
        #expect(commitments.htlcClaim(.received, preimage: TestChannel.preimage(1)) == nil)
        #expect(commitments.htlcClaim(.received, preimage: TestChannel.preimage(2)) != nil)
    }

    @Test("an anchor belongs to the commitment that it raises")
    func anchors() throws {
        let one = try Commitments(.anchors)
        let anchor = try #require(one.own.index(of: .localAnchor).flatMap(one.own.ownerClaim))
        #expect(CommitmentClaim(one.own.transaction, fee: one.own.fee, anchor: anchor) != nil)
        let other = try one.channel.commitment(.opener, number: 2, feerate: 1000)
        #expect(CommitmentClaim(other.transaction, fee: other.fee, anchor: anchor) == nil)
    }

    @Test("what takes from a revoked commitment is a penalty")
    func penalties() throws {
        let commitments = try Commitments(.anchors)
        let secret = try commitments.channel.opener.perCommitmentSecret(1)
        for index in commitments.own.outputs.indices {
            guard let output = commitments.own.penalty(index, secret: secret) else { continue }
            let claim = Claim(
                channel: try #require(ChannelKeyNumber(0)), kind: .output(output),
                value: output.output.amount, earliest: BlockHeight(1), deadline: nil)
            #expect(claim.isPenalty)
        }
    }
}

/// A commitment of the opener with an HTLC in each direction.
private struct Commitments {
    let channel: TestChannel
    let own: CommitmentTransaction

    init(_ format: CommitmentFormat) throws {
        channel = try TestChannel(format)
        own = try channel.commitment(
            .opener, number: 1, feerate: 1000,
            htlcs: [
                channel.htlc(.offered, id: 1, MilliSatoshi(50_000_000), expiry: 499),
                channel.htlc(.received, id: 2, MilliSatoshi(60_000_000), expiry: 600),
            ])
    }

    func htlcClaim(_ direction: HTLCDirection, preimage: PaymentPreimage?) -> HTLCClaim? {
        guard
            let index = own.outputs.firstIndex(where: {
                if case .htlc(let htlc) = $0.purpose { htlc.direction == direction } else { false }
            }),
            let signatures = try? channel.signatures(own, owner: .opener),
            let counterparty = try? channel.points(.accepter),
            let position = own.htlcTransactions.firstIndex(where: {
                $0.htlc.direction == direction
            })
        else { return nil }
        return HTLCClaim(
            own, output: index, counterparty: counterparty,
            counterpartySignature: signatures.htlcs[position], preimage: preimage)
    }
}
