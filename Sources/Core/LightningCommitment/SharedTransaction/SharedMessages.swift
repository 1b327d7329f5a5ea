import Bitcoin
import LightningWire

extension SharedInput {
    /// The input that `message` adds, of which BOLT 2 asks several things that need no other message to see.
    ///
    /// `party` is the side that sent it. The shared input of a splice is not of this kind: it comes without a transaction.
    public init(
        _ message: TxAddInput, from party: ConstructionParty
    ) throws(SharedTransactionError) {
        guard ConstructionParty(serialID: message.serialID) == party else {
            throw .wrongParity(serialID: message.serialID, from: party)
        }
        guard message.tlvs.sharedInputTransactionID == nil else { throw .isSharedInput }
        let previous: Transaction
        do throws(DecodeError) {
            previous = try Transaction(decoding: message.previousTransaction)
        } catch {
            throw .unreadablePreviousTransaction(error)
        }
        guard message.previousOutputIndex < previous.outputs.count else {
            throw .noSuchOutput(
                index: message.previousOutputIndex, count: previous.outputs.count)
        }
        let output = previous.outputs[Int(message.previousOutputIndex)]
        guard output.scriptPubKey.witnessProgram != nil else {
            throw .notSegwit(output.scriptPubKey)
        }
        guard message.sequence.signalsReplacement else { throw .notReplaceable(message.sequence) }
        self.init(
            serialID: message.serialID,
            outPoint: OutPoint(previous.id, message.previousOutputIndex), spentOutput: output,
            sequence: message.sequence)
    }
}

extension SharedOutput {
    /// The output that `message` adds. `party` is the side that sent it, `dustLimit` the least that an output may hold.
    public init(
        _ message: TxAddOutput, from party: ConstructionParty, dustLimit: Satoshi
    ) throws(SharedTransactionError) {
        guard ConstructionParty(serialID: message.serialID) == party else {
            throw .wrongParity(serialID: message.serialID, from: party)
        }
        guard message.amount >= dustLimit else {
            throw .dustOutput(message.amount, limit: dustLimit)
        }
        self.init(
            serialID: message.serialID,
            output: TransactionOutput(amount: message.amount, scriptPubKey: message.script))
    }
}
