import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// Somebody who opened or closed channels and hears of it once the chain has said what it makes of the transaction: a block
/// that is mined after the answer can hold it.
///
/// Nothing of it is durable: the transaction and its channels are, and a restart offers it again.
struct AwaitedBroadcast: Sendable {
    /// What the transaction is for.
    enum Purpose: Sendable {
        /// It funds these channels, in the order in which they were asked for.
        case opening([ChannelKeyNumber], Transaction)
        /// It closes a channel, of which the answer tells. Where the chain refuses it, it has another close of the same channel.
        case closing(NodeReply)
    }

    let asker: RequestID
    let purpose: Purpose
    /// When the answer is given though the chain has said nothing, in seconds since 1970.
    let deadline: UInt64
}

extension LightningNode {
    /// Has `asker` answered when the chain has said what it makes of a transaction that it is offered in this batch.
    mutating func answerLater(
        _ id: TransactionID, for purpose: AwaitedBroadcast.Purpose, asker: RequestID,
        at moment: Moment
    ) {
        awaitedBroadcasts[id, default: []].append(
            AwaitedBroadcast(
                asker: asker, purpose: purpose,
                deadline: moment.time + policy.channels.broadcastTime))
    }

    /// Answers whoever waits for a transaction of which the chain has said what becomes of it.
    mutating func answerAwaiting(_ id: TransactionID, _ outcome: BroadcastOutcome) -> Step {
        switch outcome {
        case .accepted: return answerAwaiting(id, refusal: nil)
        case .rejected(let reason): return answerAwaiting(id, refusal: reason)
        case .unanswered:
            // It is durable and will be offered again: soon, where the backend comes back.
            return Step()
        }
    }

    /// Answers those whom the chain has left without an answer for too long. Their transactions are offered until they are
    /// mined.
    mutating func answerLateBroadcasts(at moment: Moment) -> Step {
        guard !awaitedBroadcasts.isEmpty else { return Step() }
        let late = awaitedBroadcasts.filter { _, waiting in
            waiting.contains { $0.deadline <= moment.time }
        }
        return late.keys.sorted().reduce(into: Step()) { step, id in
            step.append(answerAwaiting(id, refusal: nil))
        }
    }

    private mutating func answerAwaiting(_ id: TransactionID, refusal reason: String?) -> Step {
        guard let waiting = awaitedBroadcasts.removeValue(forKey: id) else { return Step() }
        return waiting.reduce(into: Step()) { step, waiter in
            switch waiter.purpose {
            case .opening(let numbers, let transaction):
                let answer = openingAnswer(numbers, transaction, refusal: reason)
                step.request(.reply(waiter.asker, answer))
            case .closing(let reply): step.append(self.reply(waiter.asker, reply))
            }
        }
    }

    private func openingAnswer(
        _ numbers: [ChannelKeyNumber], _ transaction: Transaction, refusal reason: String?
    ) -> Result<NodeReply, NodeFailure> {
        let ids = numbers.compactMap { channels[$0]?.channelID }
        if let reason {
            return .failure(
                .channel(
                    .fundingRefused(transaction.id, reason: reason, isGivenUp: ids.isEmpty)))
        }
        // The user may have given one up meanwhile.
        guard ids.count == numbers.count else {
            return .failure(.channel(.forgotten(.abandoned)))
        }
        return .success(.opened(ids, transaction))
    }
}
