import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWire

/// Taking up what was under way when the node stopped. All of it may have been done before: each part is idempotent.
extension LightningNode {
    /// What the first step after a start does before anything else.
    mutating func start(at moment: Moment) -> Step {
        isStarted = true
        var step = Step(wallet.releaseLeases(named: Self.fundingLease))
        step.append(giveUpFundings(at: moment))
        step.append(resumeHTLCs(at: moment))
        for number in closings.keys.sorted() {
            for event in closings[number]?.standing ?? [] {
                guard case .loadFormerHTLCs = event else { continue }
                step.append(take(event, of: number, at: moment))
            }
        }
        step.append(rebroadcast(at: moment))
        step.append(startGossip(at: moment))
        return step
    }

    /// Gives up the channels whose funding transaction was signed for, and was lost with the plan before it was published.
    private mutating func giveUpFundings(at moment: Moment) -> Step {
        var step = Step()
        for number in channels.numbers {
            guard let channel = channels[number], channel.opener == .local,
                let established = channel.established, established.isUnproven,
                closings[number]?.fundingSpend == nil
            else { continue }
            let id = established.funding.outPoint.transactionID
            guard wallet.transaction(id) == nil, foreignFundings[id] == nil else { continue }
            step.append((try? perform(.abandon, on: number, at: moment)) ?? Step())
        }
        return step
    }

    /// Hands in all HTLCs of peers that are open: those that were forwarded go on where they were, the others are decided
    /// about.
    private mutating func resumeHTLCs(at moment: Moment) -> Step {
        var forwarded: Set<HTLCOrigin> = []
        var attempts: Set<UInt64> = []
        for channel in channels.channels.values {
            for htlc in channel.commitments?.offered ?? [] {
                switch htlc.origin {
                case .payment(let attempt)?: attempts.insert(attempt)
                case .forward?: htlc.origin.map { _ = forwarded.insert($0) }
                case nil: break
                }
            }
        }
        var step = take(
            payments.resume(live: attempts, at: paymentMoment(moment)), at: moment)
        for number in channels.numbers {
            for event in channels[number]?.commitments?.openReceived ?? [] {
                guard case .receivedCommitted(let add, let exceedsDustExposure) = event else {
                    continue
                }
                if forwarded.contains(.forward(channel: number, id: add.id)) {
                    resumeForward(add, from: number, at: moment)
                    continue
                }
                step.append(
                    receive(
                        add, from: number, exceedsDustExposure: exceedsDustExposure,
                        isRepeated: true, at: moment))
            }
        }
        return step
    }
}
