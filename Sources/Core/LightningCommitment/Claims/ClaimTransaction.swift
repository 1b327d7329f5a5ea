import Bitcoin
import LightningWire

/// A transaction that takes outputs which are this node's alone into one output of its wallet (BOLT 5): penalties, sweeps
/// of delayed outputs and claims of HTLCs on the other side's commitment, one by one or together.
public struct ClaimTransaction: Hashable, Sendable {
    /// The outputs taken, in the order of the inputs.
    public let claims: [ClaimableOutput]
    /// The transaction without witnesses.
    public let transaction: Transaction
    /// What the miner gets.
    public let fee: Satoshi

    /// Takes `claims` to `destination` at `feerate`.
    ///
    /// `height` is that of the chain's tip: the lock time that keeps miners from reorganising for the fee, or the highest
    /// that a claim demands. Throws where the fee leaves less than `dustLimit`.
    public init(
        _ claims: [ClaimableOutput], to destination: Script, feerate: FeeratePerKw,
        height: BlockHeight, dustLimit: Satoshi
    ) throws(ClaimError) {
        let total = claims.reduce(Satoshi.zero) { $0 + $1.output.amount }
        let fee = feerate.feeRoundedUp(
            for: ClaimTransaction.weight(of: claims, destination: destination))
        guard total - fee >= dustLimit else {
            throw .notWorthTheFee(total: total, fee: fee, dustLimit: dustLimit)
        }
        self.init(claims, to: destination, amount: total - fee, height: height)
    }

    /// Takes `claims` to `destination`, leaving exactly `fee`.
    public init(
        _ claims: [ClaimableOutput], to destination: Script, fee: Satoshi, height: BlockHeight,
        dustLimit: Satoshi
    ) throws(ClaimError) {
        let total = claims.reduce(Satoshi.zero) { $0 + $1.output.amount }
        guard total - fee >= dustLimit else {
            throw .notWorthTheFee(total: total, fee: fee, dustLimit: dustLimit)
        }
        self.init(claims, to: destination, amount: total - fee, height: height)
    }

    private init(
        _ claims: [ClaimableOutput], to destination: Script, amount: Satoshi,
        height: BlockHeight
    ) {
        self.claims = claims
        fee = claims.reduce(Satoshi.zero - amount) { $0 + $1.output.amount }
        let lockHeight = claims.compactMap(\.lockHeight).max() ?? height
        transaction = Transaction(
            version: 2,
            inputs: claims.map {
                TransactionInput(previousOutput: $0.outPoint, sequence: $0.sequence)
            },
            outputs: [TransactionOutput(amount: amount, scriptPubKey: destination)],
            lockTime: LockTime(lockHeight.value))
    }

    /// The transaction with a witness for each input. `signatures` are those of the claims that have a key, in their order.
    ///
    /// Throws ``RequestFault/wrongSignatureCount(expected:actual:)``.
    public func signed(_ signatures: [ECDSASignature]) throws(RequestFault) -> Transaction {
        let needed = claims.count { $0.key != nil }
        guard signatures.count == needed else {
            throw .wrongSignatureCount(expected: needed, actual: signatures.count)
        }
        var signed = transaction
        var rest = signatures[...]
        for (index, claim) in claims.enumerated() {
            signed.inputs[index].witness = claim.witness(claim.key == nil ? nil : rest.popFirst())
        }
        return signed
    }

    /// The transaction as `signer` signs it, whose channel all claims are of.
    public func signed(by signer: any ChannelSigner) throws(SignerError) -> Transaction {
        let signatures = try signer.sign(ClaimRequest(self))
        do {
            return try signed(signatures)
        } catch {
            throw .inconsistent(error)
        }
    }

    /// The most weight of a transaction that takes `claims` to `destination`.
    public static func weight(of claims: [ClaimableOutput], destination: Script) -> Weight {
        let skeleton = Transaction(
            inputs: claims.map { TransactionInput(previousOutput: $0.outPoint) },
            outputs: [TransactionOutput(amount: .zero, scriptPubKey: destination)])
        return claims.reduce(skeleton.weight + Weight(2)) { $0 + $1.maximumWitnessWeight }
    }
}

/// Why there is no such transaction.
public enum ClaimError: Error, Equatable, Sendable {
    /// The outputs together are worth less than the fee and the least output that nodes relay.
    case notWorthTheFee(total: Satoshi, fee: Satoshi, dustLimit: Satoshi)
}
