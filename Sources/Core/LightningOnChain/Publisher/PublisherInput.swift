import Bitcoin
import LightningCommitment

/// Something that happened which concerns what is to be published.
public enum PublisherInput: Sendable {
    /// A claim stands from now on, or takes the place of the one with the same id.
    case claim(Claim)
    /// A claim stands no longer: it is settled for good, or there is nothing to claim.
    case withdraw(ClaimID)
    /// The block at that height joined the best chain, and spends these outputs with these transactions. What is not
    /// claimed does not matter.
    case blockConnected(BlockHeight, spends: [OutPoint: TransactionID])
    /// The block at that height, the tip, left the best chain.
    case blockDisconnected(BlockHeight)
    /// The backend's estimates of fee rates changed.
    case feeEstimates(FeeEstimates)
    /// Whoever owns the node wants a claim's transaction to pay that rate, if it pays less, for at most `budget` in fees; nil
    /// for the usual limit. Tried once; forgotten by a start before that.
    case raise(ClaimID, to: FeeratePerKw, budget: Satoshi?)
    /// The network refused the package whose last transaction has that identifier.
    case refused(TransactionID, BroadcastRefusal)
    /// All that is published is due to be offered again: at start, and after the backend was away.
    case rebroadcastDue
}

/// Why the network refused a transaction or package.
public enum BroadcastRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The mempool takes only higher fee rates.
    case feeTooLow
    /// Something in the mempool spends one of the inputs and pays too much to be replaced.
    case outbid
    /// An input is spent in the best chain, or not known.
    case inputsSpent
    /// A lock time or relative lock has not passed yet.
    case notFinal
    /// Anything else, in the backend's words.
    case other(String)

    public var description: String {
        switch self {
        case .feeTooLow: "mempools take only higher fee rates"
        case .outbid: "another transaction spends the same and pays too much to be replaced"
        case .inputsSpent: "an input is spent already, or not known"
        case .notFinal: "a lock time has not passed yet"
        case .other(let reason): reason
        }
    }

    /// What `reason`, in Bitcoin Core's words, means.
    public init(reason: String) {
        let feeTooLow = [
            "mempool min fee not met", "min relay fee not met", "mempool full",
            "package-fee-too-low",
        ]
        let outbid = [
            "insufficient fee", "too many potential replacements", "txn-mempool-conflict",
            "package RBF failed", "replacement-adds-unconfirmed", "bad-txns-spends-conflicting-tx",
        ]
        let spent = ["bad-txns-inputs-missingorspent", "missing-inputs", "missing inputs"]
        let notFinal = ["non-final", "non-BIP68-final", "bad-txns-nonfinal"]
        if feeTooLow.contains(where: reason.contains) {
            self = .feeTooLow
        } else if outbid.contains(where: reason.contains) {
            self = .outbid
        } else if spent.contains(where: reason.contains) {
            self = .inputsSpent
        } else if notFinal.contains(where: reason.contains) {
            self = .notFinal
        } else {
            self = .other(reason)
        }
    }
}
