import Bitcoin
import LightningCommitment

/// Claims that are taken by one transaction, and the one that was made for them last.
///
/// A claim stays in its publication while its transaction may be mined, so that a replacement replaces exactly one.
struct Publication: Hashable, Sendable {
    /// The claims, in their order. At least one.
    var members: [ClaimID]
    /// What was offered last; nil before the first offer.
    var offer: Offer?
}

/// A transaction that was offered to the network.
struct Offer: Hashable, Sendable {
    /// The transaction that the publisher made; nil where a commitment goes out without a child.
    var transaction: Transaction?
    /// What that transaction pays.
    var fee: Satoshi
    /// The rate of all that is offered together.
    var rate: FeeratePerKw
    /// The height of the last block when it was made.
    var height: BlockHeight
    /// How many offers were made since that block, this one included.
    var round: UInt32 = 1
    /// The refusal that came last, where it has an answer in fees.
    var isRefused = false
    /// The identifier of the transaction.
    var id: TransactionID? { transaction?.id }
}

/// What the owner wants a claim to pay.
struct Raise: Hashable, Sendable {
    let rate: FeeratePerKw
    /// The most in fees; nil for the usual limit.
    let budget: Satoshi?
}

/// A claim as the publisher keeps it.
struct ClaimState: Hashable, Sendable {
    var claim: Claim
    /// The spend of the claimed output in the best chain.
    var spend: Spend?
    /// Whether it shares no transaction any more, since another of its transaction was in dispute.
    var isAlone = false
    /// The publication that it is in.
    var publication: UInt32?

    /// What of it is the publisher's own.
    var stored: Stored { Stored(spend: spend, isAlone: isAlone, publication: publication) }

    /// What of a claim's state is the publisher's own.
    struct Stored: Hashable, Sendable {
        let spend: Spend?
        let isAlone: Bool
        let publication: UInt32?
    }

    /// A spend in the best chain.
    struct Spend: Hashable, Sendable {
        var transactionID: TransactionID
        var height: BlockHeight
    }
}
