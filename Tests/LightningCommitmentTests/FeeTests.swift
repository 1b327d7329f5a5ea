import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Fees, trimming and numbers of commitments.
@Suite("Commitment fees and numbers") struct FeeTests {
    /// The example in BOLT 3, "Fee Calculation".
    @Test("the specification's example: 5340 satoshi, and 7140 with what is trimmed")
    func example() throws {
        let channel = try TestChannel(.staticRemoteKey)
        let amounts: [(HTLCDirection, UInt64)] = [
            (.offered, 5_000_000), (.offered, 1_000_000),
            (.received, 7_000_000), (.received, 800_000),
        ]
        let htlcs = amounts.enumerated().map { index, item in
            channel.htlc(item.0, id: index, MilliSatoshi(item.1), expiry: 500)
        }
        let fees = CommitmentFees(
            format: .staticRemoteKey, feerate: FeeratePerKw(5000), dustLimit: Satoshi(546))
        #expect(
            htlcs.map { fees.isTrimmed($0.direction, $0.amount) } == [false, true, false, true])
        #expect(fees.weight(htlcOutputs: 2) == Weight(1068))
        #expect(fees.baseFee(htlcOutputs: 2) == Satoshi(5340))
        let commitment = try channel.commitment(
            .opener, number: 1, feerate: 5000, htlcs: htlcs, dustLimit: 546)
        #expect(commitment.fee == Satoshi(7140))
        #expect(fees.openerCost(commitment.state) == Satoshi(5340))
        #expect(
            commitment.htlcTransactions.map { $0.transaction.outputs[0].amount }
                == [Satoshi(5000 - 3315), Satoshi(7000 - 3515)])
    }

    @Test("an HTLC at the threshold has an output, one below has none")
    func threshold() {
        for (format, feerate) in [
            (CommitmentFormat.staticRemoteKey, FeeratePerKw(1000)), (.anchors, FeeratePerKw(1000)),
        ] {
            let fees = CommitmentFees(format: format, feerate: feerate, dustLimit: Satoshi(354))
            for direction in [HTLCDirection.offered, .received] {
                let threshold = fees.trimThreshold(direction)
                #expect(!fees.isTrimmed(direction, MilliSatoshi(threshold)))
                #expect(!fees.isTrimmed(direction, MilliSatoshi(threshold) + MilliSatoshi(999)))
                #expect(fees.isTrimmed(direction, MilliSatoshi(threshold) - MilliSatoshi(1)))
            }
        }
        let anchors = CommitmentFees(
            format: .anchors, feerate: FeeratePerKw(9999), dustLimit: Satoshi(354))
        #expect(anchors.trimThreshold(.offered) == Satoshi(354))
        #expect(anchors.trimThreshold(.received) == Satoshi(354))
    }

    @Test("an opener who cannot pay the fee has no output, and the rest goes to the fee")
    func poorOpener() throws {
        for format in CommitmentFormat.allCases {
            let channel = try TestChannel(format)
            let poor = try channel.commitment(
                .opener, number: 1, feerate: 10_000, balance: MilliSatoshi(900_500))
            #expect(poor.index(of: .toLocal) == nil)
            #expect(poor.index(of: .localAnchor) == nil)
            #expect(poor.index(of: .toRemote) != nil)
            let mirrored = try channel.commitment(
                .accepter, number: 1, feerate: 10_000, balance: MilliSatoshi(900_500))
            #expect(mirrored.index(of: .toRemote) == nil)
            #expect(mirrored.index(of: .remoteAnchor) == nil)
            // The accepter's whole satoshis and its anchor are all that is paid out.
            let anchor = format == .anchors ? CommitmentFormat.anchorAmount : .zero
            #expect(mirrored.fee == Satoshi(1_000_000 - 999_099) - anchor)
        }
    }

    @Test("anchors are there for every side with an output, and for both where HTLCs are")
    func anchors() throws {
        let channel = try TestChannel(.anchors)
        let alone = try channel.commitment(
            .opener, number: 0, feerate: 253, balance: channel.everything)
        #expect(alone.outputs.map(\.purpose) == [.localAnchor, .toLocal])
        let withHTLC = try channel.commitment(
            .opener, number: 0, feerate: 253,
            htlcs: [channel.htlc(.offered, id: 0, MilliSatoshi(1_000_000), expiry: 9)],
            balance: channel.everything - MilliSatoshi(1_000_000))
        #expect(withHTLC.index(of: .remoteAnchor) != nil)
        #expect(withHTLC.index(of: .toRemote) == nil)
    }

    @Test("a commitment's number is found again, and by the two parties alone")
    func numbers() throws {
        let channel = try TestChannel(.anchors)
        let stranger = CommitmentNumberObscurer(
            openerPaymentBasepoint: try channel.points(.accepter).payment,
            accepterPaymentBasepoint: try channel.points(.opener).payment)
        for number in [0, 1, 0xff_ffff, 0x100_0000, CommitmentNumberObscurer.maximum] {
            let commitment = try channel.commitment(.opener, number: number, feerate: 253)
            #expect(channel.obscurer.number(of: commitment.transaction) == number)
            #expect(stranger.number(of: commitment.transaction) != number)
            let fields = channel.obscurer.fields(of: number)
            #expect(fields.sequence.value >> 24 == 0x80)
            #expect(fields.lockTime.value >> 24 == 0x20)
        }
        var other = try channel.commitment(.opener, number: 5, feerate: 253).transaction
        other.lockTime = LockTime(0x1fff_ffff)
        #expect(channel.obscurer.number(of: other) == nil)
        other.lockTime = LockTime(0x2000_0000)
        other.inputs[0].sequence = .replaceable
        #expect(channel.obscurer.number(of: other) == nil)
        other.inputs = []
        #expect(channel.obscurer.number(of: other) == nil)
    }
}
