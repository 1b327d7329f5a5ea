import Bitcoin
import LightningCommitment
import LightningWire

/// A channel whose funding output is spent on the chain, or is to be: recognises the spend and sees every output to its end
/// (BOLT 5).
///
/// Its state is the set of confirmed transactions that concern the channel, with their heights, and what was learned of
/// HTLCs. All else follows from that (``Resolution``): what to claim, what to watch, what is decided. So a reorganisation
/// of any depth only takes transactions from the set. What has been told at its depth is remembered, and stays told.
///
/// BOLT 5: "MUST be prepared to resolve outputs multiple times, in case of blockchain reorganizations."
public struct OnChainChannel: Hashable, Sendable {
    /// The last block that has been told.
    public internal(set) var tip: BlockHeight
    var facts: OnChainFacts
    /// What concerns the channel, in the order of the chain.
    var confirmed: [ConfirmedTransaction] = []
    /// This side's own commitment while it is to be published.
    var publication: Publication?
    /// A commitment of the peer that was seen in the mempool.
    var sighting: Sighting?
    /// The preimages of this node's HTLCs, by their hashes.
    var learned: [PaymentHash: PaymentPreimage] = [:]
    /// The HTLCs whose end has been told.
    var ended: Set<HTLCName> = []

    /// The revoked commitment whose past has been asked for since the start of the process.
    private var asked: UInt64?
    /// How many answers to that are still to come: all but the last are about another commitment.
    private var awaited = 0
    /// What the confirmed transactions have come to.
    private(set) var resolution: Resolution?
    /// The claims that stand.
    public private(set) var claims: [ClaimID: Claim] = [:]
    private(set) var watched: Set<OutPoint>

    /// This side's signed commitment and the height at which it was first wanted in the chain.
    struct Publication: Hashable, Sendable {
        let signature: ECDSASignature
        var height: BlockHeight
    }

    /// A transaction and the tip when it was seen.
    struct Sighting: Hashable, Sendable {
        let transaction: Transaction
        var height: BlockHeight
    }

    /// The channel before anything of it is on the chain, or known to be. `tip` is the last block that need not be told.
    public init(
        _ snapshot: ChannelSnapshot, policy: OnChainPolicy = OnChainPolicy(), tip: BlockHeight
    ) {
        facts = OnChainFacts(snapshot, policy)
        self.tip = tip
        watched = [snapshot.funding.outPoint]
        for htlc in snapshot.htlcs where htlc.direction == .offered {
            if let preimage = htlc.preimage { learned[htlc.paymentHash] = preimage }
        }
    }

    /// What the channel was when it stopped.
    public var snapshot: ChannelSnapshot { facts.snapshot }

    /// How the channel was closed as far as the best chain says; nil where it is not.
    public var fundingSpend: FundingSpend? { resolution?.spend }

    /// Whether this side wants its own commitment in the chain.
    public var isPublishing: Bool { publication != nil }

    /// All that stands, to be told again after a restart: what is watched, claimed and asked for.
    public var standing: [OnChainEvent] {
        var events: [OnChainEvent] = [.watch(watched.sorted())]
        events += claims.values.sorted { $0.id < $1.id }.map { .claim($0) }
        if let former = facts.former, former.completion == nil {
            events.append(.loadFormerHTLCs(remoteCommitment: former.number))
        }
        return events
    }

    /// Has this side's own commitment published, to close the channel without the peer. Asked for again, it changes
    /// nothing.
    ///
    /// BOLT 5: "MUST broadcast the *last commitment transaction*, for which it has a signature, to perform a *unilateral
    /// close*."
    public mutating func publish(
        _ signer: some ChannelSigner
    ) throws(OnChainError) -> OnChainStep {
        guard !snapshot.isOutdated else { throw .outdated }
        guard publication == nil else { return OnChainStep() }
        let signature: ECDSASignature
        do {
            signature = try signer.sign(
                OwnCommitmentRequest(
                    counterparty: snapshot.remoteBasepoints, commitment: snapshot.local))
        } catch {
            throw .signer(error)
        }
        guard
            snapshot.local.parameters.ownerFundingKey.verify(
                signature, snapshot.local.signatureHash)
        else { throw .unusableCommitment }
        var step = OnChainStep()
        publication = Publication(signature: signature, height: tip)
        step.writes.append(stateWrite())
        tellClaims(&step)
        return step
    }

