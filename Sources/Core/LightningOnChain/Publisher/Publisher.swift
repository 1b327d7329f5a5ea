import Bitcoin
import LightningCommitment
import LightningWire

/// What publishes all transactions that have a deadline or wait for low fees (BOLT 5): it gathers claims into
/// transactions, raises their fees as deadlines near, and goes on until blocks hold them.
///
///     claims ──> publications ──> offers ──> the network
///       ^            │ members      │ fee, coins
///       │            └── one transaction each, replaced by RBF or raised by a child
///       └── spends in the best chain take claims out, reorganisations bring them back
///
/// ``receive(_:wallet:)`` takes note of what happened; ``publish(wallet:signers:)``, once at the end of a batch, offers what
/// follows from it. Both are deterministic, and what a restart needs is in the writes of their steps.
///
/// The rules for money: a transaction never costs more than ``PublisherPolicy/feeLimit(of:tip:)`` of its claims together,
/// claims that do not pay for their own part are left out of it, and what others can spend is never taken together with
/// what is not theirs to spend.
public struct Publisher: Sendable {
    /// What may be spent, and how.
    public let policy: PublisherPolicy
    /// The height of the best chain's last block.
    public internal(set) var tip: BlockHeight

    var claims: [ClaimID: ClaimState] = [:]
    var publications: [UInt32: Publication] = [:]
    /// The claims by what they spend.
    var claimed: [OutPoint: ClaimID] = [:]
    var estimates: FeeEstimates?
    /// The height at which no transaction could be made for a publication last.
    var failures: [UInt32: BlockHeight] = [:]
    /// The deadlines of publications that found no coins for their fee.
    var shortages: [UInt32: BlockHeight] = [:]
    /// What was asked for besides, until it has been tried.
    var raises: [ClaimID: Raise] = [:]
    /// A script of the wallet's that was asked for and not paid yet.
    var spareScript: Script?
    /// Whether anything happened since the last round that may call for an offer.
    var isDue = false
    /// Whether all that stands is to be offered again in the next round.
    var isRebroadcastDue = false

    /// A publisher without claims, where `tip` is the last block.
    public init(tip: BlockHeight, policy: PublisherPolicy = PublisherPolicy()) {
        self.tip = tip
        self.policy = policy
    }

    /// Takes note of something that happened. Nothing is offered before ``publish(wallet:signers:)``.
    public mutating func receive(
        _ input: PublisherInput, wallet: inout some FeeWallet
    ) -> PublisherStep {
        var changes = PublisherChanges()
        switch input {
        case .claim(let claim): add(claim, &wallet, &changes)
        case .withdraw(let id): withdraw(id, &wallet, &changes)
        case .blockConnected(let height, let spends):
            connect(height, spends, &wallet, &changes)
        case .blockDisconnected(let height): disconnect(height, &changes)
        case .feeEstimates(let news):
            guard news != estimates else { break }
            isDue = true
            estimates = news
            failures = [:]
        case .raise(let id, let rate, let budget):
            guard let number = claims[id]?.publication else { break }
            isDue = true
            failures[number] = nil
            raises[id] = Raise(rate: rate, budget: budget)
        case .refused(let id, let refusal): note(refusal, of: id, &wallet, &changes)
        case .rebroadcastDue:
            isDue = true
            isRebroadcastDue = true
        }
        return finish(changes)
    }
}

extension Publisher {
    /// The claims that stand, in their order.
    public var standingClaims: [Claim] { claims.sorted { $0.key < $1.key }.map(\.value.claim) }

    /// What there is to tell a user of each publication that waits to be mined, the most urgent first.
    public var pending: [PublicationReport] {
        order.compactMap { number in
            guard let publication = publications[number] else { return nil }
            let states = publication.members.compactMap { claims[$0] }
            guard states.contains(where: { $0.spend == nil }) else { return nil }
            return PublicationReport(
                claims: publication.members,
                value: states.reduce(.zero) { $0 + $1.claim.value },
                deadline: states.compactMap(\.claim.deadline).min(),
                transaction: publication.offer?.transaction, fee: publication.offer?.fee ?? .zero,
                rate: publication.offer?.rate)
        }
    }
}

/// A publication as it stands.
public struct PublicationReport: Hashable, Sendable {
    /// What it takes.
    public let claims: [ClaimID]
    /// What is at stake.
    public let value: Satoshi
    /// The highest height of a block in which it comes in time; nil where it may wait.
    public let deadline: BlockHeight?
    /// The transaction that was offered last; nil before that, and where a commitment goes out without a child.
    public let transaction: Transaction?
    /// What that pays.
    public let fee: Satoshi
    /// The rate of all that was offered together; nil before the first offer.
    public let rate: FeeratePerKw?
}

extension Publisher: Equatable {
    /// Whether two publishers hold the same durable state: what is only due, estimates, and what claims say of values and
    /// deadlines, which comes from their channels, do not count.
    public static func == (left: Publisher, right: Publisher) -> Bool {
        left.policy == right.policy && left.tip == right.tip
            && left.publications == right.publications
            && left.claims.mapValues(\.stored) == right.claims.mapValues(\.stored)
    }
}
