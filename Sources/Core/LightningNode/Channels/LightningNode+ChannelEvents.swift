import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// What channels tell the node: their lives here, their payments in LightningNode+HTLCs.swift.
extension LightningNode {
    /// Does what an event of a channel asks for.
    mutating func take(
        _ event: ChannelEvent, of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        noteGossip(event, of: number)
        switch event {
        case .fundingWanted(let wanted): return agree(to: wanted, for: number, at: moment)
        case .established(let funding):
            return watch(funding, of: number) + adoptPolicy(of: number)
                + tell(number) { .pendingOpen($0) }
        case .fundingSigned: return noteFundingSigned(number, at: moment)
        case .ready: return log(.info, number, "is open") + tell(number) { .open($0) }
        case .renamed: return Step()
        case .shuttingDown: return log(.info, number, "is shutting down")
        case .closingScriptWanted: return answerShutdown(of: number, at: moment)
        case .closing(let transaction): return publish(transaction, closing: number, at: moment)
        case .failed(let failure, let disposition):
            return take(failure, disposition, of: number, at: moment)
        case .forgotten(let reason): return forget(number, reason, at: moment)
        case .receivedCommitted(let add, let exceedsDustExposure):
            return receive(
                add, from: number, exceedsDustExposure: exceedsDustExposure, isRepeated: false,
                at: moment)
        case .offeredFulfilled(let id, let preimage, let message, let origin):
            return fulfill(
                origin, preimage, attribution: message.tlvs.attributionData, out: (number, id),
                at: moment)
        case .offeredRemoved(_, let update, let origin):
            return noteRemoved(update, origin, at: moment)
        case .offeredDropped(_, let origin): return noteDropped(origin, at: moment)
        case .receivedRemoved: return Step()
        }
    }

    /// Whether something of the event concerns what is told of the channel.
    private mutating func noteGossip(_ event: ChannelEvent, of number: ChannelKeyNumber) {
        switch event {
        case .established, .renamed: gossip.names = nil
        case .ready, .shuttingDown, .failed, .closing, .closingScriptWanted: break
        case .fundingWanted, .fundingSigned, .forgotten, .receivedCommitted, .offeredFulfilled,
            .offeredRemoved, .offeredDropped, .receivedRemoved:
            return
        }
        gossip.due.insert(number)
    }

    /// A line about a channel.
    func log(
        _ level: NodeEvent.Level, _ number: ChannelKeyNumber, _ message: String
    ) -> Step {
        let id = channels[number].map { " \($0.channelID)" } ?? ""
        return Step(events: [
            NodeEvent(level, .channel, "channel \(number.value)\(id) \(message)")
        ])
    }

    private mutating func take(
        _ failure: ChannelFailure, _ disposition: Disposition, of number: ChannelKeyNumber,
        at moment: Moment
    ) -> Step {
        var step = log(.warn, number, "failed: \(failure)")
        switch disposition {
        case .ignore, .warn, .failHTLC: break
        case .disconnect:
            if let peer = channels[number]?.peer {
                step.append(drop(peer, because: "\(failure)"))
            }
        // The peer is asked to publish: what it publishes is watched for like any spend.
        case .failChannel: step.append(refuseClosing(number, .notNow(reason: "\(failure)")))
        case .forceClose:
            step.append(goOnChain(number, publishing: true, at: moment))
            step.append(refuseClosing(number, .notNow(reason: "\(failure)")))
        }
        return step
    }

    /// Tells whoever waits for a close in agreement that there will be none.
    private mutating func refuseClosing(
        _ number: ChannelKeyNumber, _ reason: ChannelRequestError
    ) -> Step {
        (closeAskers.removeValue(forKey: number) ?? []).reduce(into: Step()) {
            $0.append(refusal(of: $1, .channel(reason)))
        }
    }

    /// Offers a closing transaction that both sides have signed to the network.
    private mutating func publish(
        _ transaction: Transaction, closing number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        var step = log(.info, number, "closes with transaction \(transaction.id)")
        step.request(.broadcast(transaction))
        step.append(tell(number) { .closing($0, transaction.id) })
        for asker in closeAskers.removeValue(forKey: number) ?? [] {
            answerLater(
                transaction.id, for: .closing(.closing(transaction)), asker: asker, at: moment)
        }
        return step
    }

    /// A channel is gone that never held money.
    private mutating func forget(
        _ number: ChannelKeyNumber, _ reason: ForgottenReason, at moment: Moment
    ) -> Step {
        var step = log(.info, number, "is given up: \(reason)")
        // It may have been closed before its funding was mined.
        if let closing = closings.removeValue(forKey: number) {
            step.writes += closing.removals
            for claim in closing.claims.keys.sorted() {
                step.append(publish(.withdraw(claim), at: moment))
            }
        }
        if let peer = channels[number]?.peer {
            let funding = watchers.funding(of: number)
            step.request(.notify(.channel(.forgotten(peer, funding: funding, reason))))
        }
        watchers.remove(number)
        channels.remove(number)
        step.append(notePeer(of: number))
        touched.remove(number)
        holding[number] = nil
        awake.remove(number)
        activeChannels.remove(number)
        unanswered[number] = nil
        forwarded[number] = nil
        step.writes += gossip.forget(number)
        step.append(abandonFunding(of: number, because: reason, at: moment))
        step.append(refuseClosing(number, .forgotten(reason)))
        return step
    }
}
