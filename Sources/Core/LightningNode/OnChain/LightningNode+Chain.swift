import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWallet
import LightningWire

/// What the chain's movements mean for channels.
extension LightningNode {
    /// Takes a block in that the wallet has taken in.
    mutating func connect(_ match: BlockMatch, at moment: Moment) -> Step {
        height = match.block.height
        var step = Step()
        for matched in match.transactions {
            step.append(noteFundings(in: matched, height, at: moment))
        }
        for matched in match.transactions {
            step.append(noteSpends(by: matched, told: height.saturatingSubtract(1), at: moment))
        }
        let concerned = match.transactions.map {
            ConfirmedTransaction($0.transaction, height: height, position: $0.position)
        }
        for number in closings.keys.sorted() {
            step.append(feedOnChain(.blockConnected(height, concerned), to: number, at: moment))
        }
        for number in awake.sorted() {
            step.append(feed(.blockConnected, to: number, at: moment))
        }
        gossip.due.formUnion(gossip.waiting)
        step.append(checkDeadlines(at: moment))
        step.append(giveUpDoubleSpent(at: moment))
        step.append(dropFinalFundings())
        step.append(offerAgain())
        var spends: [OutPoint: TransactionID] = [:]
        for matched in match.transactions {
            for input in matched.transaction.inputs { spends[input.previousOutput] = matched.id }
        }
        step.append(publish(.blockConnected(height, spends: spends), at: moment))
        return step
    }

    /// Takes in what a block holds that was scanned before: channels may have come since that it concerns.
    mutating func rescan(_ match: BlockMatch, at moment: Moment) -> Step {
        let block = match.block.height
        var step = Step()
        for matched in match.transactions {
            step.append(noteFundings(in: matched, block, at: moment))
        }
        for matched in match.transactions {
            step.append(noteSpends(by: matched, told: height, at: moment))
        }
        let found = match.transactions.map {
            ConfirmedTransaction($0.transaction, height: block, position: $0.position)
        }
        for number in closings.keys.sorted() where !found.isEmpty {
            step.append(feedOnChain(.blockRescanned(block, found), to: number, at: moment))
        }
        return step
    }

    /// Has the blocks from a height on scanned again, where they were scanned.
    mutating func scanAgain(from height: BlockHeight) -> Step {
        var step = Step(wallet.startRescan(from: height))
        if wallet.rescanHeight != nil { step.request(.scanAgain) }
        return step
    }

    /// Offers what the node itself waits for: closes in agreement, and fundings that others pay. A mempool may have lost them.
    func offerAgain() -> Step {
        var step = Step()
        let unmined = foreignFundings.isEmpty ? [] : fundingIDs { $0.position == nil }
        for id in foreignFundings.keys.sorted() where unmined.contains(id) {
            guard let transaction = foreignFundings[id], transaction.isSigned else { continue }
            step.request(.broadcast(transaction))
        }
        for number in awake.union(closings.keys).sorted()
        where closings[number]?.fundingSpend == nil {
            if let closing = channels[number]?.established?.closings.last {
                step.request(.broadcast(closing))
            }
        }
        return step
    }

    /// The transactions that fund the channels for which `condition` holds.
    private func fundingIDs(
        where condition: (EstablishedChannel) -> Bool
    ) -> Set<TransactionID> {
        Set(
            channels.channels.values.lazy.compactMap(\.established).filter(condition).map {
                $0.funding.outPoint.transactionID
            })
    }

    /// Forgets others' funding transactions that no reorganisation takes back, or that no channel is left of.
    private mutating func dropFinalFundings() -> Step {
        guard !foreignFundings.isEmpty else { return Step() }
        var wanted = fundingIDs { channel in
            guard let position = channel.position else { return true }
            return height - position.height + 1 < Int64(policy.onChain.finalDepth)
        }
        wanted.formUnion(fundings.values.compactMap { $0.transaction?.id })
        return foreignFundings.keys.sorted().filter { !wanted.contains($0) }
            .reduce(into: Step()) { $0.append(dropFunding($1)) }
    }

    /// Tells channels whose funding the transaction is.
    private mutating func noteFundings(
        in matched: MatchedTransaction, _ height: BlockHeight, at moment: Moment
    ) -> Step {
        var step = Step()
        for (index, output) in matched.transaction.outputs.enumerated() {
            guard let number = watchers.channel(fundedBy: output.scriptPubKey),
                let funding = channels[number]?.commitments?.fundings.first?.funding,
                funding.outPoint == OutPoint(matched.id, UInt32(index))
            else { continue }
            let confirmation = FundingConfirmation(
                height: height, transactionIndex: matched.position, output: output)
            step.append(feed(.fundingConfirmed(confirmation), to: number, at: moment))
            // Whoever pays may have published it past this node.
            if foreignFundings[matched.id]?.isSigned == false {
                foreignFundings[matched.id] = matched.transaction
                step.writes.append(NodeRecords.funding(matched.transaction))
            }
        }
        return step
    }

