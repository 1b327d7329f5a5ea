import Bitcoin
import LightningWire

/// Who of the two builds a transaction, seen in the serial numbers of what they add (BOLT 2, "Interactive Transaction
/// Construction").
public enum ConstructionParty: Hashable, Sendable, CaseIterable {
    /// Who sent the first message; its serial numbers are even.
    case initiator
    /// The other side; its serial numbers are odd.
    case nonInitiator

    /// The side whose serial numbers are like `serialID`.
    public init(serialID: UInt64) { self = serialID % 2 == 0 ? .initiator : .nonInitiator }
}

/// An input that a side adds with `tx_add_input`.
public struct SharedInput: Hashable, Sendable {
    public var serialID: UInt64
    public var outPoint: OutPoint
    /// The output that is spent, from the transaction in the message.
    public var spentOutput: TransactionOutput
    public var sequence: InputSequence

    /// The input with the number `serialID`.
    public init(
        serialID: UInt64, outPoint: OutPoint, spentOutput: TransactionOutput,
        sequence: InputSequence = .replaceable
    ) {
        self.serialID = serialID
        self.outPoint = outPoint
        self.spentOutput = spentOutput
        self.sequence = sequence
    }

    /// The side that added the input.
    public var party: ConstructionParty { ConstructionParty(serialID: serialID) }
}

/// An output that a side adds with `tx_add_output`.
public struct SharedOutput: Hashable, Sendable {
    public var serialID: UInt64
    public var output: TransactionOutput

    /// The output with the number `serialID`.
    public init(serialID: UInt64, output: TransactionOutput) {
        self.serialID = serialID
        self.output = output
    }

    /// The side that added the output.
    public var party: ConstructionParty { ConstructionParty(serialID: serialID) }
}

/// A transaction that two sides have built together, such as the funding of a channel that both pay for.
public struct SharedTransaction: Hashable, Sendable {
    /// The inputs by their serial numbers, which is their order in the transaction.
    public let inputs: [SharedInput]
    /// The outputs by their serial numbers, which is their order in the transaction.
    public let outputs: [SharedOutput]
    public let lockTime: LockTime
    /// What the inputs are worth more than the outputs.
    public let fee: Satoshi

    /// The most inputs that a transaction may have, and the most outputs (BOLT 2).
    public static let maximumCount = 252

    /// The transaction of these parts, in any order.
    ///
    /// Throws what BOLT 2 lets a node fail the construction for once both sides are done, other than a fee rate that is too
    /// low and a side that takes more than it brings (``checkBalance(of:share:sharedOutput:)``).
    public init(
        inputs: [SharedInput], outputs: [SharedOutput], lockTime: LockTime
    ) throws(SharedTransactionError) {
        try Self.check(count: inputs.count, .tooManyInputs(inputs.count))
        try Self.check(count: outputs.count, .tooManyOutputs(outputs.count))
        try Self.checkDistinct(inputs.map(\.serialID), SharedTransactionError.repeatedInput)
        try Self.checkDistinct(outputs.map(\.serialID), SharedTransactionError.repeatedOutput)
        try Self.checkDistinct(inputs.map(\.outPoint), SharedTransactionError.spentTwice)
        guard let available = Satoshi.sum(inputs.map(\.spentOutput.amount)),
            let spent = Satoshi.sum(outputs.map(\.output.amount))
        else { throw .impossibleAmount }
        guard available >= spent else {
            throw .outputsAboveInputs(inputs: available, outputs: spent)
        }
        self.inputs = inputs.sorted { $0.serialID < $1.serialID }
        self.outputs = outputs.sorted { $0.serialID < $1.serialID }
        self.lockTime = lockTime
        fee = available - spent
        let weight = Weight(
            transaction.weight.value + 2
                + UInt64(inputs.count) * Self.minimumWitnessWeight.value)
        guard weight <= .maximumStandard else { throw .tooHeavy(weight) }
    }

    private static func check(
        count: Int, _ error: SharedTransactionError
    ) throws(SharedTransactionError) {
        guard count <= maximumCount else { throw error }
    }

    private static func checkDistinct<Key: Hashable>(
        _ keys: [Key], _ error: (Key) -> SharedTransactionError
    ) throws(SharedTransactionError) {
        var seen: Set<Key> = []
        for key in keys {
            guard seen.insert(key).inserted else { throw error(key) }
        }
    }

    /// The transaction without witnesses.
    public var transaction: Transaction {
        Transaction(
            version: 2,
            inputs: inputs.map {
                TransactionInput(previousOutput: $0.outPoint, sequence: $0.sequence)
            },
            outputs: outputs.map(\.output), lockTime: lockTime)
    }

    /// What the inputs of `party` are worth. Who put in less sends `tx_signatures` first (BOLT 2).
    public func totalInput(_ party: ConstructionParty) -> Satoshi {
        inputs.reduce(.zero) { $1.party == party ? $0 + $1.spentOutput.amount : $0 }
    }

