import Bitcoin

extension Publisher {
    /// Gives a publication to each claim that can be mined in the next block and has none.
    mutating func gather(_ changes: inout PublisherChanges) {
        let next = tip + 1
        var byCompany: [Company: [ClaimState]] = [:]
        for state in claims.values
        where state.publication == nil && state.spend == nil && state.claim.earliest <= next {
            byCompany[Company(state), default: []].append(state)
        }
        for (company, states) in byCompany.sorted(by: { $0.key < $1.key }) {
            let ordered = states.sorted {
                ($0.gatherKey, $0.claim.id) < ($1.gatherKey, $1.claim.id)
            }
            let (able, poor) = affordable(ordered)
            // What may wait does so for calmer times; what may not tries with what it has.
            for state in poor where company != .own { open([state.claim.id], &changes) }
            guard company != .own || isPatienceOver(able) else { continue }
            for group in groups(able) { open(group, &changes) }
        }
    }

    private func isPatienceOver(_ states: [ClaimState]) -> Bool {
        states.contains { $0.claim.earliest + policy.patience <= tip + 1 }
    }

    /// The claims that pay for their part of a transaction at the rate of the most urgent, and the others.
    func affordable(_ states: [ClaimState]) -> (able: [ClaimState], poor: [ClaimState]) {
        let rate = ramp(states.compactMap(\.claim.deadline).min()).estimate
        return (
            states.filter { isWorth($0.claim, rate: rate) },
            states.filter { !isWorth($0.claim, rate: rate) }
        )
    }

    /// Whether the claim's part of a transaction costs no more at `rate` than the claim may.
    func isWorth(_ claim: Claim, rate: FeeratePerKw) -> Bool {
        claim.hasFixedFee
            || rate.feeRoundedUp(for: claim.ownWeight) <= policy.feeLimit(of: claim, tip: tip)
    }

    private func groups(_ states: [ClaimState]) -> [[ClaimID]] {
        var groups: [[ClaimID]] = []
        var weight = Weight.zero
        var first: BlockHeight?
        for state in states {
            let claim = state.claim
            let isNear = claim.deadline.map { $0 - (first ?? $0) <= policy.deadlineSpread } ?? true
            weight += claim.ownWeight
            if !groups.isEmpty, isNear, weight <= policy.maximumWeight {
                groups[groups.count - 1].append(claim.id)
            } else {
                groups.append([claim.id])
                weight = claim.ownWeight
                first = claim.deadline
            }
        }
        return groups
    }

    func ramp(_ deadline: BlockHeight?) -> FeerateRamp {
        FeerateRamp(policy: policy, estimates: estimates, tip: tip, deadline: deadline)
    }
}

extension ClaimState {
    /// The most urgent first.
    fileprivate var gatherKey: UInt32 { claim.deadline?.value ?? .max }
}
