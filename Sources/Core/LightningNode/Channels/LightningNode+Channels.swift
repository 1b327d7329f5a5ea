import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWallet
import LightningWire

/// What channels take in and what follows from it.
extension LightningNode {
    /// What a channel must know of the world.
    func context(of peer: PublicKey, at moment: Moment? = nil) -> ChannelContext {
        var clock: SigningClock?
        if let moment, let patience = policy.channels.patience {
            clock = SigningClock(now: moment.inMilliseconds, patience: patience)
        }
        return ChannelContext(
            height: height, features: links[peer]?.features ?? Features(),
            feerates: policy.channels.feerates(feeEstimates), clock: clock)
    }

    /// Hands a channel an input, and draws the consequences.
    mutating func feed(
        _ input: ChannelInput, to number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let peer = channels.peer(of: number) else { return Step() }
        let context = context(of: peer, at: moment)
        let result = channels.update(number) { channel, signer in
            channel.receive(input, context, signer)
        }
        return result.map { take($0, of: number, at: moment) } ?? Step()
    }

    /// Has a channel do something, and draws the consequences.
    mutating func perform(
        _ command: ChannelCommand, on number: ChannelKeyNumber, at moment: Moment
    ) throws(ChannelError) -> Step {
        guard let peer = channels.peer(of: number) else { return Step() }
        let context = context(of: peer, at: moment)
        let result = try channels.update(number) { channel, signer throws(ChannelError) in
            try channel.perform(command, context, signer)
        }
        return result.map { take($0, of: number, at: moment) } ?? Step()
    }

    /// Decides about an HTLC of the peer, for good.
    mutating func resolve(
        _ id: UInt64, of number: ChannelKeyNumber, _ resolution: HTLCResolution, at moment: Moment
    ) -> Step {
        if closings[number] != nil {
            // Nothing is said to the peer any more; only a preimage is of use on the chain.
            guard case .fulfill(let preimage, _) = resolution else { return Step() }
            return feedOnChain(.fulfill(id: id, preimage), to: number, at: moment)
        }
        do throws(ChannelError) {
            return try perform(.resolve(id: id, resolution), on: number, at: moment)
        } catch {
            var step = Step(events: [
                NodeEvent(
                    .error, .channel,
                    "HTLC \(id) of channel \(number.value) cannot be resolved: \(error)")
            ])
            // What cannot be told in that way must be given back all the same: the peer would close the channel for it.
            if error.isOfWording {
                let plain = HTLCResolution.fail(reason: [], attribution: nil)
                step.append(resolve(id, of: number, plain, at: moment))
            }
            return step
        }
    }

    /// Takes what a step of a channel led to.
    mutating func take(
        _ result: ChannelStep, of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        var step = Step(writes: Mutation.isOn(.sendWithoutWriting) ? [] : result.writes)
        touched.insert(number)
        channels.index(number)
        if !result.messages.isEmpty, let peer = channels.peer(of: number),
            links[peer]?.features != nil
        {
            step.request(.send(peer, result.messages))
        }
        var opened = openedHTLCs(result.events, of: number)[...]
        for event in result.events {
            if case .receivedCommitted = event, let first = opened.popFirst() {
                step.append(receive(first, from: number, at: moment))
            } else {
                step.append(take(event, of: number, at: moment))
            }
        }
        return step
    }

    /// Lets what waits in the channels of this batch go out together: each signs once for all its updates.
    mutating func flushChannels(at moment: Moment) -> Step {
        var step = Step()
        let now = moment.inMilliseconds
        let longest = policy.channels.patience?.longest ?? 0
        // What is further away than that was noted before the clock was set back.
        for (number, end) in holding where end <= now || end - now > longest {
            touched.insert(number)
        }
        // What one channel does may concern another.
        while let number = touched.min() {
            step.append(feed(.flush, to: number, at: moment))
            touched.remove(number)
            // A channel that has just failed or lost its peer has nothing to wake up for.
            holding[number] = channels.holdEnd(of: number).flatMap { $0 > now ? $0 : nil }
            unprepared.insert(number)
            noteWaking(number)
            step.append(notePeer(of: number))
            step.append(noteActivity(number))
            noteAnswer(number, at: moment)
        }
        return step
    }