    /// Throws where `party` takes out more than it puts in, so that the other side would pay for it.
    ///
    /// `share` is what of the output numbered `sharedOutput`, the funding output, belongs to `party`. BOLT 2: "the peer's
    /// total input satoshis is less than their outputs. One MUST account for the peer's portion of the funding output when
    /// verifying compliance with this requirement."
    public func checkBalance(
        of party: ConstructionParty, share: Satoshi, sharedOutput: UInt64
    ) throws(SharedTransactionError) {
        let own = outputs.filter { $0.party == party && $0.serialID != sharedOutput }
        guard let taken = Satoshi.sum(own.map(\.output.amount) + [share]) else {
            throw .impossibleAmount
        }
        let brought = totalInput(party)
        guard brought >= taken else {
            throw .takesMoreThanItBrings(party, inputs: brought, outputs: taken)
        }
    }

    /// The positions of the inputs of `party`, in the order of its witnesses in `tx_signatures`.
    public func inputIndices(_ party: ConstructionParty) -> [Int] {
        inputs.indices.filter { inputs[$0].party == party }
    }

    /// The transaction with the witnesses of both sides, each side's in the order of its inputs.
    ///
    /// Throws where a side's witnesses are not as many as its inputs, where one is empty, and where the signature of a key
    /// does not cover everything. That they are valid is the verifier's to say.
    public func signed(
        initiator: [[[UInt8]]], nonInitiator: [[[UInt8]]]
    ) throws(SharedTransactionError) -> Transaction {
        var signed = transaction
        for (party, witnesses) in [
            (ConstructionParty.initiator, initiator), (.nonInitiator, nonInitiator),
        ] {
            let indices = inputIndices(party)
            guard indices.count == witnesses.count else {
                throw .wrongWitnessCount(
                    party, expected: indices.count, actual: witnesses.count)
            }
            for (index, witness) in zip(indices, witnesses) {
                guard !witness.isEmpty else { throw .emptyWitness(input: index) }
                guard Self.coversEverything(witness, inputs[index].spentOutput.scriptPubKey)
                else { throw .partialSignature(input: index) }
                signed.inputs[index].witness = witness
            }
        }
        return signed
    }

    /// Whether the one signature of a key's output has `SIGHASH_ALL`: with any other the input could be taken to another
    /// transaction. Scripts are judged where they are run.
    private static func coversEverything(_ witness: [[UInt8]], _ script: Script) -> Bool {
        guard let (version, program) = script.witnessProgram, let signature = witness.first
        else { return true }
        if version == 0, program.count == 20 {
            return signature.last == SighashType.all.byte
        }
        if version == 1, program.count == 32, witness.count == 1 {
            return signature.count == 64
                || signature.count == 65 && signature.last == SighashType.all.byte
        }
        return true
    }
}

/// Why there is no such transaction.
public enum SharedTransactionError: Error, Equatable, Sendable {
    /// More than 252 inputs.
    case tooManyInputs(Int)
    /// More than 252 outputs.
    case tooManyOutputs(Int)
    /// Two inputs have that serial number.
    case repeatedInput(serialID: UInt64)
    /// Two outputs have that serial number.
    case repeatedOutput(serialID: UInt64)
    /// Two inputs spend the same output.
    case spentTwice(OutPoint)
    /// An amount, or the sum of all, is below zero or above all bitcoin that can exist.
    case impossibleAmount
    /// The outputs are worth more than the inputs.
    case outputsAboveInputs(inputs: Satoshi, outputs: Satoshi)
    /// More than nodes relay, though each witness counts as the smallest.
    case tooHeavy(Weight)
    /// The transaction in `tx_add_input` cannot be read.
    case unreadablePreviousTransaction(DecodeError)
    /// The transaction in `tx_add_input` has no such output.
    case noSuchOutput(index: UInt32, count: Int)
    /// Only outputs of segwit can be spent, since others let the transaction's identifier be changed.
    case notSegwit(Script)
    /// The input would forbid to replace the transaction.
    case notReplaceable(InputSequence)
    /// The shared input of a splice has no transaction with it.
    case isSharedInput
    /// The initiator's serial numbers are even, the other side's odd.
    case wrongParity(serialID: UInt64, from: ConstructionParty)
    /// An output below what nodes relay.
    case dustOutput(Satoshi, limit: Satoshi)
    /// A side's outputs are worth more than its inputs.
    case takesMoreThanItBrings(ConstructionParty, inputs: Satoshi, outputs: Satoshi)
    /// A side has to sign each of its inputs.
    case emptyWitness(input: Int)
    /// A signature has to cover the whole transaction.
    case partialSignature(input: Int)
    /// A side has to sign each of its inputs.
    case wrongWitnessCount(ConstructionParty, expected: Int, actual: Int)
}
