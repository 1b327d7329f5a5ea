import Bitcoin
import LightningCommitment
import LightningWire

/// What the transactions that are confirmed have made of a channel: how it was closed, and where each output has gone.
///
/// It follows from the snapshot, the transactions and the preimages alone. A reorganisation gives other transactions, and
/// with them another resolution; nothing has to be undone.
struct Resolution: Hashable, Sendable {
    let spend: FundingSpend
    let closing: ConfirmedTransaction
    /// Every output that matters to this node, in the order in which the chain has them.
    private(set) var outputs: [TrackedOutput] = []
    /// The positions in ``outputs``.
    private(set) var index: [OutPoint: Int] = [:]
    private var htlcs: [HTLCName: Int] = [:]
    private var secondStages: [HTLCName: Int] = [:]
    /// What the miners got of this node's sweeps that take nothing but outputs of this channel.
    private(set) var knownFees = Satoshi.zero

    private let facts: OnChainFacts
    /// The commitment of the peer that closed the channel, as far as its outputs can be known.
    private let commitment: FoundCommitment?

    /// The resolution that `confirmed` leads to, in the order of the chain; nil where none spends the funding output.
    init?(_ facts: OnChainFacts, _ confirmed: [ConfirmedTransaction]) {
        let funding = facts.snapshot.funding.outPoint
        guard
            let position = confirmed.firstIndex(where: {
                $0.transaction.inputs.contains { $0.previousOutput == funding }
            })
        else { return nil }
        self.facts = facts
        closing = confirmed[position]
        spend = facts.snapshot.recognise(closing.transaction, id: closing.id)
        commitment = facts.commitment(of: closing, spend)
        for output in spend == .local ? ownOutputs() : commitment.map(foundOutputs) ?? [] {
            track(output)
        }
        if let output = forgottenBalance() { track(output) }
        for transaction in confirmed[(position + 1)...] { follow(transaction) }
    }

    /// Whether `transaction` spends an output that is followed.
    func concerns(_ transaction: Transaction) -> Bool {
        transaction.inputs.contains { index[$0.previousOutput] != nil }
    }

    /// What is to be watched: what spends an output that is not recognised may still show a preimage.
    var watched: [OutPoint] {
        guard case .unknown = spend else { return outputs.map(\.outPoint) }
        let unrecognised = closing.transaction.outputs.indices.map {
            OutPoint(closing.id, UInt32($0))
        }
        return outputs.map(\.outPoint) + unrecognised.filter { index[$0] == nil }
    }

    /// The output that the HTLC has in the commitment on the chain.
    func output(of name: HTLCName) -> TrackedOutput? { htlcs[name].map { outputs[$0] } }

    /// The output into which an HTLC transaction has taken it.
    func secondStage(of name: HTLCName) -> TrackedOutput? {
        secondStages[name].map { outputs[$0] }
    }

    /// Whether nothing is missing that has to be loaded.
    var isPastKnown: Bool {
        if case .revoked(let number) = spend { facts.isComplete(number) } else { true }
    }

    private mutating func track(_ output: TrackedOutput) {
        switch output.purpose {
        case .htlc(let name): htlcs[name] = outputs.count
        case .secondStage(let name?): secondStages[name] = outputs.count
        case .balance, .forfeitedBalance, .anchor, .peersAnchor, .secondStage(nil), .unidentified:
            break
        }
        index[output.outPoint] = outputs.count
        outputs.append(output)
    }

    /// Takes in a transaction that comes after all before.
    mutating func follow(_ confirmed: ConfirmedTransaction) {
        let paths = confirmed.transaction.inputs.map { input in
            index[input.previousOutput].map {
                SpendPath(outputs[$0], input.witness, isOwnersOurs: isOwnCommitment)
            }
        }
        // Nobody signs for an anchor that was abandoned: it is ours where the rest is.
        let isOurs = paths.contains { $0?.isOurs == true }
        for (position, path) in paths.enumerated() {
            guard let path, let place = index[confirmed.transaction.inputs[position].previousOutput]
            else { continue }
            outputs[place].spend = OutputSpend(
                transactionID: confirmed.id, height: confirmed.height,
                isOurs: path.isOurs || path.isAnybodys && isOurs)
            if path.isSecondStage,
                let next = secondStage(of: outputs[place], confirmed, input: position)
            {
                track(next)
            }
        }
        noteFee(of: confirmed, paths)
    }

    /// Notes what this node has paid for taking outputs, where nothing else was in the transaction. What the fee of an HTLC
    /// transaction has taken is missing in its output.
    private mutating func noteFee(of confirmed: ConfirmedTransaction, _ paths: [SpendPath?]) {
        let isSweep = paths.allSatisfy { path in
            guard let path else { return false }
            return (path.isOurs || path.isAnybodys) && !path.isSecondStage
        }
        guard isSweep else { return }
        knownFees = confirmed.transaction.inputs.reduce(knownFees) { sum, input in
            index[input.previousOutput].map { sum + outputs[$0].output.amount } ?? sum
        }
        knownFees = confirmed.transaction.outputs.reduce(knownFees) { $0 - $1.amount }
    }

