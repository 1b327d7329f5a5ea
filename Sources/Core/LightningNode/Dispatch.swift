import Bitcoin
import LightningCommitment
import LightningWallet

// What comes in, who takes it, and what comes out:
//
//   input                  taken by            writes          effects
//   ─────────────────────  ──────────────────  ──────────────  ───────────────────────────
//   chain ────────────────> wallet ───────────> wallet tables   reply, broadcast, tell
//   transactionSeen ──────> wallet ───────────> wallet tables   tell
//   transactionsEvicted ──> wallet ───────────> wallet tables   tell
//   broadcastAnswered ────> wallet ───────────> wallet tables   tell
//   rebroadcastDue ───────> wallet                              broadcast
//   request ──────────────> wallet ───────────> wallet tables   reply, broadcast, tell
//   peerConnected ────────> peers                               send
//   peerMessage ──────────> peers                               send, disconnect
//   peerDisconnected ─────> peers
//   feeEstimates ─────────> node
//   loaded ───────────────> whoever asked
//   tick ─────────────────> wallet, peers ────> wallet tables   tell, send, disconnect
//   finish (batch's end) ─> channels touched
//
// A refused input changes nothing: its step holds the refusal and no writes.

extension LightningNode {
    /// Takes one input and answers what it leads to. Nothing of the step's effects may be seen before its writes are durable.
    public mutating func receive(_ input: NodeInput, at moment: Moment) -> Step {
        switch input {
        case .chain(let id, let input): receive(input, as: id, at: moment)
        case .transactionSeen(let transaction):
            news(.transactionSeen(transaction), at: moment)
        case .transactionsEvicted(let ids): news(.transactionsEvicted(ids), at: moment)
        case .broadcastAnswered(let id, let outcome): receive(outcome, of: id, at: moment)
        case .rebroadcastDue: news(.rebroadcastDue, at: moment)
        case .request(let id, let request): receive(request, as: id, at: moment)
        case .peerConnected(let peer): connect(peer, at: moment)
        case .peerMessage(let peer, let bytes): receive(bytes, from: peer, at: moment)
        case .peerDisconnected(let peer): disconnect(peer)
        case .feeEstimates(let estimates): take(estimates)
        case .loaded(let id, let records): take(records, for: id)
        case .tick: tick(at: moment)
        }
    }

    /// Ends a batch of inputs: what waited for company goes out together. To be called once after the batch's last
    /// ``receive(_:at:)``; its step belongs to the batch.
    public mutating func finish(at moment: Moment) -> Step { Step() }

    private mutating func tick(at moment: Moment) -> Step {
        var step = news(.timePassed, at: moment)
        step.append(probePeers(at: moment))
        return step
    }

    private mutating func take(_ estimates: FeeEstimates) -> Step {
        feeEstimates = estimates
        return Step()
    }

    private mutating func take(
        _ records: [(key: [UInt8], value: [UInt8])], for id: LoadID
    ) -> Step {
        Step()
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
            let step = try wallet.receive(.blocksConnected(matches), now: moment.time)
            return (.position(position()), Step(step, events: progress(matches)))
        case .blockDisconnected(let hash):
            let step = try wallet.receive(.blockDisconnected(hash), now: moment.time)
            let event = NodeEvent(.info, .chain, "block \(hash) left the best chain")
            return (.position(position()), Step(step, events: [event]))
        case .blocksRescanned(let matches):
            let step = try wallet.receive(.blocksRescanned(matches), now: moment.time)
            return (.position(position()), Step(step))
        case .positionWanted:
            return (.position(position(recentBlocks: recentBlocks)), Step())
        }
    }

    private func position(recentBlocks: [BlockReference] = []) -> FollowedPosition {
        FollowedPosition(
            nextHeight: wallet.nextHeight, rescanHeight: wallet.rescanHeight,
            recentBlocks: recentBlocks, unconfirmed: wallet.unconfirmedTransactions,
            scanner: wallet.scanner())
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
        let what = found == 0 ? "" : ", \(found) transactions of the wallet"
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
