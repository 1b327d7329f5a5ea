import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWallet
import LightningWire

/// The publisher's inputs, and what it wants offered to the network.
extension LightningNode {
    /// Tells the publisher of something.
    mutating func publish(_ input: PublisherInput, at moment: Moment) -> Step {
        lendWallet(at: moment) { publisher, wallet in publisher.receive(input, wallet: &wallet) }
    }

    /// Offers what the publisher has gathered in a batch.
    mutating func publishDue(at moment: Moment) -> Step {
        let signers = channels.signers
        return lendWallet(at: moment) { publisher, wallet in
            publisher.publish(wallet: &wallet) { signers[$0] }
        }
    }

    /// Lends the publisher the wallet.
    private mutating func lendWallet(
        at moment: Moment, _ body: (inout Publisher, inout NodeFeeWallet) -> PublisherStep
    ) -> Step {
        purse.now = moment.time
        let result = body(&publisher, &purse)
        // The wallet's part comes first: what is offered spends its coins.
        var step = purse.takeStep()
        step.writes += result.writes
        for package in result.broadcasts {
            if package.count == 1 {
                step.request(.broadcast(package[0]))
            } else {
                step.request(.broadcastPackage(package))
            }
        }
        step.events += result.events.map(Self.event)
        return step
    }

    private static func event(_ event: PublisherEvent) -> NodeEvent {
        switch event {
        case .published(let claims, let id, let fee, let rate):
            NodeEvent(
                .info, .chain,
                "published \(id) for \(claims.count) claims, fee \(fee) at \(rate)")
        case .unaffordable(let claims, let fee, let limit):
            NodeEvent(
                .warn, .chain,
                "\(names(claims)): a fee of \(fee) would be above the limit of \(limit); fees have to fall first"
            )
        case .coinsMissing(let claims, let missing):
            NodeEvent(
                .error, .chain,
                "\(names(claims)): the wallet needs \(missing) more, confirmed, to pay fees; money is at risk"
            )
        case .unsigned(let claims, let error):
            NodeEvent(
                .error, .chain,
                "\(names(claims)) cannot be signed: \(error.map { "\($0)" } ?? "no signer")")
        case .refused(let claims, let refusal):
            NodeEvent(.warn, .chain, "\(names(claims)): the network refuses it: \(refusal)")
        case .spent(let claim, let id, let height):
            NodeEvent(.info, .chain, "\(names([claim])) is spent by \(id) in block \(height)")
        }
    }

    private static func names(_ claims: [ClaimID]) -> String {
        claims.map { "channel \($0.channel.value) output \($0.outPoint)" }.joined(separator: ", ")
    }

    /// What the wallet keeps back so that `more` channels besides those there are can be closed without their peers. Those
    /// that a peer has opened and not funded yet hold nothing of this side's: they must not tie up its coins.
    func reserve(adding more: Int = 0) -> Satoshi {
        let anchors = channels.channels.values.count { channel in
            guard !channel.isUnminedOfPeer else { return false }
            return switch channel.commitments?.parameters.format {
            case .anchors: true
            case .staticRemoteKey, nil: false
            }
        }
        return publisher.policy.requiredReserve(anchorChannels: anchors + more)
    }
}