    /// Takes what has happened. Heights that do not follow the last one are a programmer's error.
    public mutating func receive(_ input: OnChainInput) -> OnChainStep {
        let before = (closing: resolution?.closing, former: facts.former)
        var step = OnChainStep()
        switch input {
        case .blockConnected(let height, let transactions):
            connect(height, transactions, &step)
        case .blockRescanned(let height, let transactions):
            insert(height, transactions, &step)
        case .blockDisconnected(let height):
            disconnect(height, &step)
        case .unconfirmed(let transaction):
            see(transaction, &step)
        case .fulfill(let id, let preimage):
            fulfill(id, preimage, &step)
        case .localPoint(let number, let point):
            facts.localPoint = OnChainFacts.LocalPoint(number: number, point: point)
            step.writes.append(stateWrite())
            resolve()
        case .formerHTLCs(let htlcs, let isLast):
            take(htlcs, isLast: isLast, &step)
        }
        update(&step, since: before)
        return step
    }

    // MARK: Inputs

    private mutating func connect(
        _ height: BlockHeight, _ transactions: [ConfirmedTransaction], _ step: inout OnChainStep
    ) {
        precondition(height == tip + 1, "blocks come one by one")
        tip = height
        for transaction in transactions.sorted(by: { $0.position < $1.position }) {
            precondition(transaction.height == height, "a block's transactions have its height")
            learn(from: transaction.transaction, &step)
            guard concerns(transaction.transaction) else { continue }
            confirmed.append(transaction)
            step.writes.append(confirmedWrite(transaction))
            if resolution == nil {
                resolve()
            } else {
                resolution?.follow(transaction)
            }
        }
    }

    /// Takes in what an earlier block has: in the order of the chain, as if it had been there from the start.
    private mutating func insert(
        _ height: BlockHeight, _ transactions: [ConfirmedTransaction], _ step: inout OnChainStep
    ) {
        guard height <= tip else { return }
        for transaction in transactions.sorted(by: { $0.position < $1.position }) {
            precondition(transaction.height == height, "a block's transactions have its height")
            guard !confirmed.contains(where: { $0.id == transaction.id }) else { continue }
            learn(from: transaction.transaction, &step)
            guard concerns(transaction.transaction) else { continue }
            let place = confirmed.firstIndex {
                ($0.height, $0.position) > (transaction.height, transaction.position)
            }
            confirmed.insert(transaction, at: place ?? confirmed.endIndex)
            step.writes.append(confirmedWrite(transaction))
            resolve()
        }
    }

    private func concerns(_ transaction: Transaction) -> Bool {
        if let resolution { return resolution.concerns(transaction) }
        return transaction.inputs.contains { $0.previousOutput == snapshot.funding.outPoint }
    }

    private mutating func disconnect(_ height: BlockHeight, _ step: inout OnChainStep) {
        precondition(height == tip, "the last block is disconnected first")
        tip = height.saturatingSubtract(1)
        while let last = confirmed.last, last.height >= height {
            confirmed.removeLast()
            step.writes.append(confirmedWrite(last, removed: true))
        }
        lowerHeights(&step)
        resolve()
    }

    /// What was known before the blocks that are gone was known before those that come.
    private mutating func lowerHeights(_ step: inout OnChainStep) {
        for (id, fulfillment) in facts.fulfillments.sorted(by: { $0.key < $1.key })
        where fulfillment.height > tip {
            facts.fulfillments[id]?.height = tip
            step.writes += fulfillmentWrites(id)
        }
        let before = stateWrite()
        if let height = publication?.height, height > tip { publication?.height = tip }
        if let height = sighting?.height, height > tip { sighting?.height = tip }
        if let height = facts.former?.completion, height > tip { facts.former?.completion = tip }
        if stateWrite() != before { step.writes.append(stateWrite()) }
    }

    private mutating func see(_ transaction: Transaction, _ step: inout OnChainStep) {
        learn(from: transaction, &step)
        let id = transaction.id
        guard id == snapshot.remote.id || id == snapshot.remoteNext?.id,
            transaction != sighting?.transaction, transaction.inputs[0].witness.count == 4
        else { return }
        sighting = Sighting(transaction: transaction, height: tip)
        step.writes.append(stateWrite())
    }

    private mutating func fulfill(
        _ id: UInt64, _ preimage: PaymentPreimage, _ step: inout OnChainStep
    ) {
        guard let htlc = facts.open[HTLCName(.received, id)],
            htlc.paymentHash == preimage.paymentHash, facts.fulfillments[id] == nil
        else { return }
        facts.fulfillments[id] = OnChainFacts.Fulfillment(preimage: preimage, height: tip)
        step.writes += fulfillmentWrites(id)
        resolve()
    }

