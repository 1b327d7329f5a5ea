import Bitcoin
import LightningChannel
import LightningWallet

/// How a run ends: faults stop, payments end, channels are closed, and the books are compared.
extension Simulation {
    /// Faults stop, and what was begun comes to its end.
    func beginSettling() {
        enter(.settling)
        endFaults()
        if plan.doctoring == .theft { steal() }
    }

    /// Takes coins from an honest node, for the test of a checker.
    private func steal() {
        guard let node = nodes.first(where: \.isHonest) else { return }
        let output = TransactionOutput(
            amount: Satoshi(300_000), scriptPubKey: WorldChain.minerScript)
        let request = SpendRequest(outputs: [output], feeRate: FeeratePerKw(2_500))
        ask(node, .spend(.send(request, label: "")))
    }

    /// Looks after each block whether all payments have ended; then closes all channels.
    func settleOn() {
        let waiting = unsettledPayments
        guard waiting.isEmpty else { return requireTime("payments have not ended", waiting) }
        for pair in links.keys.sorted() { checkAgreement(of: pair, closely: true) }
        for node in nodes where node.isHonest { checkRebuilt(node) }
        enter(.closing)
        closeAll()
    }

    /// Looks after each block whether all channels are gone; then compares the books.
    func closeOn() {
        let waiting = unclosed
        guard waiting.isEmpty else {
            if (phaseEnd - world.height) % 20 == 0 { closeAll() }
            return requireTime("channels are not closed", waiting)
        }
        checkBooks()
        phase = .done
        trace.note(.phase, at: now, "everything is settled")
    }

    private func enter(_ next: Phase) {
        phase = next
        phaseEnd = world.height + Self.settlementLimit
        trace.note(.phase, at: now, Array(next.rawValue.utf8), next.rawValue)
    }

    private func requireTime(_ what: String, _ waiting: [String]) {
        guard world.height >= phaseEnd else { return }
        let limit = Self.settlementLimit
        report(
            Violation(
                .settlement,
                "\(what) \(limit) blocks after faults stopped: "
                    + waiting.prefix(6).joined(separator: "; ")))
    }

    /// Closes every channel: with the peer where it is there, alone otherwise.
    private func closeAll() {
        for node in nodes where !node.isOutlaw {
            for channel in node.core?.allChannels ?? [] {
                switch channel.state {
                case .normal, .shuttingDown, .negotiating, .waitForReady:
                    let isTalking = channel.established?.isConnected ?? false
                    let isLate = phaseEnd - world.height < Int64(Self.settlementLimit) - 30
                    if isTalking, !isLate {
                        guard channel.opener == .local, channel.state == .normal else { continue }
                        ask(node, .channel(.close(channel.channelID, to: nil, feerate: nil)))
                    } else {
                        ask(node, .channel(.forceClose(channel.channelID)))
                    }
                case .opening, .failed, .outdated, .restored, .spent, .forgotten: break
                }
            }
        }
    }

    /// The nodes that have to come to an end: an outlaw does what it likes.
    private var observed: [SimulatedNode] { nodes.filter { !$0.isOutlaw } }

    private func common(_ node: SimulatedNode) -> String? {
        guard let core = node.core else { return "node \(node.index) is down" }
        guard core.wallet.tip?.hash == world.chain.tip.hash else {
            return "node \(node.index) is at block \(core.wallet.nextHeight)"
        }
        return nil
    }

    /// What payments wait for.
    private var unsettledPayments: [String] {
        observed.flatMap { node -> [String] in
            if let reason = common(node) { return [reason] }
            guard let core = node.core else { return [] }
            var found: [String] = []
            if core.openPaymentCount > 0 {
                found.append("node \(node.index) has \(core.openPaymentCount) payments")
            }
            for channel in core.allChannels {
                guard let commitments = channel.commitments, channel.state != .spent else {
                    continue
                }
                let count = waitingHTLCs(of: commitments, peer: channel.peer)
                if count > 0 {
                    found.append(
                        "node \(node.index) has \(count) HTLCs in channel"
                            + " \(channel.keys.value), which is \(channel.state.rawValue)")
                }
            }
            return found
        }
    }

    /// How many HTLCs of a channel have not ended. What a peer that is gone for good has offered, and this node has no
    /// preimage for, is the peer's alone to take back: it goes with the channel.
    private func waitingHTLCs(of commitments: Commitments, peer: PublicKey) -> Int {
        let isGone = nodes.contains { $0.id == peer && $0.isOutlaw }
        let received =
            isGone
            ? commitments.openReceived.count
                + commitments.received.count { commitments.preimage($0.key) != nil }
            : commitments.received.count
        return commitments.offered.count + received
    }

    /// What channels and coins wait for.
    private var unclosed: [String] {
        observed.flatMap { node -> [String] in
            if let reason = common(node) { return [reason] }
            guard let core = node.core else { return [] }
            // A channel whose funding was never mined holds nothing; it is forgotten after 2016 blocks.
            let funded = core.allChannels.filter { channel in
                channel.commitments?.fundings.first.map { world.isKnown($0.transactionID) } ?? true
            }
            var found = funded.map { channel in
                "channel \(channel.keys.value) of node \(node.index) is \(channel.state.rawValue)"
            }
            // What no mempool has any more binds nothing but what it spends, which the books show.
            let waiting = core.wallet.unconfirmedTransactions.filter {
                world.chain.mempool[$0] != nil
            }
            if !waiting.isEmpty {
                found.append("node \(node.index) waits for \(waiting.sorted())")
            }
            return found
        }
    }
}
