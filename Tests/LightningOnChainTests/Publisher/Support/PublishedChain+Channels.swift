import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

/// Ways in which channels get to the chain. This side is the opener of each.
extension PublishedChain {
    /// A commitment of `owner` with HTLCs of these amounts, in satoshi, that expire at `expiry`.
    func commitment(
        _ channel: Int = 0, _ owner: TestChannel.Side = .opener, feerate: UInt32 = 253,
        offered: [Int64] = [], received: [Int64] = [], expiry: UInt32 = 200
    ) throws -> CommitmentTransaction {
        let channel = channels[channel]
        var htlcs: [CommitmentHTLC] = []
        for (amounts, direction) in [(offered, HTLCDirection.offered), (received, .received)] {
            for amount in amounts {
                htlcs.append(
                    channel.htlc(
                        direction, id: htlcs.count, MilliSatoshi(UInt64(amount) * 1000),
                        expiry: expiry))
            }
        }
        return try channel.commitment(owner, number: 1, feerate: feerate, htlcs: htlcs)
    }

    /// The claim that this side's own commitment be confirmed.
    func closing(_ commitment: CommitmentTransaction, _ channel: Int = 0) throws -> Claim.Kind {
        let signed = try channels[channel].signed(commitment, owner: .opener)
        return .commitment(try #require(CommitmentClaim(own: commitment, signed: signed)))
    }

    /// The claims of all HTLCs of this side's own commitment.
    func htlcClaims(_ commitment: CommitmentTransaction, _ channel: Int = 0) throws -> [Claim.Kind]
    {
        let channel = channels[channel]
        let signatures = try channel.signatures(commitment, owner: .opener)
        let outputs = commitment.outputs.indices.filter { commitment.outputs[$0].purpose.isHTLC }
        return try zip(outputs, signatures.htlcs).map { output, signature in
            guard case .htlc(let htlc) = commitment.outputs[output].purpose else {
                throw TestChannelError.number
            }
            let preimage = htlc.direction == .received ? TestChannel.preimage(Int(htlc.id)) : nil
            return .htlc(
                try #require(
                    HTLCClaim(
                        commitment, output: output, counterparty: channel.points(.accepter),
                        counterpartySignature: signature, preimage: preimage)))
        }
    }

    /// What this side can take of the other side's commitment, with all preimages.
    func outputClaims(_ commitment: CommitmentTransaction) -> [ClaimableOutput] {
        commitment.outputs.indices.compactMap { index in
            switch commitment.outputs[index].purpose {
            case .toRemote: return commitment.counterpartyClaim(index)
            case .htlc(let htlc):
                let preimage = TestChannel.preimage(Int(htlc.id))
                return commitment.counterpartyClaim(
                    index, preimage: htlc.direction == .offered ? preimage : nil)
            case .toLocal, .localAnchor, .remoteAnchor: return nil
            }
        }
    }

    /// All penalties of the other side's commitment.
    func penalties(
        _ commitment: CommitmentTransaction, _ channel: Int = 0
    ) throws -> [ClaimableOutput] {
        let secret = try channels[channel].accepter.perCommitmentSecret(commitment.number)
        return commitment.outputs.indices.compactMap { commitment.penalty($0, secret: secret) }
    }

    /// Mines a commitment of the other side's.
    mutating func mineTheirs(_ commitment: CommitmentTransaction, _ channel: Int = 0) throws {
        try mine(exactly: [try channels[channel].signed(commitment, owner: .accepter)])
    }
}