    /// Takes those that the revoked commitment had. They are stored as soon as they are complete.
    private mutating func take(
        _ htlcs: [FormerHTLC], isLast: Bool, _ step: inout OnChainStep
    ) {
        let isCurrent = awaited <= 1
        if isLast { awaited = max(0, awaited - 1) }
        guard isCurrent, let former = facts.former, former.completion == nil else { return }
        let number = former.number
        for var htlc in htlcs where htlc.remoteCommitments.contains(number) {
            htlc.remoteCommitments = number..<number + 1
            facts.former?.htlcs.append(htlc)
        }
        guard isLast else { return }
        // In the order of their records, in whatever order they were read.
        facts.former?.htlcs.sort { $0.name < $1.name }
        facts.former?.completion = tip
        step.writes += formerWrites(facts.former) + [stateWrite()]
        resolve()
    }

    /// Tells the preimages of this node's HTLCs that `transaction` shows.
    ///
    /// BOLT 5: "MUST extract the payment preimage from the transaction input witness."
    private mutating func learn(from transaction: Transaction, _ step: inout OnChainStep) {
        if Mutation.isOn(.missPreimages) { return }
        let offered = snapshot.htlcs.filter {
            $0.direction == .offered && learned[$0.paymentHash] == nil
        }
        let hashes = Set(offered.map(\.paymentHash))
        for preimage in transaction.preimages(of: hashes) {
            let hash = preimage.paymentHash
            guard learned.updateValue(preimage, forKey: hash) == nil else { continue }
            step.writes.append(preimageWrite(preimage))
            for htlc in offered where htlc.paymentHash == hash {
                step.events.append(.offeredFulfilled(id: htlc.id, preimage))
            }
        }
    }

    // MARK: What follows

    /// Makes the resolution anew of what is confirmed and known.
    mutating func resolve() {
        resolution = Resolution(facts, confirmed)
        // Of another revoked commitment, as a reorganisation may bring, another past is needed.
        if case .revoked(let number) = resolution?.spend, facts.former?.number != number {
            facts.former = FormerHTLCs(number: number)
            resolution = Resolution(facts, confirmed)
        }
    }

    /// Makes all that follows from what records hold.
    mutating func restore() {
        resolve()
        watched.formUnion(resolution?.watched ?? [])
        claims = wantedClaims
        // What ``standing`` asks for need not be asked for again: two answers would be taken for one that is twice as long.
        if let former = facts.former, former.completion == nil {
            asked = former.number
            awaited = 1
        }
    }

    /// Tells what has changed since `before`.
    private mutating func update(_ step: inout OnChainStep, since before: Before) {
        tellSpend(before, &step)
        tellWatched(&step)
        tellClaims(&step)
        tellEnds(&step)
        guard let resolution, isClosed(resolution) else { return }
        step.events += claims.keys.sorted().map { .withdraw($0) }
        claims = [:]
        step.events.append(.closed(ClosingSummary(resolution, snapshot)))
        step.writes = removals
    }

    /// What is told only where it changes.
    private typealias Before = (closing: ConfirmedTransaction?, former: FormerHTLCs?)

    private mutating func tellSpend(_ before: Before, _ step: inout OnChainStep) {
        if let resolution {
            let closing = resolution.closing
            if before.closing != closing {
                step.events.append(.fundingSpent(resolution.spend, closing.id, closing.height))
            }
        } else if before.closing != nil {
            step.events.append(.fundingUnspent)
        }
        guard let former = facts.former else { return }
        if let old = before.former, old.number != former.number, old.completion != nil {
            step.writes += formerWrites(old, removed: true) + [stateWrite()]
        }
        if former.completion == nil, asked != former.number {
            asked = former.number
            awaited += 1
            step.events.append(.loadFormerHTLCs(remoteCommitment: former.number))
        }
    }

    /// What is watched once stays so: a reorganisation may bring it back.
    private mutating func tellWatched(_ step: inout OnChainStep) {
        let new = (resolution?.watched ?? []).filter { watched.insert($0).inserted }
        if !new.isEmpty { step.events.append(.watch(new)) }
    }

    private mutating func tellClaims(_ step: inout OnChainStep) {
        let wanted = wantedClaims
        step.events += claims.keys.filter { wanted[$0] == nil }.sorted().map { .withdraw($0) }
        step.events += wanted.values.filter { claims[$0.id] != $0 }
            .sorted { ($0.earliest, $0.id) < ($1.earliest, $1.id) }.map { .claim($0) }
        claims = wanted
    }
}