    /// Takes note whether the peer of a channel has still to answer a `commitment_signed`.
    private mutating func noteAnswer(_ number: ChannelKeyNumber, at moment: Moment) {
        guard let commitment = channels.unansweredCommitment(of: number) else {
            unanswered[number] = nil
            return
        }
        guard unanswered[number]?.commitment != commitment else { return }
        unanswered[number] = UnansweredCommitment(commitment: commitment, since: moment.time)
    }

    /// Whether the peer of a channel leaves a `commitment_signed` unanswered for longer than it should take.
    ///
    /// What was signed may be committed there, and is waited for. New payments find other ways meanwhile.
    func isSilent(_ number: ChannelKeyNumber, at moment: Moment) -> Bool {
        unanswered[number].map { moment.time >= $0.since + policy.answerWithin } ?? false
    }

    /// When the batch after this one has to be finished, even if nothing comes in: something waits to be signed in company. In
    /// milliseconds since 1970; nil where nothing waits.
    public var wakeTime: UInt64? { holding.values.min() }

    /// Does ahead of time what the next batches will need of the channels of this one. To be called when what the batch led to
    /// is out and the peers have to answer; nothing that the node says or writes depends on it.
    public mutating func prepare() {
        for number in unprepared { channels.update(number) { channel, _ in channel.prepare() } }
        unprepared = []
    }

    /// Tells the channels of a peer that it is there.
    mutating func connectChannels(of peer: PublicKey, at moment: Moment) -> Step {
        channels.numbers(of: peer).reduce(into: Step()) { step, number in
            gossip.disconnect(number, at: moment.time)
            step.append(feed(.connected, to: number, at: moment))
        }
    }

    /// Tells the channels of a peer that it is gone.
    mutating func disconnectChannels(of peer: PublicKey, at moment: Moment) -> Step {
        channels.numbers(of: peer).reduce(into: Step()) { step, number in
            gossip.disconnect(number, at: moment.time)
            step.append(feed(.disconnected, to: number, at: moment))
        }
    }
}

extension ChannelError {
    /// Whether it is only how a failure was told that no message can tell.
    fileprivate var isOfWording: Bool {
        if case .reasonTooLong = self { return true }
        if case .notABadOnion = self { return true }
        return false
    }
}

/// A `commitment_signed` that the peer has not answered with `revoke_and_ack`.
struct UnansweredCommitment: Sendable {
    /// The commitment's number.
    let commitment: UInt64
    /// When it was signed, in seconds since 1970.
    let since: UInt64
}

/// Messages about channels.
extension LightningNode {
    /// Takes a message about a channel, or one that opens a channel.
    mutating func receive(
        _ message: Message, about id: ChannelID, from peer: PublicKey, at moment: Moment
    ) -> Step {
        if case .openChannel(let opening) = message {
            return accept(opening, from: peer, at: moment)
        }
        guard let number = channels.number(of: id, with: peer) else {
            return refuse(message, about: id, from: peer)
        }
        if case .startBatch(let start) = message {
            return beginBatch(start, from: peer)
        }
        var step = feed(.message(message), to: number, at: moment)
        if case .announcementSignatures(let signatures) = message {
            step.append(take(signatures, of: number, at: moment))
        } else if case .channelReestablish = message {
            gossip.awaySince[number] = nil
            gossip.due.insert(number)
        }
        return step
    }

    /// BOLT 1: "SHOULD send `error` with the unknown `channel_id` in reply to messages of type `32`-`255` related to
    /// unknown channels."
    private func refuse(
        _ message: Message, about id: ChannelID, from peer: PublicKey
    ) -> Step {
        guard let content = message.content, (32...255).contains(type(of: content).type) else {
            return Step()
        }
        var step = Step()
        let error = ErrorMessage(channelID: id, data: Array("unknown channel".utf8))
        step.request(.send(peer, [.error(error)]))
        return step
    }

    /// An error or warning concerns one channel, or all with the peer.
    mutating func tellChannels(
        _ message: Message, about id: ChannelID, from peer: PublicKey, at moment: Moment
    ) -> Step {
        let concerned =
            id == .all
            ? channels.numbers(of: peer) : channels.number(of: id, with: peer).map { [$0] } ?? []
        return concerned.reduce(into: Step()) { step, number in
            step.append(feed(.message(message), to: number, at: moment))
        }
    }
}
