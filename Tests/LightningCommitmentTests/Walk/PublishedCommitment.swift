import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// A commitment of one side with HTLCs in both directions, and the transactions that spend what it makes.
struct PublishedCommitment {
    let channel: TestChannel
    let owner: TestChannel.Side
    let commitment: CommitmentTransaction
    let signatures: CommitmentSignatures
    /// The HTLCs' height.
    let expiry: UInt32

    /// Which HTLC goes which way.
    enum Way {
        static let ownerTimeout = [0, 1]
        static let counterpartyPreimage = 2
        static let ownerSuccess = [3, 4]
        static let counterpartyTimeout = 5
    }

    init(_ channel: TestChannel, owner: TestChannel.Side, number: UInt64, expiry: UInt32) throws {
        self.channel = channel
        self.owner = owner
        self.expiry = expiry
        let htlcs = (0..<6).map { id in
            channel.htlc(
                id <= Way.counterpartyPreimage ? .offered : .received, id: id,
                MilliSatoshi(40_000_700 + UInt64(id) * 1_000_000), expiry: expiry)
        }
        commitment = try channel.commitment(owner, number: number, feerate: 1_000, htlcs: htlcs)
        signatures = try channel.signatures(commitment, owner: owner)
    }

    var ownerSigner: InProcessSigner { channel.signer(owner) }
    var counterpartySigner: InProcessSigner { channel.signer(owner.other) }

    /// The commitment's secret, out of what the other side keeps of all that were revealed up to it.
    func secret() throws -> PerCommitmentSecret {
        var revealed = RevealedSecrets()
        for number in 0...commitment.number {
            try revealed.insert(
                ownerSigner.perCommitmentSecret(number), index: revealed.nextIndex)
        }
        return try #require(revealed.secret(commitment: commitment.number))
    }

    /// The position of HTLC `id` in the commitment.
    func output(htlc id: Int) throws -> Int {
        try #require(
            commitment.outputs.firstIndex {
                if case .htlc(let htlc) = $0.purpose { htlc.id == UInt64(id) } else { false }
            })
    }

    func output(_ purpose: CommitmentOutput.Purpose) throws -> Int {
        try #require(commitment.index(of: purpose))
    }

    /// The commitment with both signatures.
    func transaction() throws -> Transaction {
        try channel.signed(commitment, owner: owner)
    }

    /// A claim of outputs by one side, unsigned.
    func claim(_ claims: [ClaimableOutput?], at height: BlockHeight) throws -> ClaimTransaction {
        try ClaimTransaction(
            claims.map { try #require($0) }, to: ClosingTests.script(0x33),
            feerate: FeeratePerKw(500), height: height, dustLimit: Satoshi(294))
    }

    // MARK: HTLC transactions

    /// The owner's transactions for HTLCs that end the same way: one for all with anchors, else one for each.
    func resolve(
        _ ids: [Int], preimage: Bool, addFee: (inout Transaction) throws -> Void
    ) throws -> [(transaction: Transaction, htlcs: [HTLCTransaction])] {
        let outputs = try ids.map { try output(htlc: $0) }
        let groups: [[Int]]
        switch channel.format {
        case .staticRemoteKey: groups = outputs.map { [$0] }
        case .anchors: groups = [outputs]
        }
        return try groups.map { group in
            let htlcs = try group.map { try #require(HTLCTransaction(commitment, output: $0)) }
            var transaction = htlcs[0].transaction
            transaction.inputs = htlcs.map { $0.transaction.inputs[0] }
            transaction.outputs = htlcs.map { $0.transaction.outputs[0] }
            if channel.format == .anchors { try addFee(&transaction) }
            try sign(&transaction, group: group, htlcs: htlcs, preimage: preimage)
            return (transaction, htlcs)
        }
    }

    private func sign(
        _ transaction: inout Transaction, group: [Int], htlcs: [HTLCTransaction], preimage: Bool
    ) throws {
        let request = HTLCTransactionRequest(
            counterparty: try channel.points(owner.other), commitment: commitment,
            transaction: transaction,
            resolutions: group.enumerated().map {
                HTLCTransactionRequest.Resolution(input: $0, output: $1)
            })
        let own = try ownerSigner.sign(request)
        let positions = commitment.outputs.indices.filter { commitment.outputs[$0].purpose.isHTLC }
        for (index, output) in group.enumerated() {
            let position = try #require(positions.firstIndex(of: output))
            transaction.inputs[index].witness = htlcs[index].witness(
                owner: own[index], counterparty: signatures.htlcs[position],
                preimage: preimage ? TestChannel.preimage(Int(htlcs[index].htlc.id)) : nil)
        }
    }

    // MARK: Weights

    /// Each transaction with signatures weighs at most what was expected, and hardly less.
    func checkWeights() throws {
        let transaction = try transaction()
        expect(transaction, commitment.expectedWeight, slack: 12)
        let positions = commitment.outputs.indices.filter { commitment.outputs[$0].purpose.isHTLC }
        for (position, output) in positions.enumerated() {
            let htlc = try #require(HTLCTransaction(commitment, output: output))
            let own = try ownerSigner.sign(
                HTLCTransactionRequest(
                    counterparty: channel.points(owner.other), commitment: commitment,
                    transaction: htlc.transaction,
                    resolutions: [HTLCTransactionRequest.Resolution(input: 0, output: output)]))
            let signed = htlc.signed(
                owner: own[0], counterparty: signatures.htlcs[position],
                preimage: htlc.htlc.direction == .received
                    ? TestChannel.preimage(Int(htlc.htlc.id)) : nil)
            expect(signed, htlc.expectedWeight, slack: 12)
        }
    }

    private func expect(_ transaction: Transaction, _ weight: Weight, slack: UInt64) {
        #expect(transaction.weight <= weight)
        #expect(transaction.weight.value + slack >= weight.value)
    }

    /// A witness weighs at most what was expected of its claim, and hardly less.
    static func expectWeight(_ witness: [[UInt8]], of claim: ClaimableOutput) {
        let size = witness.reduce(1) { sum, item in
            sum + ByteWriter.compactSizeLength(item.count) + item.count
        }
        let expected = Int(claim.maximumWitnessWeight.value)
        #expect((expected - 2...expected).contains(size))
    }
}
