import Bitcoin
import LightningWire

/// What does not change from one commitment of an owner to the next.
public struct CommitmentParameters: Hashable, Sendable {
    public var format: CommitmentFormat
    public var funding: ChannelFunding
    public var ownerFundingKey: PublicKey
    public var counterpartyFundingKey: PublicKey
    /// Whether the owner opened the channel and so pays for fees and anchors.
    public var ownerIsOpener: Bool
    /// The owner's limit, below which its commitment has no outputs.
    public var dustLimit: Satoshi
    /// The blocks for which the owner must wait for its own money; the counterparty chose them.
    public var toSelfDelay: UInt16
    public var obscurer: CommitmentNumberObscurer

    /// The parameters of one owner's commitments.
    public init(
        format: CommitmentFormat, funding: ChannelFunding, ownerFundingKey: PublicKey,
        counterpartyFundingKey: PublicKey, ownerIsOpener: Bool, dustLimit: Satoshi,
        toSelfDelay: UInt16, obscurer: CommitmentNumberObscurer
    ) {
        self.format = format
        self.funding = funding
        self.ownerFundingKey = ownerFundingKey
        self.counterpartyFundingKey = counterpartyFundingKey
        self.ownerIsOpener = ownerIsOpener
        self.dustLimit = dustLimit
        self.toSelfDelay = toSelfDelay
        self.obscurer = obscurer
    }
}

/// An output of a commitment transaction with its meaning and, where it has one, its witness script.
public struct CommitmentOutput: Hashable, Sendable {
    /// What an output is for.
    public enum Purpose: Hashable, Sendable {
        case toLocal
        case toRemote
        case localAnchor
        case remoteAnchor
        case htlc(CommitmentHTLC)

        /// Whether the output is an HTLC's.
        public var isHTLC: Bool {
            if case .htlc = self { true } else { false }
        }
    }

    public let purpose: Purpose
    public let output: TransactionOutput
    /// The script behind the output's hash; nil for a `to_remote` that is a plain key hash.
    public let witnessScript: Script?
}

/// A commitment transaction and the meaning of each of its outputs (BOLT 3).
public struct CommitmentTransaction: Hashable, Sendable {
    public let parameters: CommitmentParameters
    public let keys: CommitmentKeys
    public let number: UInt64
    /// What the transaction divides.
    public let state: CommitmentState
    /// The transaction without its witness.
    public let transaction: Transaction
    /// The identifier of the transaction.
    public let id: TransactionID
    /// The outputs in the order of the transaction.
    public let outputs: [CommitmentOutput]

    /// Builds commitment `number` of the owner for `state`.
    public init(
        _ parameters: CommitmentParameters, keys: CommitmentKeys, number: UInt64,
        state: CommitmentState
    ) {
        self.parameters = parameters
        self.keys = keys
        self.number = number
        self.state = state
        outputs = CommitmentOutputBuilder(parameters, keys, state).sortedOutputs()
        let fields = parameters.obscurer.fields(of: number)
        transaction = Transaction(
            version: 2,
            inputs: [
                TransactionInput(
                    previousOutput: parameters.funding.outPoint, sequence: fields.sequence)
            ],
            outputs: outputs.map(\.output), lockTime: fields.lockTime)
        id = transaction.id
    }

    /// What both sides sign.
    public var signatureHash: Hash256 {
        parameters.funding.script.signatureHash(transaction, amount: parameters.funding.amount)
    }

    /// Whether `signature` is the counterparty's for this transaction.
    public func isSigned(byCounterparty signature: ECDSASignature) -> Bool {
        parameters.counterpartyFundingKey.verify(signature, signatureHash)
    }

    /// The transaction with the witness of both signatures.
    public func signed(
        owner: ECDSASignature, counterparty: ECDSASignature
    ) -> Transaction {
        var signed = transaction
        signed.inputs[0].witness = parameters.funding.script.witness(
            owner, by: parameters.ownerFundingKey, counterparty)
        return signed
    }

    /// What the miner gets: the funding less all outputs.
    public var fee: Satoshi {
        outputs.reduce(parameters.funding.amount) { $0 - $1.output.amount }
    }

    /// The weight by which the fee was computed, which the transaction does not exceed once it is signed.
    public var expectedWeight: Weight {
        CommitmentFees(
            format: parameters.format, feerate: state.feerate, dustLimit: parameters.dustLimit
        ).weight(htlcOutputs: outputs.count { $0.purpose.isHTLC })
    }

    /// The output point of output `index`.
    public func outPoint(_ index: Int) -> OutPoint { OutPoint(id, UInt32(index)) }

    /// The index of the output for `purpose`; nil where it was left out.
    public func index(of purpose: CommitmentOutput.Purpose) -> Int? {
        outputs.firstIndex { $0.purpose == purpose }
    }

    /// The transactions that resolve the HTLC outputs for the owner, in the order of the outputs, which is that of
    /// `htlc_signature` in `commitment_signed` (BOLT 2).
    public var htlcTransactions: [HTLCTransaction] {
        guard outputs.contains(where: \.purpose.isHTLC) else { return [] }
        let secondStage = SecondStageOutput(self)
        return outputs.indices.compactMap { HTLCTransaction(self, output: $0, secondStage) }
    }

    /// The results of `body` for each of ``htlcTransactions`` and its place among them, in their order.
    func mapHTLCTransactions<Result: Sendable>(
        _ work: some ParallelWork, _ body: @escaping @Sendable (Int, HTLCTransaction) -> Result
    ) -> [Result] {
        let places = outputs.indices.filter { outputs[$0].purpose.isHTLC }
        guard !places.isEmpty else { return [] }
        let secondStage = SecondStageOutput(self)
        return work.map(places.count) { index in
            HTLCTransaction(self, output: places[index], secondStage).map { body(index, $0) }
        }.compactMap(\.self)
    }
}
