import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Two machines, random updates from both sides, messages in flight both ways, lost connections and restarts.
@Suite("Random updates of a channel")
struct RandomUpdateTests {
    @Test(
        "both sides always build the same transactions, and no money is lost",
        arguments: 1...20)
    func run(seed: UInt64) throws {
        var terms = TestTerms()
        terms.format = seed % 2 == 0 ? .anchors : .staticRemoteKey
        terms.fundings = seed % 5 == 0 ? 2 : 1
        if seed % 3 == 0 { terms.maximumAcceptedHTLCs = 6 }
        var walk = RandomWalk(try TestPair.open(terms), seed: seed)
        for _ in 0..<1500 { try walk.step() }
        try walk.finish()
        // A walk that did nothing would prove nothing.
        #expect(walk.commitments > 60)
        #expect(walk.fulfilled > 5)
        #expect(walk.refused > 0)
        #expect(walk.revoked > 60)
    }
}

/// One random history of a channel.
struct RandomWalk {
    private var pair: TestPair
    private var random: SeededGenerator
    /// The amounts of all HTLCs that were offered, by offerer and id.
    private var amounts: [TestPair.Name: [UInt64: MilliSatoshi]] = [:]
    private var preimages: [TestPair.Name: [UInt64: PaymentPreimage]] = [:]
    private var openerGain: Int64 = 0
    /// Every commitment that each side has signed for the other, over the first funding.
    private var signed: [TestPair.Name: [CommitmentTransaction]] = [:]
    private(set) var revoked = 0
    private(set) var commitments = 0
    private(set) var fulfilled = 0
    private(set) var refused = 0
    private var steps = 0

    init(_ pair: TestPair, seed: UInt64) {
        self.pair = pair
        random = SeededGenerator(seed: seed)
    }

