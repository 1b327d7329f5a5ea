import Bitcoin
import LightningCommitment
import LightningOnChain
import LightningWallet

// What comes in, who takes it, and what comes out:
//
//   input                  taken by                           writes                    effects
//   ─────────────────────  ─────────────────────────────────  ────────────────────────  ─────────────────────────
//   chain ────────────────> wallet, channels, closings,        wallet, channels,         reply, broadcast, send,
//                           publisher, payments ─────────────> closings, publisher,      load, tell
//                                                              payments
//   transactionSeen ──────> wallet, closings (preimages) ────> wallet, closings          tell, send
//   transactionsEvicted ──> wallet ──────────────────────────> wallet                    tell
//   broadcastAnswered ────> wallet, publisher, fundings ─────> wallet, publisher         tell, reply
//   rebroadcastDue ───────> wallet, publisher, closes                                    broadcast
//   request ──────────────> wallet, channels, payments ──────> wallet, channels,         reply, broadcast, send,
//                                                              payments                  load, tell
//   peerConnected ────────> peers                                                        send
//   peerMessage ──────────> peers, channels, payments ───────> channels, payments        send, disconnect, reply
//   peerDisconnected ─────> peers, channels, payments ───────> channels, payments        send, reply
//   peerTerms ────────────> channels' terms ─────────────────> channels' terms
//   reachable ────────────> announcements ───────────────────> meta                      gossip
//   feeEstimates ─────────> publisher, channels
//   loaded ───────────────> closings, invoices, payments ────> closings, payments        reply, send
//   routesFound ──────────> payments, channels ──────────────> payments, channels        send, reply
//   tick ─────────────────> wallet, peers, payments,           wallet, payments          tell, send, reply, disconnect
//                           fundings, pruning
//   finish (batch's end) ─> channels touched, publisher, ────> channels, publisher,      send, broadcast,
//                           announcements                      wallet, channels' terms   broadcastPackage, gossip,
//                                                                                        localChannels, keepPeers
//
// What one part tells leads to the next within the same step, in three places:
//
//   channel events ──> LightningNode+ChannelEvents ──> funding, watching, closing
//                 └──> LightningNode+HTLCs ──────────> forwarding, invoices, payments ──> other channels
//   events on chain ─> LightningNode+OnChain ────────> publisher, watching, the same payments
//
// A refused input changes nothing: its step holds the refusal and no writes.

extension LightningNode {
    /// Takes one input and answers what it leads to. Nothing of the step's effects may be seen before its writes are durable.
    public mutating func receive(_ input: NodeInput, at moment: Moment) -> Step {
        guard isStarted else { return start(at: moment) + take(input, at: moment) }
        return take(input, at: moment)
    }

    private mutating func take(_ input: NodeInput, at moment: Moment) -> Step {
        switch input {
        case .chain(let id, let input): receive(input, as: id, at: moment)
        case .transactionSeen(let transaction): take(seen: transaction, at: moment)
        case .transactionsEvicted(let ids): news(.transactionsEvicted(ids), at: moment)
        case .broadcastAnswered(let id, let outcome):
            receive(outcome, of: id, at: moment) + answerAwaiting(id, outcome)
        case .rebroadcastDue: rebroadcast(at: moment)
        case .request(let id, let request): receive(request, as: id, at: moment)
        case .peerConnected(let peer): connect(peer, at: moment)
        case .peerMessage(let peer, let bytes): receive(bytes, from: peer, at: moment)
        case .peerDisconnected(let peer): disconnect(peer, at: moment)
        case .peerTerms(let update): take(peerTerms: update, at: moment)
        case .reachable(let addresses): take(addresses)
        case .feeEstimates(let estimates): take(estimates, at: moment)
        case .loaded(let id, let records): take(records, for: id, at: moment)
        case .routesFound(let id, let routes): take(routes, for: id, at: moment)
        case .tick: tick(at: moment)
        }
    }

    /// Ends a batch of inputs: what waited for company goes out together. To be called once after the batch's last
    /// ``receive(_:at:)``; its step belongs to the batch.
    public mutating func finish(at moment: Moment) -> Step {
        var step = resumeSearches(at: moment)
        step.append(flushChannels(at: moment))
        step.append(publishDue(at: moment))
        step.append(tellGossip(at: moment))
        step.append(tellPeers())
        return step
    }

    private mutating func tick(at moment: Moment) -> Step {
        var step = news(.timePassed, at: moment)
        step.append(probePeers(at: moment))
        step.append(advancePayments(at: moment))
        step.append(giveUpLatePlans(at: moment))
        step.append(answerLateBroadcasts(at: moment))
        step.append(refuseLateOffers(at: moment))
        step.append(prune())
        noteTimeForGossip(at: moment)
        return step
    }

    private mutating func take(_ estimates: FeeEstimates, at moment: Moment) -> Step {
        feeEstimates = estimates
        // Their openers follow the fees when the batch is flushed.
        for (number, channel) in channels.channels where channel.opener == .local {
            touched.insert(number)
        }
        return publish(.feeEstimates(estimates), at: moment)
    }

    private mutating func take(seen transaction: Transaction, at moment: Moment) -> Step {
        var step = news(.transactionSeen(transaction), at: moment)
        step.append(see(transaction, at: moment))
        return step
    }

