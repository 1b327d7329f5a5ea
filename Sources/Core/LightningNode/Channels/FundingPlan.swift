import Bitcoin
import LightningChannel
import LightningCommitment
import LightningPayment
import LightningWallet
import LightningWire

/// One funding transaction in the making, for one channel or several.
///
///     asked    open_channel is out for each channel
///     made     all peers agreed: the transaction has an output for each, and funding_created is out
///     signed   funding_signed came for each: the transaction is published, and the plan has done its work
///
/// Not durable: a restart begins without, and the channels of a plan that was not carried out are given up.
struct FundingPlan: Sendable {
    /// Who pays.
    enum Source: Sendable, Equatable {
        /// The wallet, at that fee rate and from those coins.
        case wallet(FeeratePerKw, CoinChoice)
        /// Somebody else, with a transaction that is handed in.
        case outside
    }

    /// One channel that is to be funded.
    struct Member: Sendable {
        let number: ChannelKeyNumber
        /// The channel's own terms for forwarding, where it has any.
        var policy: ForwardingPolicy?
        /// What its peer has agreed to.
        var wanted: FundingWanted?
        /// Whether its peer has signed the first commitment.
        var isSigned = false
    }

    let source: Source
    /// When it is given up unless it is carried out, in seconds since 1970; nil where somebody else has to act.
    let deadline: UInt64?
    /// Who is told how it ends, or where the plan waits for somebody.
    var asker: RequestID?
    var members: [Member]
    /// The transaction, as soon as its identifier is certain.
    var transaction: Transaction?

    /// Whether all peers have agreed to their channels.
    var isAgreed: Bool { members.allSatisfy { $0.wanted != nil } }

    /// Whether all peers have signed.
    var isSigned: Bool { members.allSatisfy(\.isSigned) }

    /// The outputs that the transaction must have, in the order of the channels.
    var outputs: [TransactionOutput] {
        members.compactMap { member in
            member.wanted.map { TransactionOutput(amount: $0.amount, scriptPubKey: $0.script) }
        }
    }

    /// Whether somebody else pays for the channels, with `transaction`.
    func isOutside(in transaction: Transaction) -> Bool {
        source == .outside && isAgreed && outPoints(in: transaction) != nil
    }

    /// Where `transaction` has the outputs of the channels, in their order; nil where one is not there.
    func outPoints(in transaction: Transaction) -> [OutPoint]? {
        let id = transaction.id
        var found: [OutPoint] = []
        for output in outputs {
            // Two channels never have the same script: each has keys of its own.
            guard let index = transaction.outputs.firstIndex(of: output) else { return nil }
            found.append(OutPoint(id, UInt32(index)))
        }
        return found
    }
}

/// Names a funding that waits for a transaction from outside; unique within one run of the process.
public struct FundingID: Hashable, Comparable, Sendable {
    /// A running number.
    public let value: UInt64

    /// The funding of that number.
    public init(_ value: UInt64) { self.value = value }

    public static func < (left: FundingID, right: FundingID) -> Bool { left.value < right.value }
}