    /// Stops the channels whose funding output the transaction spends. `told` is the last block that they need not be told.
    private mutating func noteSpends(
        by matched: MatchedTransaction, told: BlockHeight, at moment: Moment
    ) -> Step {
        var step = Step()
        for input in matched.transaction.inputs {
            for number in watchers.channels(watching: input.previousOutput)
            where channels[number]?.commitments?.fundings.first?.funding.outPoint
                == input.previousOutput
            {
                step.append(goOnChain(number, publishing: false, tip: told, at: moment))
                step.append(feed(.fundingSpent, to: number, at: moment))
            }
        }
        return step
    }

    /// Takes the tip back, which the wallet has taken back.
    mutating func disconnectBlock(at lost: BlockHeight, at moment: Moment) -> Step {
        height = lost.saturatingSubtract(1)
        var step = Step()
        for number in closings.keys.sorted() {
            step.append(feedOnChain(.blockDisconnected(lost), to: number, at: moment))
        }
        for number in channels.numbers {
            guard let position = channels[number]?.established?.position,
                position.height >= lost
            else { continue }
            step.append(feed(.fundingUnconfirmed, to: number, at: moment))
        }
        step.append(publish(.blockDisconnected(lost), at: moment))
        return step
    }

    /// Takes a transaction of a mempool: it may show a preimage before any block does.
    mutating func see(_ transaction: Transaction, at moment: Moment) -> Step {
        var concerned: Set<ChannelKeyNumber> = []
        for input in transaction.inputs {
            for number in watchers.channels(watching: input.previousOutput)
            where closings[number] != nil {
                concerned.insert(number)
            }
        }
        return concerned.sorted().reduce(into: Step()) { step, number in
            step.append(feedOnChain(.unconfirmed(transaction), to: number, at: moment))
        }
    }

    // MARK: Deadlines

    /// Closes the channels that cannot wait for their peers any longer.
    private mutating func checkDeadlines(at moment: Moment) -> Step {
        var step = Step()
        for number in awake.sorted() where closings[number] == nil {
            guard let commitments = channels[number]?.commitments,
                channels[number]?.state.canBeClosed == true
            else { continue }
            let htlcs = (commitments.offered + commitments.received).lazy.map {
                OpenHTLC($0, commitments) { _ in nil }
            }
            guard let reason = policy.onChain.reasonToClose(htlcs, tip: height) else { continue }
            step.append(log(.warn, number, "is closed without the peer: \(reason)"))
            step.append((try? perform(.forceClose, on: number, at: moment)) ?? Step())
        }
        for number in closings.keys.sorted() {
            step.append(failStuckForwards(of: number, at: moment))
        }
        return step
    }

    /// Gives back what came in for HTLCs that are stuck on the chain, where the peer upstream is about to close its channel
    /// and that would cost more than is lost if the stuck ones are taken after all.
    private mutating func failStuckForwards(
        of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let closing = closings[number], let commitments = channels[number]?.commitments
        else { return Step() }
        let feerate = feeEstimates?.feerate(within: 6) ?? policy.channels.fallbackFeerate
        var incoming: [UInt64: (ChannelKeyNumber, UInt64)] = [:]
        for htlc in commitments.offered {
            guard case .forward(let channel, let id) = htlc.origin else { continue }
            incoming[htlc.key.id] = (channel, id)
        }
        let stuck = closing.stuckForwards { htlc in
            guard let (channel, _) = incoming[htlc.id],
                let upstream = channels[channel]?.commitments
            else { return .zero }
            return policy.onChain.closureCost(
                upstream.parameters.format, feerate: feerate,
                htlcOutputs: upstream.offered.count + upstream.received.count)
        }
        var step = Step()
        for htlc in stuck {
            guard let (channel, id) = incoming[htlc.id] else { continue }
            step.append(fail(channel, id, with: .permanentChannelFailure, at: moment))
        }
        return step
    }

    /// Notes whether a channel has to be told of blocks: not where it is at rest.
    mutating func noteWaking(_ number: ChannelKeyNumber) {
        guard let channel = channels[number], channel.needsBlocks else {
            awake.remove(number)
            return
        }
        awake.insert(number)
    }
}

extension Channel {
    /// Whether something of the channel depends on the height.
    fileprivate var needsBlocks: Bool {
        guard let commitments else { return false }
        switch state {
        case .normal:
            // While no block holds the funding, its coins may go elsewhere.
            return established?.position == nil || !commitments.offered.isEmpty
                || !commitments.received.isEmpty
        case .waitForReady, .shuttingDown, .negotiating: return true
        // It is forgotten one day where nobody funds it.
        case .failed: return established?.position == nil
        case .opening, .outdated, .restored, .spent, .forgotten: return false
        }
    }
}

extension ChannelState {
    /// Whether this side's commitment can be published to any end.
    fileprivate var canBeClosed: Bool {
        switch self {
        case .waitForReady, .normal, .shuttingDown, .negotiating: true
        case .opening, .failed, .outdated, .restored, .spent, .forgotten: false
        }
    }
}

extension Transaction {
    /// Whether every input has something that unlocks it.
    var isSigned: Bool {
        inputs.allSatisfy { !$0.witness.isEmpty || !$0.scriptSig.bytes.isEmpty }
    }
}