    /// Offers again what waits to be mined.
    mutating func rebroadcast(at moment: Moment) -> Step {
        var step = news(.rebroadcastDue, at: moment)
        step.append(offerAgain())
        step.append(publish(.rebroadcastDue, at: moment))
        return step
    }

    /// Hands the wallet news that nobody waits for an answer to.
    private mutating func news(_ input: WalletInput, at moment: Moment) -> Step {
        do throws(WalletError) {
            return Step(try wallet.receive(input, now: moment.time))
        } catch {
            return Step(events: [NodeEvent(.error, .wallet, "the wallet refuses news: \(error)")])
        }
    }

    private mutating func receive(
        _ outcome: BroadcastOutcome, of id: TransactionID, at moment: Moment
    ) -> Step {
        switch outcome {
        case .accepted:
            var step = news(.broadcastAccepted(id), at: moment)
            step.events.append(NodeEvent(.debug, .chain, "the network took transaction \(id)"))
            return step
        case .rejected(let reason):
            var step = news(.broadcastRejected(id), at: moment)
            step.append(
                publish(.refused(id, BroadcastRefusal(reason: reason)), at: moment))
            step.append(giveUpFunding(id, at: moment))
            step.events.append(
                NodeEvent(.warn, .chain, "the network refused transaction \(id): \(reason)"))
            return step
        case .unanswered(let reason):
            // It stays as it is: a rebroadcast comes with the next block, and when the backend is back.
            let message = "whether transaction \(id) is out is not known: \(reason)"
            return Step(events: [NodeEvent(.warn, .chain, message)])
        }
    }

    private mutating func receive(
        _ input: ChainInput, as id: RequestID, at moment: Moment
    ) -> Step {
        answering(id) { node throws(NodeFailure) in
            do throws(WalletError) {
                return try node.move(input, at: moment)
            } catch {
                throw .wallet(error)
            }
        }
    }

    private mutating func move(
        _ input: ChainInput, at moment: Moment
    ) throws(WalletError) -> (NodeReply, Step) {
        switch input {
        case .blocksConnected(let matches):
            guard !matches.contains(where: { $0.isStale(for: watchers.watch) }) else {
                throw .staleScan
            }
            let result = try wallet.receive(.blocksConnected(matches), now: moment.time)
            var step = Step(result, events: progress(matches))
            for match in matches { step.append(connect(match, at: moment)) }
            step.append(advancePayments(at: moment))
            // A mempool may have lost what still waits, with a reorganisation or for its fee.
            step.append(news(.rebroadcastDue, at: moment))
            return (.position(position()), step)
        case .blockDisconnected(let hash):
            let lost = height
            let result = try wallet.receive(.blockDisconnected(hash), now: moment.time)
            let event = NodeEvent(.info, .chain, "block \(hash) left the best chain")
            var step = Step(result, events: [event])
            step.append(disconnectBlock(at: lost, at: moment))
            return (.position(position()), step)
        case .blocksRescanned(let matches):
            guard !matches.contains(where: { $0.isStale(for: watchers.watch) }) else {
                throw .staleScan
            }
            var step = Step(try wallet.receive(.blocksRescanned(matches), now: moment.time))
            for match in matches { step.append(rescan(match, at: moment)) }
            return (.position(position()), step)
        case .positionWanted:
            return (.position(position(recentBlocks: recentBlocks)), Step())
        case .caughtUp:
            isCaughtUp = true
            return (.position(position()), takePostponed(at: moment))
        case .behind:
            isCaughtUp = false
            return (.position(position()), Step())
        }
    }

    private func position(recentBlocks: [BlockReference] = []) -> FollowedPosition {
        FollowedPosition(
            nextHeight: wallet.nextHeight, rescanHeight: wallet.rescanHeight,
            recentBlocks: recentBlocks, unconfirmed: wallet.unconfirmedTransactions,
            scanner: wallet.scanner(with: watchers.watch))
    }

    /// The blocks that a reorganisation may still take back, and the tip, lowest first.
    private var recentBlocks: [BlockReference] {
        var blocks: [BlockReference] = []
        var height = wallet.tip?.height
        while let current = height, let hash = wallet.blockHash(at: current) {
            blocks.append(BlockReference(height: current, hash: hash))
            height = current.value > 0 ? current.saturatingSubtract(1) : nil
        }
        return blocks.reversed()
    }

    private func progress(_ matches: [BlockMatch]) -> [NodeEvent] {
        guard let last = matches.last?.block else { return [] }
        let found = matches.reduce(0) { $0 + $1.transactions.count }
        let what = found == 0 ? "" : ", \(found) of interest"
        return [NodeEvent(.debug, .chain, "processed block \(last.height) \(last.hash)\(what)")]
    }

    /// Makes the answer to `id` of what `body` gives or throws.
    mutating func answering(
        _ id: RequestID,
        _ body: (inout LightningNode) throws(NodeFailure) -> (NodeReply, Step)
    ) -> Step {
        do throws(NodeFailure) {
            let (reply, result) = try body(&self)
            var step = result
            step.request(.reply(id, .success(reply)))
            return step
        } catch {
            var step = Step()
            step.request(.reply(id, .failure(error)))
            return step
        }
    }
}
