import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// The outputs of closing transactions, in both forms.
@Suite("Closing transactions") struct ClosingTests {
    let channel: TestChannel

    init() throws { channel = try TestChannel(.anchors) }

    static func script(_ byte: UInt8) -> Script {
        Script([0, 20] + [UInt8](repeating: byte, count: 20))
    }

    static func side(_ byte: UInt8, _ amount: UInt64) -> ClosingOutput {
        ClosingOutput(script: script(byte), amount: MilliSatoshi(amount))
    }

    static let burnt = ClosingOutput(
        script: .nullData([1, 2, 3, 4, 5, 6]), amount: MilliSatoshi(700_900))

    func legacy(
        _ opener: ClosingOutput, _ accepter: ClosingOutput, fee: Int64,
        eliminated: ClosingParty? = nil
    ) throws -> ClosingTransaction {
        try ClosingTransaction(
            channel.funding,
            .legacy(
                LegacyClosing(
                    opener: opener, accepter: accepter, fee: Satoshi(fee),
                    dustLimit: Satoshi(354), eliminated: eliminated)))
    }

    func simple(
        _ closer: ClosingOutput, _ closee: ClosingOutput, fee: Int64, _ variant: ClosingVariant
    ) throws -> ClosingTransaction {
        try ClosingTransaction(
            channel.funding,
            .simple(
                SimpleClosing(
                    closer: closer, closee: closee, fee: Satoshi(fee),
                    lockTime: LockTime(777), variant: variant)))
    }

    @Test("legacy: the opener pays, whole satoshi are paid out, outputs are ordered")
    func legacyOutputs() throws {
        let closing = try legacy(Self.side(9, 600_999_999), Self.side(1, 399_000_001), fee: 500)
        #expect(
            closing.transaction.outputs == [
                TransactionOutput(amount: Satoshi(399_000), scriptPubKey: Self.script(1)),
                TransactionOutput(amount: Satoshi(600_499), scriptPubKey: Self.script(9)),
            ])
        #expect(closing.transaction.lockTime == .none)
        #expect(closing.transaction.inputs[0].sequence == .final)
        let equal = try legacy(Self.side(9, 2_500_000), Self.side(1, 2_000_000), fee: 500)
        #expect(
            equal.transaction.outputs.map(\.scriptPubKey) == [Self.script(1), Self.script(9)])
    }

    @Test("legacy: dust and what is given up are left out")
    func legacyDust() throws {
        let dust = try legacy(Self.side(9, 900_000_000), Self.side(1, 353_999), fee: 0)
        #expect(dust.transaction.outputs.map(\.amount) == [Satoshi(900_000)])
        let kept = try legacy(Self.side(9, 900_000_000), Self.side(1, 354_000), fee: 0)
        #expect(kept.transaction.outputs.count == 2)
        let given = try legacy(
            Self.side(9, 9_000_000), Self.side(1, 9_000_000), fee: 100, eliminated: .accepter)
        #expect(given.transaction.outputs.map(\.amount) == [Satoshi(8_900)])
        #expect(throws: ClosingError.noOutput) {
            try legacy(Self.side(9, 353_000), Self.side(1, 0), fee: 0)
        }
        #expect(throws: ClosingError.noOutput) {
            try legacy(Self.side(9, 9_000_000), Self.side(1, 0), fee: 0, eliminated: .opener)
        }
    }

    @Test("a fee above the balance of who pays it is refused")
    func feeAboveBalance() throws {
        let error = ClosingError.feeAboveBalance(fee: Satoshi(1000), available: Satoshi(999))
        #expect(throws: error) {
            try legacy(Self.side(9, 999_999), Self.side(1, 900_000_000), fee: 1000)
        }
        for variant in ClosingVariant.allCases {
            #expect(throws: error) {
                try simple(Self.side(9, 999_999), Self.side(1, 9_000_000), fee: 1000, variant)
            }
        }
        #expect(throws: Never.self) {
            try simple(
                Self.side(9, 1_000_000), Self.side(1, 9_000_000), fee: 1000, .closeeOutputOnly)
        }
    }

    @Test("simple: each variant has its outputs, the closer pays, the lock time is agreed")
    func simpleVariants() throws {
        let (closer, closee) = (Self.side(9, 5_000_999), Self.side(1, 6_000_999))
        func outputs(_ variant: ClosingVariant) throws -> [TransactionOutput] {
            let closing = try simple(closer, closee, fee: 300, variant)
            #expect(closing.transaction.lockTime == LockTime(777))
            #expect(closing.transaction.inputs[0].sequence == .replaceable)
            return closing.transaction.outputs
        }
        let own = TransactionOutput(amount: Satoshi(4_700), scriptPubKey: Self.script(9))
        let other = TransactionOutput(amount: Satoshi(6_000), scriptPubKey: Self.script(1))
        #expect(try outputs(.closerOutputOnly) == [own])
        #expect(try outputs(.closeeOutputOnly) == [other])
        #expect(try outputs(.closerAndCloseeOutputs) == [own, other])
    }

    @Test("simple: an OP_RETURN output has no amount, whichever side it is of")
    func burnt() throws {
        let closer = try simple(Self.burnt, Self.side(1, 9_000_000), fee: 700, .closerOutputOnly)
        #expect(closer.transaction.outputs.map(\.amount) == [.zero])
        let both = try simple(
            Self.side(9, 9_000_000), Self.burnt, fee: 1_000, .closerAndCloseeOutputs)
        #expect(both.transaction.outputs.map(\.amount) == [.zero, Satoshi(8_000)])
    }

    @Test("both sides' signatures close the channel, and weigh what was expected")
    func signed() throws {
        let closing = try legacy(Self.side(9, 600_000_000), Self.side(1, 399_000_000), fee: 1000)
        let transaction = try channel.signed(closing)
        try ScriptJudge.verify(transaction, spending: [channel.funding.output])
        let opener = try channel.points(.opener).funding
        let signature = try channel.opener.sign(
            ClosingRequest(counterparty: channel.points(.accepter), closing: closing))
        #expect(closing.isSigned(signature, by: opener))
        #expect(!closing.isSigned(signature, by: try channel.points(.accepter).funding))
        #expect(transaction.weight <= closing.expectedWeight)
        #expect(transaction.weight.value + 8 >= closing.expectedWeight.value)
    }
}
