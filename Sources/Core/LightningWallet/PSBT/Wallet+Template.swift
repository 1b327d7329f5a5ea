import Bitcoin
import LightningWire

extension Wallet {
    /// Pays for a transaction that others began: adds coins and change, and leases the coins until `expiry` to `leaseID`.
    ///
    /// Everything that the template holds stays, its lock time included. `entropy` is fresh randomness.
    public mutating func fund(
        _ request: TemplateRequest, fingerprint: KeyFingerprint, leaseID: Hash256,
        until expiry: UInt64, entropy: Hash256, now: UInt64
    ) throws(SpendError) -> (funded: FundedTransaction, step: WalletStep) {
        try checkScanned()
        try request.policy.check(request.feeRate)
        let template = try OpenTemplate(
            annotated(request.template, fingerprint: fingerprint), change: request.change)
        let own = try ownCoins(in: template, request, leaseID: leaseID, now: now)
        var composer = try composer(
            feeRate: request.feeRate, policy: request.policy, changePath: nil,
            changeAccount: request.changeAccount, entropy: entropy)
        composer.strategy = request.coins.strategy
        switch request.funding {
        case .template: break
        case .added:
            let taken = Set(template.transaction.inputs.map(\.previousOutput))
            composer.optional = allowedCoins(request.coins, now: now).filter {
                !taken.contains($0.outPoint)
            }
        }
        let completion = try composer.complete(template)
        let filled = try template.filled(completion, composer: &composer)
        try Self.check(filled.transaction.outputs)

        // Where a step is refused, nothing has happened.
        var next = self
        var step = try next.takeChange(at: completion.addsOutput ? composer.changePath : nil)
        let leased = request.funding == .template ? own : completion.coins
        do throws(WalletError) {
            step.append(
                try next.lease(leased.map(\.outPoint), id: leaseID, until: expiry, now: now))
        } catch {
            throw .wallet(error)
        }
        let psbt = try next.annotated(filled.psbt, fingerprint: fingerprint)
        self = next
        return (
            FundedTransaction(psbt: psbt, changeIndex: filled.changeIndex, leased: leased), step
        )
    }

    /// The wallet's coins among the inputs of a template.
    ///
    /// Those of a template that is to be funded by itself must be free. Those beside which the wallet adds coins must be
    /// leased, or two callers could spend them.
    private func ownCoins(
        in template: OpenTemplate, _ request: TemplateRequest, leaseID: Hash256, now: UInt64
    ) throws(SpendError) -> [Coin] {
        var own: [Coin] = []
        for input in template.transaction.inputs {
            let outPoint = input.previousOutput
            guard let state = coin(outPoint, now: now) else {
                guard graph.coin(outPoint) == nil else {
                    throw .unspendableCoin(outPoint, .unknown)
                }
                continue
            }
            var choice = request.coins
            switch request.funding {
            case .template: choice.leaseID = choice.leaseID ?? leaseID
            case .added:
                guard let lease = state.lease else {
                    throw .unspendableCoin(outPoint, .notLeased)
                }
                choice.leaseID = lease.id
            }
            if let reason = choice.objection(to: state) {
                throw .unspendableCoin(outPoint, reason)
            }
            own.append(state.coin)
        }
        return own
    }
}

/// What a template lacks: coins, and what goes to change.
struct TemplateCompletion {
    let coins: [Coin]
    /// The amount for change; nil where nothing is left over.
    let change: Satoshi?
    /// Whether an output is added for change.
    let addsOutput: Bool
}

extension SpendComposer {
    /// Chooses coins, of ``optional``, for what a template does not pay for itself.
    mutating func complete(_ template: OpenTemplate) throws(SpendError) -> TemplateCompletion {
        let outputs = template.transaction.outputs
        let addsOutput = template.existingChange == nil
        // One unit of weight less than four are lost to whole virtual bytes.
        let frame = TransactionFrame.weight(
            outputs: outputs, inputs: Weight(3),
            inputCount: template.spent.count + optional.count)
        let needed =
            template.paid + feeRate.feeRoundedUp(for: frame)
            + feeRate.feeRoundedUp(for: template.inputWeight)
        let changeWeight = addsOutput ? changePath.account.outputWeight : .zero
        let used = (frame + template.inputWeight + changeWeight).value
        let limit = Weight.maximumStandard
        guard used < limit.value else { throw .tooLarge(Weight(used), maximum: limit) }
        let goal = SelectionGoal(
            target: needed - template.available,
            changeFee: feeRate.feeRoundedUp(for: changeWeight),
            changeSpendFee: policy.longTermRate.feeRoundedUp(for: changePath.account.inputWeight),
            // What an output that is there anyway gets needs no size of its own.
            minimumChange: addsOutput ? Dust.limit(for: changeScript) : Satoshi(1),
            maximumInputWeight: Weight(limit.value - used))
        guard goal.target > .zero else {
            return completion([], goal.change(of: .zero), addsOutput)
        }
        let candidates = optional.map(spendable)
        guard
            let chosen = CoinSelector.select(
                from: candidates, goal: goal, by: strategy, using: &generator)
        else {
            throw shortfall(
                candidates, goal: goal, available: template.available, needed: needed)
        }
        return completion(
            chosen.coins.map(\.coin), goal.change(of: chosen.effectiveValue), addsOutput)
    }

    private func completion(
        _ coins: [Coin], _ change: Satoshi?, _ addsOutput: Bool
    ) -> TemplateCompletion {
        TemplateCompletion(
            coins: coins, change: change, addsOutput: addsOutput && change != nil)
    }
}
