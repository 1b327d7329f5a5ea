import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// What holds for every commitment, whatever it divides.
@Suite("Commitments of random states") struct CommitmentPropertyTests {
    /// A state at random, with amounts around the limits and with equal HTLCs.
    struct Sample {
        let channel: TestChannel
        let owner: TestChannel.Side
        let commitment: CommitmentTransaction

        init(_ channel: TestChannel, _ generator: inout SeededGenerator) throws {
            self.channel = channel
            owner = Bool.random(using: &generator) ? .opener : .accepter
            let feerate = UInt32.random(in: 253...20_000, using: &generator)
            let dustLimit = Int64.random(in: 354...1_000, using: &generator)
            let limits = CommitmentFees(
                format: channel.format, feerate: FeeratePerKw(feerate),
                dustLimit: Satoshi(dustLimit))
            var htlcs: [CommitmentHTLC] = []
            for id in 0..<Int.random(in: 0...12, using: &generator) {
                let direction: HTLCDirection =
                    Bool.random(using: &generator) ? .offered : .received
                let threshold = MilliSatoshi(limits.trimThreshold(direction)).value
                let amounts = [
                    threshold - 1, threshold, threshold + 1_000,
                    UInt64.random(in: 1...60_000_000, using: &generator), 30_000_000,
                ]
                let amount = MilliSatoshi(amounts.randomElement(using: &generator) ?? threshold)
                var htlc = channel.htlc(
                    direction, id: id, amount,
                    expiry: UInt32.random(in: 500...503, using: &generator))
                // Payments in several parts have one hash.
                htlc.paymentHash = TestChannel.preimage(id % 3).paymentHash
                htlcs.append(htlc)
            }
            let free = htlcs.reduce(channel.everything) { $0 - $1.amount }
            let balances = [
                0, 353_999, 900_000, free.value / 2, free.value - 354_000, free.value,
                UInt64.random(in: 0...free.value, using: &generator),
            ]
            commitment = try channel.commitment(
                owner, number: UInt64(generator.next() >> 16), feerate: feerate, htlcs: htlcs,
                dustLimit: dustLimit,
                balance: MilliSatoshi(balances.randomElement(using: &generator) ?? 0))
        }

        var fees: CommitmentFees {
            CommitmentFees(
                format: channel.format, feerate: commitment.state.feerate,
                dustLimit: commitment.parameters.dustLimit)
        }
    }

    @Test("money is neither made nor lost, and no output is dust", arguments: 0..<60)
    func money(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let channel = try TestChannel(seed % 2 == 0 ? .anchors : .staticRemoteKey)
        for _ in 0..<10 {
            let sample = try Sample(channel, &generator)
            let (commitment, state) = (sample.commitment, sample.commitment.state)
            let kept = state.htlcs.filter { !sample.fees.isTrimmed($0.direction, $0.amount) }
            let isOpener = sample.owner == .opener
            let cost =
                sample.fees.baseFee(htlcOutputs: kept.count) + channel.format.anchorsAmount
            let (opener, other) =
                isOpener
                ? (state.ownerBalance, state.counterpartyBalance)
                : (state.counterpartyBalance, state.ownerBalance)

            var expected = Satoshi.zero
            for amount in [max(.zero, opener.roundedDown - cost), other.roundedDown]
            where amount >= commitment.parameters.dustLimit { expected += amount }
            for htlc in kept { expected += htlc.amount.roundedDown }
            let anchors = commitment.outputs.filter {
                [.localAnchor, .remoteAnchor].contains($0.purpose)
            }
            let paid = commitment.outputs.reduce(Satoshi.zero) { $0 + $1.output.amount }
            #expect(paid == expected + Satoshi(330 * Int64(anchors.count)))
            #expect(commitment.fee == channel.funding.amount - paid)
            // With anchors an opener who cannot pay for them pays less than they hold; BOLT 2 keeps a channel from
            // getting there.
            if opener.roundedDown >= cost {
                #expect(commitment.fee >= cost - channel.format.anchorsAmount)
            }
            for output in commitment.outputs where !anchors.contains(output) {
                #expect(output.output.amount >= commitment.parameters.dustLimit)
            }
            #expect(commitment.htlcTransactions.count == kept.count)
            for htlc in commitment.htlcTransactions {
                #expect(htlc.transaction.outputs[0].amount >= commitment.parameters.dustLimit)
            }
        }
    }

    @Test("outputs are ordered, however the HTLCs came", arguments: 0..<20)
    func order(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed + 1_000)
        let channel = try TestChannel(seed % 2 == 0 ? .anchors : .staticRemoteKey)
        for _ in 0..<5 {
            let commitment = try Sample(channel, &generator).commitment
            var state = commitment.state
            state.htlcs.shuffle(using: &generator)
            let anew = CommitmentTransaction(
                commitment.parameters, keys: commitment.keys, number: commitment.number,
                state: state)
            #expect(anew.outputs == commitment.outputs)
            #expect(anew.id == commitment.id)
            for (one, next) in zip(commitment.outputs, commitment.outputs.dropFirst()) {
                let (left, right) = (one.output, next.output)
                #expect(left.amount <= right.amount)
                guard left.amount == right.amount else { continue }
                let (script, other) = (left.scriptPubKey.bytes, right.scriptPubKey.bytes)
                #expect(!other.lexicographicallyPrecedes(script))
                if script == other, case .htlc(let first) = one.purpose,
                    case .htlc(let second) = next.purpose
                {
                    #expect(first.cltvExpiry <= second.cltvExpiry)
                }
            }
        }
    }

    @Test("what one side signs the other accepts, and the scripts too", arguments: 0..<8)
    func signatures(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed + 2_000)
        let channel = try TestChannel(seed % 2 == 0 ? .anchors : .staticRemoteKey)
        let sample = try Sample(channel, &generator)
        let transaction = try channel.signed(sample.commitment, owner: sample.owner)
        try ScriptJudge.verify(transaction, spending: [channel.funding.output])
        #expect(transaction.weight <= sample.commitment.expectedWeight)
    }
}
