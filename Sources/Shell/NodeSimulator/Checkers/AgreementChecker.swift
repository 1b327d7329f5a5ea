import Bitcoin
import LightningChannel
import LightningWire

/// Invariant 3: both ends' views of a channel agree whenever both are at rest.
package enum AgreementChecker {
    /// One end's view of a channel, as far as the other has to share it.
    package struct View: Hashable, Sendable {
        /// An HTLC as both ends know it.
        package struct HTLC: Hashable, Sendable {
            package let id: UInt64
            package let amount: MilliSatoshi
            package let paymentHash: PaymentHash
            package let cltvExpiry: BlockHeight

            init(_ htlc: ChannelHTLC) {
                id = htlc.key.id
                amount = htlc.amount
                paymentHash = htlc.paymentHash
                cltvExpiry = htlc.cltvExpiry
            }
        }

        package let capacity: Satoshi
        package let localNumber: UInt64
        package let remoteNumber: UInt64
        package let feerate: FeeratePerKw
        package var local: MilliSatoshi
        package let remote: MilliSatoshi
        package let offered: [HTLC]
        package let received: [HTLC]
        /// The commitment transactions; nil where they were not built.
        package let transactions: Transactions?

        /// The identifiers of the two commitment transactions.
        package struct Transactions: Hashable, Sendable {
            package let local: TransactionID
            package let remote: TransactionID
        }
    }

    /// What is wrong between two views of a channel; nil where nothing is.
    package static func compare(_ first: View, _ second: View) -> Violation? {
        var differing: [String] = []
        func require(_ what: String, _ isSame: Bool) {
            if !isSame { differing.append(what) }
        }
        require("commitment numbers", first.localNumber == second.remoteNumber)
        require("commitment numbers", first.remoteNumber == second.localNumber)
        require("fee rates", first.feerate == second.feerate)
        require(
            "balances (\(first.local), \(first.remote); \(second.local), \(second.remote))",
            first.local == second.remote && first.remote == second.local)
        require(
            "HTLCs", first.offered == second.received && first.received == second.offered)
        if let first = first.transactions, let second = second.transactions {
            require(
                "commitment transactions",
                first.local == second.remote && first.remote == second.local)
        }
        guard !differing.isEmpty else { return nil }
        return Violation(.agreement, "the ends differ in " + differing.joined(separator: ", "))
    }
}

extension AgreementChecker.View {
    /// The view of an end that is at rest; nil where updates are on their way.
    init?(_ commitments: Commitments, withTransactions: Bool) {
        guard commitments.proposed.isEmpty, commitments.signed.isEmpty,
            !commitments.isAwaitingRevocation, commitments.pendingFeerates.isEmpty,
            let funding = commitments.fundings.first
        else { return nil }
        capacity = funding.funding.amount
        localNumber = commitments.localNumber
        remoteNumber = commitments.remoteNumber
        feerate = commitments.feerate
        local = funding.settled.local
        remote = funding.settled.remote
        offered = commitments.offered.map(HTLC.init)
        received = commitments.received.map(HTLC.init)
        guard withTransactions else {
            transactions = nil
            return
        }
        guard let own = try? commitments.localCommitment(funding),
            let others = try? commitments.remoteCommitments(funding), let other = others.first
        else { return nil }
        transactions = Transactions(local: own.id, remote: other.id)
    }
}

extension Simulation {
    /// Whether nothing is on its way between two nodes, nor waits at them.
    private func isAtRest(_ pair: Link.Pair) -> Bool {
        guard let link = links[pair], link.isCarrying, !link.isPartitioned,
            link.openEnds.count == 2, link.inFlight == 0
        else { return false }
        return [pair.low, pair.high].allSatisfy { index in
            let node = nodes[index]
            return node.isRunning && node.inbox.isEmpty && !node.isTurnDue && !node.isStalled
                && !isDeaf(node)
        }
    }

    /// Compares what two honest nodes think of their channels, where both are at rest; `closely` builds the transactions.
    func checkAgreement(of pair: Link.Pair, closely: Bool) {
        let (low, high) = (nodes[pair.low], nodes[pair.high])
        guard low.isHonest, high.isHonest, isAtRest(pair) else { return }
        for channel in low.core?.allChannels ?? [] where channel.peer == high.id {
            guard let other = high.core?.allChannels.first(where: { $0.sharesFunding(channel) }),
                let first = channel.established, let second = other.established,
                first.isConnected, second.isConnected,
                var firstView = AgreementChecker.View(
                    first.commitments, withTransactions: closely),
                let secondView = AgreementChecker.View(
                    second.commitments, withTransactions: closely)
            else { continue }
            if plan.doctoring == .driftingBalance {
                firstView.local = MilliSatoshi(firstView.local.value + 1)
            }
            let found =
                AgreementChecker.compare(firstView, secondView)
                ?? ConservationChecker.check(firstView)
            if let found {
                report(
                    Violation(
                        found.invariant,
                        "channel \(channel.channelID) of nodes \(pair.low) and \(pair.high):"
                            + " \(found.message)"))
            }
        }
    }
}

extension Channel {
    fileprivate func sharesFunding(_ other: Channel) -> Bool {
        guard let own = commitments?.fundings.first?.funding.outPoint else { return false }
        return own == other.commitments?.fundings.first?.funding.outPoint
    }
}