    private var isOwnCommitment: Bool { spend == .local }

    /// What the HTLC transaction `confirmed` has made of `output`, which its input `position` spends.
    ///
    /// With anchors such a transaction may resolve several HTLCs, and have inputs and outputs besides: the other side's
    /// signature ties each input to the output at the same position.
    private func secondStage(
        of output: TrackedOutput, _ confirmed: ConfirmedTransaction, input position: Int
    ) -> TrackedOutput? {
        guard confirmed.transaction.outputs.indices.contains(position) else { return nil }
        let made = confirmed.transaction.outputs[position]
        let outPoint = OutPoint(confirmed.id, UInt32(position))
        let name: HTLCName? = if case .htlc(let name) = output.purpose { name } else { nil }
        let maker = ClaimMaker(facts, height: confirmed.height)
        let claim =
            isOwnCommitment
            ? maker.ownSecondStage(output.outPoint.index, at: outPoint, made)
            : commitment.flatMap { maker.penalty(of: $0, at: outPoint, made) }
        guard let claim else { return nil }
        return TrackedOutput(
            outPoint: outPoint, output: made, height: confirmed.height,
            purpose: .secondStage(name), claim: claim, paymentHash: nil, lapse: nil)
    }

    // MARK: The outputs of the closing transaction

    private func ownOutputs() -> [TrackedOutput] {
        let commitment = facts.snapshot.local
        let maker = ClaimMaker(facts, height: closing.height)
        return commitment.outputs.indices.compactMap { index in
            let output = commitment.outputs[index]
            let claim = maker.own(index)
            let purpose: OutputPurpose
            var lapse: BlockHeight?
            var hash: PaymentHash?
            var claimedFrom = BlockHeight(0)
            switch output.purpose {
            case .toRemote: return nil
            case .toLocal: purpose = .balance
            case .localAnchor: (purpose, lapse) = (.anchor, closing.height)
            case .remoteAnchor: (purpose, lapse) = (.peersAnchor, closing.height)
            case .htlc(let htlc):
                let name = HTLCName(htlc.direction, htlc.id)
                (purpose, hash) = (.htlc(name), htlc.paymentHash)
                claimedFrom = facts.claimedFrom(name)
                // Without the preimage it is the peer's to take back.
                if claim == nil { lapse = max(closing.height, htlc.cltvExpiry) }
            }
            return TrackedOutput(
                outPoint: commitment.outPoint(index), output: output.output,
                height: closing.height, purpose: purpose, claim: claim,
                claimedFrom: claimedFrom, paymentHash: hash, lapse: lapse)
        }
    }

    /// This side's balance in a commitment that is its own, though it is not the one that is remembered.
    private func forgottenBalance() -> TrackedOutput? {
        guard case .unknown(let reason) = spend, let known = facts.localPoint,
            reason.number == known.number
        else { return nil }
        let maker = ClaimMaker(facts, height: closing.height)
        for (index, output) in closing.transaction.outputs.enumerated() {
            let outPoint = OutPoint(closing.id, UInt32(index))
            guard let claim = maker.forgottenBalance(at: outPoint, output, known.point) else {
                continue
            }
            return TrackedOutput(
                outPoint: outPoint, output: output, height: closing.height, purpose: .balance,
                claim: claim, paymentHash: nil, lapse: nil)
        }
        return nil
    }

    private func foundOutputs(_ commitment: FoundCommitment) -> [TrackedOutput] {
        let maker = ClaimMaker(facts, height: closing.height)
        return commitment.outputs.indices.compactMap { index in
            let output = commitment.outputs[index]
            let claim = maker.found(commitment, index)
            let purpose: OutputPurpose
            var lapse: BlockHeight?
            var hash: PaymentHash?
            var claimedFrom = BlockHeight(0)
            switch output.purpose {
            case .toRemote: purpose = .balance
            case .toLocal:
                guard commitment.secret != nil else { return nil }
                purpose = .forfeitedBalance
            case .remoteAnchor: (purpose, lapse) = (.anchor, closing.height)
            case .localAnchor: (purpose, lapse) = (.peersAnchor, closing.height)
            case .htlc(let htlc):
                let name = HTLCName(htlc.direction.reversed, htlc.id)
                (purpose, hash) = (.htlc(name), htlc.paymentHash)
                claimedFrom = facts.claimedFrom(name)
                if claim == nil { lapse = max(closing.height, htlc.cltvExpiry) }
            case nil:
                guard commitment.secret != nil else { return nil }
                // While the past is not loaded it may be anything; after that nobody knows how to take it.
                (purpose, lapse) = (.unidentified, isPastKnown ? closing.height : nil)
            }
            return TrackedOutput(
                outPoint: OutPoint(commitment.id, UInt32(index)), output: output.output,
                height: closing.height, purpose: purpose, claim: claim,
                claimedFrom: claimedFrom, paymentHash: hash, lapse: lapse)
        }
    }
}
