import Bitcoin

/// Why a block is not valid, or not taken. ``reason`` gives Bitcoin Core's word for it.
public enum BlockRejection: Error, Hashable, Sendable {
    /// The block is known already.
    case duplicate
    /// The block is known and not valid.
    case duplicateInvalid
    /// The block before it is not known.
    case unknownParent(BlockHash)
    /// The block before it, or one further back, is not valid.
    case invalidParent(BlockHash)
    /// The hash does not meet the target.
    case highHash
    /// The header claims another target than the network's.
    case wrongBits(expected: UInt32, actual: UInt32)
    /// The time is not after the median of the eleven blocks before.
    case timeTooOld(time: UInt32, medianTime: UInt32)
    /// The time is more than two hours ahead of the clock.
    case timeTooNew(time: UInt32, limit: UInt32)
    /// The version is one that BIP 34, 66 or 65 ended.
    case badVersion(Int32)
    /// The header's root is not that of the transactions.
    case wrongMerkleRoot
    /// Two equal neighbours in the tree of transactions (CVE-2012-2459).
    case duplicateTransactions
    /// No transactions, or too many bytes.
    case badLength
    /// The first transaction is not a coinbase.
    case missingCoinbase
    /// Another transaction is a coinbase.
    case multipleCoinbases
    /// The weight exceeds the limit (BIP 141).
    case overweight(Weight)
    /// The signature operations exceed the limit.
    case tooManySigOps(cost: Int)
    /// The coinbase does not begin with the height (BIP 34).
    case wrongCoinbaseHeight(expected: BlockHeight)
    /// The coinbase has no 32-byte witness for the commitment (BIP 141).
    case badWitnessNonce
    /// The commitment to the witnesses does not match (BIP 141).
    case wrongWitnessCommitment
    /// A transaction has a witness and the block commits to none (BIP 141).
    case unexpectedWitness
    /// The coinbase pays out more than subsidy and fees.
    case excessiveCoinbase(expected: Satoshi, actual: Satoshi)
    /// The fees add up to more than money there is.
    case feesOutOfRange
    /// A transaction would overwrite an unspent output of an equal one (BIP 30).
    case overwritesTransaction(TransactionID)
    /// A transaction may not be mined yet (BIP 68, 113).
    case nonFinal(TransactionID)
    /// A transaction breaks a rule; `reason` is Bitcoin Core's word.
    case badTransaction(TransactionID, reason: String)
    /// A script fails.
    case badScript(TransactionID, input: Int, error: String)
    /// Somebody called `invalidateblock` for it.
    case invalidatedByOperator

    /// Bitcoin Core's word, which `submitblock` answers.
    public var reason: String {
        switch self {
        case .duplicate: "duplicate"
        case .duplicateInvalid, .invalidatedByOperator: "duplicate-invalid"
        case .unknownParent: "prev-blk-not-found"
        case .invalidParent: "bad-prevblk"
        case .highHash: "high-hash"
        case .wrongBits: "bad-diffbits"
        case .timeTooOld: "time-too-old"
        case .timeTooNew: "time-too-new"
        case .badVersion(let version): "bad-version(0x\(version.hexDigits))"
        case .wrongMerkleRoot: "bad-txnmrklroot"
        case .duplicateTransactions: "bad-txns-duplicate"
        case .badLength: "bad-blk-length"
        case .missingCoinbase: "bad-cb-missing"
        case .multipleCoinbases: "bad-cb-multiple"
        case .overweight: "bad-blk-weight"
        case .tooManySigOps: "bad-blk-sigops"
        case .wrongCoinbaseHeight: "bad-cb-height"
        case .badWitnessNonce: "bad-witness-nonce-size"
        case .wrongWitnessCommitment: "bad-witness-merkle-match"
        case .unexpectedWitness: "unexpected-witness"
        case .excessiveCoinbase: "bad-cb-amount"
        case .feesOutOfRange: "bad-txns-accumulated-fee-outofrange"
        case .overwritesTransaction: "bad-txns-BIP30"
        case .nonFinal: "bad-txns-nonfinal"
        case .badTransaction(_, let reason): reason
        case .badScript(_, _, let error): "mandatory-script-verify-flag-failed (\(error))"
        }
    }
}

extension Int32 {
    /// Eight hexadecimal digits of the two's complement.
    fileprivate var hexDigits: String {
        let digits = String(UInt32(bitPattern: self), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
