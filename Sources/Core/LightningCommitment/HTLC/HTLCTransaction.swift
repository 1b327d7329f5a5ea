import Bitcoin
import LightningWire

/// The transaction by which the owner of a commitment resolves one of its HTLC outputs, into an output that it must wait
/// for and that a penalty can take (BOLT 3, "HTLC-Timeout and HTLC-Success Transactions").
public struct HTLCTransaction: Hashable, Sendable {
    public let htlc: CommitmentHTLC
    public let format: CommitmentFormat
    /// The transaction without its witness; with anchors, inputs and outputs may be added behind the first.
    public let transaction: Transaction
    /// The output that is spent.
    public let spentOutput: TransactionOutput
    /// The script of the output that is spent.
    public let spentScript: Script
    /// The script of the output that is created, as for `to_local`.
    public let outputScript: Script
    /// The blocks for which the owner waits for that output.
    public let toSelfDelay: UInt16
    public let perCommitmentPoint: PublicKey
    public let ownerKey: PublicKey
    public let counterpartyKey: PublicKey

    /// The transaction for output `index` of `commitment`; nil where that output is no HTLC.
    public init?(_ commitment: CommitmentTransaction, output index: Int) {
        self.init(commitment, output: index, SecondStageOutput(commitment))
    }

    /// The same with the output's script, which is that of all HTLCs of the commitment.
    init?(
        _ commitment: CommitmentTransaction, output index: Int, _ secondStage: SecondStageOutput
    ) {
        let output = commitment.outputs[index]
        guard case .htlc(let htlc) = output.purpose, let script = output.witnessScript else {
            return nil
        }
        let (parameters, keys) = (commitment.parameters, commitment.keys)
        self.htlc = htlc
        format = parameters.format
        spentOutput = output.output
        spentScript = script
        outputScript = secondStage.script
        toSelfDelay = parameters.toSelfDelay
        perCommitmentPoint = keys.perCommitmentPoint
        ownerKey = keys.ownerHTLC
        counterpartyKey = keys.counterpartyHTLC
        let fee: Satoshi
        let lockTime: LockTime
        switch htlc.direction {
        case .offered:
            fee = format.htlcTimeoutFee(commitment.state.feerate)
            lockTime = LockTime(htlc.cltvExpiry.value)
        case .received:
            fee = format.htlcSuccessFee(commitment.state.feerate)
            lockTime = .none
        }
        transaction = Transaction(
            version: 2,
            inputs: [
                TransactionInput(
                    previousOutput: commitment.outPoint(
                        Mutation.isOn(.htlcIndexOffByOne) ? index + 1 : index),
                    sequence: format.htlcSequence)
            ],
            outputs: [
                TransactionOutput(
                    amount: output.output.amount - fee,
                    scriptPubKey: secondStage.scriptPubKey)
            ],
            lockTime: lockTime)
    }

    /// What the counterparty signs in `commitment_signed`.
    public var counterpartySignatureHash: Hash256 {
        signatureHash(of: transaction, format.counterpartyHTLCSighash)
    }

    /// Whether `signature` is the counterparty's for this transaction.
    public func isSigned(byCounterparty signature: ECDSASignature) -> Bool {
        counterpartyKey.verify(signature, counterpartySignatureHash)
    }

    /// What the owner signs of `transaction`, this one or one with other inputs and outputs besides, whose input `index`
    /// spends the HTLC.
    public func signatureHash(
        of transaction: Transaction, input index: Int = 0, _ type: SighashType
    ) -> Hash256 {
        SignatureHash.segwitV0(
            transaction, input: index, scriptCode: spentScript, amount: spentOutput.amount,
            type: type)
    }

    /// The most weight of the transaction as it is, with its witness (BOLT 3, "Expected Weight of HTLC-timeout and
    /// HTLC-success Transactions").
    public var expectedWeight: Weight {
        switch htlc.direction {
        case .offered: format.htlcTimeoutWeight
        case .received: format.htlcSuccessWeight
        }
    }

    /// The witness of the input that spends the HTLC. `preimage` is for an HTLC that was received, and only for one.
    ///
    /// BOLT 3: "`0 <remotehtlcsig> <localhtlcsig>  <payment_preimage>` for HTLC-success, `0 <remotehtlcsig>
    /// <localhtlcsig> <>` for HTLC-timeout"
    public func witness(
        owner: ECDSASignature, counterparty: ECDSASignature, preimage: PaymentPreimage?
    ) -> [[UInt8]] {
        precondition((preimage != nil) == (htlc.direction == .received))
        return [
            [], counterparty.witnessItem(format.counterpartyHTLCSighash), owner.witnessItem(),
            preimage?.hash.bytes ?? [], spentScript.bytes,
        ]
    }

    /// The transaction as it is, with its witness.
    public func signed(
        owner: ECDSASignature, counterparty: ECDSASignature, preimage: PaymentPreimage?
    ) -> Transaction {
        var signed = transaction
        signed.inputs[0].witness = witness(
            owner: owner, counterparty: counterparty, preimage: preimage)
        return signed
    }
}

/// The script of what a commitment's HTLC transactions make, and of the output with it.
struct SecondStageOutput {
    let script: Script
    let scriptPubKey: Script

    init(_ commitment: CommitmentTransaction) {
        let keys = commitment.keys
        script = CommitmentScripts.toLocal(
            revocation: keys.revocation, delay: commitment.parameters.toSelfDelay,
            ownerDelayedPayment: keys.ownerDelayedPayment)
        scriptPubKey = .payToWitnessScriptHash(of: script)
    }
}
