import Bitcoin

/// Why the wallet does not build a transaction. The wallet is then as it was.
public enum SpendError: Error, Equatable, Sendable {
    // The request.
    /// There is nothing to pay.
    case noOutputs
    /// An output has an amount that consensus does not allow, or all together have.
    case invalidAmount(output: Int, Satoshi)
    /// The reserve is not an amount that consensus allows.
    case invalidReserve(Satoshi)
    /// Nodes do not relay an output of so little.
    case dustOutput(output: Int, Satoshi, limit: Satoshi)
    /// Nodes do not relay at this rate.
    case feeRateTooLow(FeeratePerKw, minimum: FeeratePerKw)
    /// The rate is absurd.
    case feeRateTooHigh(FeeratePerKw, maximum: FeeratePerKw)
    /// The fee is absurd.
    case feeTooHigh(Satoshi, maximum: Satoshi)
    /// A chosen coin is named twice.
    case duplicateCoin(OutPoint)
    /// The output that is to take the change is not there.
    case noSuchOutput(Int, count: Int)
    /// A chosen coin cannot be spent.
    case unspendableCoin(OutPoint, UnspendableReason)

    // The wallet's means.
    /// The coins that may be spent do not pay for outputs and fee.
    case insufficientFunds(available: Satoshi, needed: Satoshi)
    /// Less than the reserve would be left.
    case reserveNotMet(left: Satoshi, reserve: Satoshi)
    /// The transaction would weigh more than nodes relay.
    case tooLarge(Weight, maximum: Weight)
    /// A rescan is under way, so coins may be spent that seem not to be.
    case rescanInProgress(next: BlockHeight, tip: BlockHeight)

    // Bumping.
    /// The transaction is unknown, mined or dead.
    case notUnconfirmed(TransactionID)
    /// The transaction has inputs that are not the wallet's, or are locked in a way that it cannot sign.
    case notReplaceable(TransactionID)
    /// More than 100 transactions would be replaced (BIP 125).
    case tooManyReplaced(Int)
    /// The rate asked for is not above that of what is to be replaced or sped up.
    case feeRateNotHigher(FeeratePerKw, current: FeeratePerKw)

    /// What the wallet's state does not allow.
    case wallet(WalletError)
    /// A PSBT cannot be read, signed or completed.
    case psbt(PSBTError)
    /// A transaction that the wallet built does not hold: a defect, which is reported and not broadcast.
    case invalidSignature(input: Int, ScriptError)
}

/// Why a coin that was chosen cannot be spent.
public enum UnspendableReason: Hashable, Sendable {
    /// The wallet does not have it, or it is spent.
    case unknown
    /// It is a miner's reward that fewer than 100 blocks bury.
    case immature
    /// A lease keeps it until a time, in seconds since 1970.
    case leased(until: UInt64)
    /// No lease keeps it, though it stands in a transaction to which others add coins.
    case notLeased
    /// Fewer blocks bury it than the request asks for.
    case tooFewConfirmations(UInt32)
    /// Others made the unconfirmed transaction that pays it, and the request does not allow for that.
    case foreignUnconfirmed
}
