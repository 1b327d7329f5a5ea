import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

/// The largest channels that there are: 483 HTLCs in each direction.
@Suite("Large channels") struct LargeTests {
    private static let start = BlockHeight(500)

    private static func terms(_ format: CommitmentFormat) -> SceneTerms {
        var terms = SceneTerms(format: format)
        terms.feerate = 253
        terms.htlcs = TestChannel.Side.allCases.flatMap { side in
            (0..<483).map { index in
                // A few share hash, expiry and amount, and with it the script.
                SceneHTLC(
                    id: index, offerer: side, amount: 700 + Int64(index % 7),
                    expiry: 40 + UInt32(index % 5), isKnown: index % 2 == 0,
                    versions: index % 3 == 0 ? [.former] : [.former, .latest],
                    secret: index % 200)
            }
        }
        return terms
    }

    @Test(
        "every HTLC of the largest revoked commitment is punished",
        arguments: CommitmentFormat.allCases)
    func revoked(format: CommitmentFormat) throws {
        let terms = Self.terms(format)
        let channel = try TestChannel(format)
        let commitment = try terms.commitment(.opener, .former, channel, start: Self.start)
        #expect(commitment.outputs.count { $0.purpose.isHTLC } == 966)
        var node = OnChainChannel(
            try terms.snapshot(.accepter, channel, start: Self.start), policy: terms.policy,
            tip: Self.start)
        let transaction = try channel.signed(commitment, owner: .opener)
        _ = node.receive(
            .blockConnected(
                Self.start + 1,
                [ConfirmedTransaction(transaction, height: Self.start + 1, position: 1)]))
        _ = node.receive(
            .formerHTLCs(terms.former(.accepter, start: Self.start), isLast: true))
        let penalties = node.claims.values.filter(\.isPenalty)
        #expect(penalties.count == 967)
        // Each takes the very output, by a script that hashes to it.
        for claim in penalties {
            guard case .output(let output) = claim.kind else { continue }
            #expect(
                output.output.scriptPubKey == .payToWitnessScriptHash(of: output.scriptCode))
            #expect(transaction.outputs[Int(output.outPoint.index)] == output.output)
        }
        for height in 2..<30 { _ = node.receive(.blockConnected(Self.start + UInt32(height), [])) }
    }
}
