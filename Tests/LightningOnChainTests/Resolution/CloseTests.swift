import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

/// Closures by a commitment that is not revoked, seen by both sides to the end.
@Suite("A channel closed on the chain") struct CloseTests {
    /// One way for a channel to close.
    struct Way: CustomTestStringConvertible {
        var format: CommitmentFormat
        /// Whose commitment.
        var owner: TestChannel.Side
        var version: SceneVersion
        var isTogether: Bool

        var testDescription: String {
            "\(format), \(version) of \(owner)\(isTogether ? ", together" : "")"
        }

        static let all: [Way] = CommitmentFormat.allCases.flatMap { format in
            TestChannel.Side.allCases.flatMap { owner in
                [SceneVersion.latest, .next].flatMap { version in
                    [false, true].map {
                        Way(format: format, owner: owner, version: version, isTogether: $0)
                    }
                }
            }
        }
    }

    @Test("every output goes where it belongs, and both sides are told", arguments: Way.all)
    func resolved(way: Way) throws {
        var terms = SceneTerms(format: way.format)
        terms.pendingNext = way.version == .next ? way.owner : nil
        var scene = try ChainScene(terms)
        for side in TestChannel.Side.allCases { scene[side].isTogether = way.isTogether }
        let commitment = try scene.commitment(way.owner, way.version)
        try scene[way.owner].publish()
        try scene.mineToTheEnd()
        for side in TestChannel.Side.allCases {
            try check(scene, side, commitment, way)
            #expect(scene[side].isShelfEmpty)
            #expect(scene[side].claims.isEmpty)
        }
    }

    /// What the summary says was taken is what the wallet has, fees apart.
    private func checkBooks(
        _ scene: ChainScene, _ side: TestChannel.Side, _ summary: ClosingSummary
    ) throws {
        let fees = scene[side].fees.reduce(Satoshi.zero) {
            scene.chain.blockHolding($1.key) == nil ? $0 : $0 + $1.value
        }
        let net = scene.gross(side) - fees
        let resolved = summary.outputs.count { $0.end == .secondStage && $0.isOurHTLC(summary) }
        let htlcFees =
            switch scene.terms.format {
            case .anchors: Satoshi(1_000 * Int64(resolved))
            case .staticRemoteKey: Satoshi.zero
            }
        #expect(net == summary.taken - summary.claimFees - htlcFees)
    }

    private func check(
        _ scene: ChainScene, _ side: TestChannel.Side, _ commitment: CommitmentTransaction,
        _ way: Way
    ) throws {
        let isOwner = way.owner == side
        // Money, to the satoshi.
        let balance = commitment.index(of: isOwner ? .toLocal : .toRemote)
        var expected = try commitment.outputs[#require(balance)].output.amount
        var resolved: [Int: Bool] = [:]
        for output in commitment.outputs {
            guard case .htlc(let htlc) = output.purpose,
                let known = scene.terms.htlcs.first(where: { $0.id == Int(htlc.id) })
            else { continue }
            resolved[known.id] = known.isKnown
            let winner = known.isKnown ? known.offerer.other : known.offerer
            if winner == side { expected += output.output.amount }
        }
        #expect(scene.gross(side) - scene.anchors(side) == expected)

        // News of each HTLC.
        let events = scene[side].events
        for htlc in scene.terms.htlcs where htlc.isOpen {
            let id = UInt64(htlc.id)
            let fulfilled = OnChainEvent.offeredFulfilled(id: id, htlc.preimage)
            let isFulfilled = resolved[htlc.id] ?? false
            if htlc.offerer == side {
                #expect(events.contains(fulfilled) == isFulfilled, "\(htlc)")
                #expect(events.count { $0 == .offeredFailed(id: id) } == (isFulfilled ? 0 : 1))
            } else {
                let ended = OnChainEvent.receivedEnded(id: id, isOurs: isFulfilled)
                #expect(events.count { $0 == ended } == 1, "\(htlc)")
            }
        }
        let summary = try #require(scene[side].summary)
        let spend: FundingSpend =
            isOwner ? .local : way.version == .next ? .remoteNext : .remote
        #expect(summary.spend == spend)
        #expect(summary.closingFee == commitment.fee)
        try checkBooks(scene, side, summary)
    }
}

extension ClosedOutput {
    /// Whether it is an HTLC that this side has resolved on its own commitment.
    fileprivate func isOurHTLC(_ summary: ClosingSummary) -> Bool {
        guard case .htlc = purpose else { return false }
        return summary.spend == .local
            && summary.outputs.contains {
                $0.outPoint.transactionID == spender && $0.end == .taken
            }
    }
}
