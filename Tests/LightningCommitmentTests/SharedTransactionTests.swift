import Bitcoin
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// What a transaction that two sides build together refuses.
@Suite("Shared transactions") struct SharedTransactionTests {
    static let script = Script([0, 20] + [UInt8](repeating: 5, count: 20))

    static func input(_ serial: UInt64, _ index: UInt32, _ amount: Int64 = 10_000) -> SharedInput {
        SharedInput(
            serialID: serial, outPoint: OutPoint(TransactionID(.zero), index),
            spentOutput: TransactionOutput(amount: Satoshi(amount), scriptPubKey: script))
    }

    static func output(_ serial: UInt64, _ amount: Int64 = 5_000) -> SharedOutput {
        SharedOutput(
            serialID: serial,
            output: TransactionOutput(amount: Satoshi(amount), scriptPubKey: script))
    }

    static func build(
        _ inputs: [SharedInput], _ outputs: [SharedOutput]
    ) -> Result<SharedTransaction, SharedTransactionError> {
        Result { () throws(SharedTransactionError) in
            try SharedTransaction(inputs: inputs, outputs: outputs, lockTime: .none)
        }
    }

    @Test("parts are ordered by their serial numbers, and belong to a side by their parity")
    func order() throws {
        let shared = try Self.build(
            [Self.input(9, 0), Self.input(4, 1), Self.input(7, 2)],
            [Self.output(3), Self.output(2, 600)]
        ).get()
        #expect(shared.inputs.map(\.serialID) == [4, 7, 9])
        #expect(shared.transaction.outputs.map(\.amount) == [Satoshi(600), Satoshi(5_000)])
        #expect(shared.inputIndices(.nonInitiator) == [1, 2])
        #expect(shared.totalInput(.nonInitiator) == Satoshi(20_000))
        #expect(shared.fee == Satoshi(24_400))
        let witness: [[UInt8]] = [[1]]
        #expect(
            throws: SharedTransactionError.wrongWitnessCount(
                .nonInitiator, expected: 2, actual: 1)
        ) { try shared.signed(initiator: [witness], nonInitiator: [witness]) }
        func key(_ first: UInt8) -> [[UInt8]] { [[first, 1], [2]] }
        let signed = try shared.signed(initiator: [key(1)], nonInitiator: [key(2), key(3)])
        #expect(signed.inputs.map(\.witness) == [key(1), key(2), key(3)])
        #expect(throws: SharedTransactionError.emptyWitness(input: 0)) {
            try shared.signed(initiator: [[]], nonInitiator: [key(2), key(3)])
        }
        // SIGHASH_NONE and SIGHASH_ALL with ANYONECANPAY would let an input go elsewhere.
        for type: UInt8 in [2, 0x81] {
            #expect(throws: SharedTransactionError.partialSignature(input: 2)) {
                try shared.signed(initiator: [key(1)], nonInitiator: [key(2), [[3, type], [2]]])
            }
        }
    }

    @Test("a side that takes more than it brings is found, its share of the funding counted")
    func balance() throws {
        let shared = try Self.build(
            [Self.input(0, 0), Self.input(1, 1)],
            [Self.output(0, 14_000), Self.output(3, 2_000)]
        ).get()
        try shared.checkBalance(of: .nonInitiator, share: Satoshi(8_000), sharedOutput: 0)
        #expect(
            throws: SharedTransactionError.takesMoreThanItBrings(
                .nonInitiator, inputs: Satoshi(10_000), outputs: Satoshi(10_001))
        ) { try shared.checkBalance(of: .nonInitiator, share: Satoshi(8_001), sharedOutput: 0) }
        try shared.checkBalance(of: .initiator, share: Satoshi(6_000), sharedOutput: 0)
    }

    @Test("an output is refused that is dust, or has the other side's kind of number")
    func outputs() {
        let message = TxAddOutput(
            channelID: .all, serialID: 5, amount: Satoshi(293), script: Self.script)
        func error(_ party: ConstructionParty, _ limit: Int64) -> SharedTransactionError? {
            do throws(SharedTransactionError) {
                _ = try SharedOutput(message, from: party, dustLimit: Satoshi(limit))
                return nil
            } catch {
                return error
            }
        }
        #expect(error(.nonInitiator, 293) == nil)
        #expect(error(.nonInitiator, 294) == .dustOutput(Satoshi(293), limit: Satoshi(294)))
        #expect(error(.initiator, 293) == .wrongParity(serialID: 5, from: .initiator))
    }

    @Test("what BOLT 2 lets a node fail is refused with the reason")
    func refused() {
        let (input, output) = (Self.input(0, 0), Self.output(0))
        func error(_ inputs: [SharedInput], _ outputs: [SharedOutput]) -> SharedTransactionError? {
            if case .failure(let error) = Self.build(inputs, outputs) { error } else { nil }
        }
        #expect(error([input], [output]) == nil)
        #expect(error([input, Self.input(0, 1)], [output]) == .repeatedInput(serialID: 0))
        #expect(error([input], [output, Self.output(0)]) == .repeatedOutput(serialID: 0))
        #expect(error([input, Self.input(1, 0)], [output]) == .spentTwice(input.outPoint))
        #expect(
            error([input], [Self.output(0, 10_001)])
                == .outputsAboveInputs(inputs: Satoshi(10_000), outputs: Satoshi(10_001)))
        #expect(error([input], [Self.output(0, -1)]) == .impossibleAmount)
        #expect(error([Self.input(0, 0, .max), input], [output]) == .repeatedInput(serialID: 0))
        #expect(error([Self.input(0, 0, .max)], [output]) == .impossibleAmount)
        let many = (0..<253).map { Self.input(UInt64($0), UInt32($0)) }
        #expect(error(many, [output]) == .tooManyInputs(253))
        #expect(error(Array(many.prefix(252)), [output]) == nil)
        #expect(error([input], (0..<253).map { Self.output($0, 0) }) == .tooManyOutputs(253))
        var large = output
        large.output.scriptPubKey = Script([UInt8](repeating: 0x6a, count: 100_000))
        #expect(error([input], [large]) == .tooHeavy(Weight(4 * (10 + 41 + 100_013) + 2 + 107)))
    }

    @Test("an input is refused whose transaction or output does not do")
    func inputs() throws {
        let previous = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 0))],
            outputs: [
                TransactionOutput(amount: Satoshi(7), scriptPubKey: Self.script),
                TransactionOutput(amount: Satoshi(8), scriptPubKey: Script([0x51])),
            ])
        let message = TxAddInput(
            channelID: .all, serialID: 6, previousTransaction: previous.encoded,
            previousOutputIndex: 0, sequence: .replaceable)
        func error(_ change: (inout TxAddInput) -> Void) -> SharedTransactionError? {
            var message = message
            change(&message)
            do throws(SharedTransactionError) {
                _ = try SharedInput(message, from: .initiator)
                return nil
            } catch {
                return error
            }
        }
        let input = try SharedInput(message, from: .initiator)
        #expect(input.outPoint == OutPoint(previous.id, 0))
        #expect(input.spentOutput.amount == Satoshi(7))
        #expect(input.party == .initiator)
        #expect(error { $0.previousOutputIndex = 2 } == .noSuchOutput(index: 2, count: 2))
        #expect(error { $0.previousOutputIndex = 1 } == .notSegwit(Script([0x51])))
        #expect(error { $0.serialID = 7 } == .wrongParity(serialID: 7, from: .initiator))
        #expect(error { $0.sequence = .final } == .notReplaceable(.final))
        #expect(error { $0.sequence = .lockTimeOnly } == .notReplaceable(.lockTimeOnly))
        #expect(error { $0.previousTransaction.append(0) } != nil)
        #expect(error { $0.tlvs.sharedInputTransactionID = previous.id } == .isSharedInput)
    }

    @Test("witnesses survive the way through a message, and others are refused")
    func witnesses() throws {
        let items: [[UInt8]] = [[], [1], [UInt8](repeating: 7, count: 300)]
        #expect(try WitnessData(items: items).items() == items)
        #expect(try WitnessData(items: []).items() == [])
        for bytes: [UInt8] in [[], [1], [1, 2, 0], [0, 0], [0xff], [1, 0xfd, 1, 0, 5]] {
            #expect(throws: DecodeError.self) { try WitnessData(bytes).items() }
        }
    }
}