    mutating func step() throws {
        steps += 1
        let name: TestPair.Name = Bool.random(using: &random) ? .opener : .accepter
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<15: try propose(name) { walk throws(ChannelError) in try walk.add(name) }
        case 15..<30: try propose(name) { walk throws(ChannelError) in try walk.remove(name) }
        case 30..<33: try propose(name) { walk throws(ChannelError) in try walk.fee(name) }
        case 33..<52: try sign(name)
        case 52..<98: try deliver(pair[name].wire.isEmpty ? name.other : name)
        case 98: try reconnect(restarting: nil)
        default: try reconnect(restarting: name)
        }
        for name in TestPair.Name.allCases {
            try checkMoney(pair[name].commitments)
            try collect(name)
        }
        if steps % 7 == 0 { try checkRecords(name) }
    }

    /// Lets everything come to rest and compares the ends.
    mutating func finish() throws {
        try pair.settle()
        for name in TestPair.Name.allCases { try collect(name) }
        for (mine, theirs) in zip(
            pair.opener.commitments.fundings, pair.accepter.commitments.fundings)
        {
            #expect(mine.settled.local == theirs.settled.remote)
            #expect(mine.settled.remote == theirs.settled.local)
        }
        let start = MilliSatoshi(pair.terms.capacity) - pair.terms.pushed
        #expect(
            Int64(pair.opener.commitments.fundings[0].settled.local.value)
                == Int64(start.value) + openerGain)
        for name in TestPair.Name.allCases {
            try checkRecords(name)
            try checkRevoked(name)
        }
    }

    // MARK: Moves

    private mutating func propose(
        _ name: TestPair.Name,
        _ body: (inout RandomWalk) throws(ChannelError) -> Void
    ) throws {
        let before = pair[name].commitments
        do {
            try body(&self)
        } catch {
            // What is refused has changed nothing.
            #expect(pair[name].commitments == before, "\(error)")
            refused += 1
        }
    }

    private mutating func add(_ name: TestPair.Name) throws(ChannelError) {
        let amount: UInt64 =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .random(in: 1...900_000, using: &random)
            case 1: .random(in: 300_000...3_000_000, using: &random)
            case 2: .random(in: 1_000_000...80_000_000, using: &random)
            default: .random(in: 1...700_000_000, using: &random)
            }
        // Few hashes and expiries, so that HTLCs are often alike.
        let preimage = TestPair.preimage(.random(in: 0..<3, using: &random))
        let step = try pair[name].add(
            MilliSatoshi(amount), preimage, expiry: .random(in: 500..<503, using: &random))
        guard case .updateAddHTLC(let message) = step.messages[0] else { return }
        amounts[name, default: [:]][message.id] = message.amount
        preimages[name, default: [:]][message.id] = preimage
    }

    private mutating func remove(_ name: TestPair.Name) throws(ChannelError) {
        guard
            let event = pair[name].commitments.openReceived.randomElement(using: &random),
            case .receivedCommitted(let message, _) = event
        else { return }
        let preimage = preimages[name.other]?[message.id] ?? TestPair.preimage(99)
        switch Int.random(in: 0..<5, using: &random) {
        case 0..<3: try pair[name].fulfill(message.id, preimage)
        case 3: try pair[name].fail(message.id)
        default: try pair[name].failMalformed(message.id)
        }
    }

    private mutating func fee(_ name: TestPair.Name) throws(ChannelError) {
        guard name == .opener else { return }
        try pair.opener.fee(.random(in: 253..<15_000, using: &random))
    }

    private mutating func sign(_ name: TestPair.Name) throws {
        let commitments = pair[name].commitments
        guard commitments.hasUpdatesToSign, !commitments.isAwaitingRevocation else { return }
        try pair[name].sign()
    }

    private mutating func deliver(_ name: TestPair.Name) throws {
        let number = pair[name.other].commitments.localNumber
        // An honest side's message is never refused: an error here fails the test.
        guard try pair.deliver(from: name) else { return }
        guard pair[name.other].commitments.localNumber != number else { return }
        commitments += 1
        try checkTransactions(signer: name)
    }

    private mutating func reconnect(restarting name: TestPair.Name?) throws {
        if let name { try pair[name].restart() }
        try pair.reconnect()
    }

    // MARK: Checks

    /// The commitment that was just signed is the same on both sides, and every signature of it holds.
    private mutating func checkTransactions(signer: TestPair.Name) throws {
        let (signing, owning) = (pair[signer].commitments, pair[signer.other].commitments)
        let latest = try signing.remoteCommitments(signing.fundings[0]).last
        signed[signer, default: []].append(try #require(latest))
        for (theirs, mine) in zip(signing.fundings, owning.fundings) {
            let commitment = try owning.localCommitment(mine)
            let signed = try signing.remoteCommitments(theirs)
            #expect(signed.last?.id == commitment.id)
            #expect(signed.last?.number == commitment.number)
            try mine.signatures.verify(commitment)
        }
    }

    /// Every revoked commitment of the other side comes out the same when its HTLCs and keys are taken from the disk, as a
    /// penalty has to do.
    private mutating func checkRevoked(_ name: TestPair.Name) throws {
        let commitments = try pair[name].shelf.commitments()
        let funding = commitments.fundings[0]
        let past = try pair[name].shelf.records(.channelPastHTLC).map {
            try PastHTLC(recordKey: $0.key, record: $0.value)
        }
        for original in signed[name] ?? [] {
            let number = original.number
            guard let secret = commitments.revealedSecrets.secret(commitment: number) else {
                continue
            }
            revoked += 1
            let keys = try CommitmentKeys(
                perCommitmentPoint: try PrivateKey(secret.hash).publicKey,
                owner: commitments.basepoints(of: .remote, funding),
                counterparty: commitments.basepoints(of: .local, funding))
            var state = original.state
            state.htlcs = past.filter { $0.remoteCommitments.contains(number) }.map {
                Self.htlc($0.key, $0.paymentHash, $0.cltvExpiry, original.state)
            }
            for htlc in commitments.offered + commitments.received {
                guard let first = htlc.firstRemoteCommitment, first <= number,
                    htlc.endRemoteCommitment.map({ number < $0 }) ?? true
                else { continue }
                state.htlcs.append(
                    Self.htlc(htlc.key, htlc.paymentHash, htlc.cltvExpiry, original.state))
            }
            let rebuilt = CommitmentTransaction(
                original.parameters, keys: keys, number: number, state: state)
            #expect(rebuilt.id == original.id)
        }
    }

    /// An HTLC of the records as the peer's commitment had it. Only its amount is not there: the output tells it.
    private static func htlc(
        _ key: HTLCKey, _ hash: PaymentHash, _ expiry: BlockHeight, _ state: CommitmentState
    ) -> CommitmentHTLC {
        let direction: HTLCDirection = key.offerer == .remote ? .offered : .received
        let original = state.htlcs.first { $0.direction == direction && $0.id == key.id }
        return CommitmentHTLC(
            direction: direction, id: key.id, amount: original?.amount ?? .zero,
            paymentHash: hash, cltvExpiry: expiry)
    }

    private func checkMoney(_ commitments: Commitments) throws {
        for funding in commitments.fundings {
            for view in Self.views {
                let state = commitments.state(view, funding)
                let total = state.htlcs.reduce(state.ownerBalance + state.counterpartyBalance) {
                    $0 + $1.amount
                }
                #expect(total == MilliSatoshi(funding.funding.amount))
            }
        }
    }

    private func checkRecords(_ name: TestPair.Name) throws {
        var memory = pair[name].commitments
        memory.disconnect()
        #expect(try pair[name].shelf.commitments() == memory)
    }

    private static let views: [CommitmentView] = [
        .local, .localNext, .remoteSigned, .remoteUnrevoked, .remoteNext,
    ]
    private static let publishable: [CommitmentView] = [.local, .remoteSigned, .remoteUnrevoked]

    /// Looks at what a side was told: an HTLC that counts as committed is in every commitment that can be published, one
    /// that counts as removed is in none.
    private mutating func collect(_ name: TestPair.Name) throws {
        let commitments = pair[name].commitments
        for event in pair[name].events {
            switch event {
            case .receivedCommitted(let message, _):
                for view in Self.publishable {
                    #expect(Self.holds(commitments, view, .remote, message.id))
                }
            case .offeredRemoved(let id, let update, _):
                for view in Self.publishable {
                    #expect(!Self.holds(commitments, view, .local, id))
                }
                guard case .fulfill = update, let amount = amounts[name]?[id] else { continue }
                fulfilled += 1
                openerGain += (name == .opener ? -1 : 1) * Int64(amount.value)
            default: break
            }
        }
        pair[name].events = []
    }

    private static func holds(
        _ commitments: Commitments, _ view: CommitmentView, _ offerer: Party, _ id: UInt64
    ) -> Bool {
        let direction: HTLCDirection = offerer == view.owner ? .offered : .received
        return commitments.state(view, commitments.fundings[0]).htlcs
            .contains { $0.id == id && $0.direction == direction }
    }
}
