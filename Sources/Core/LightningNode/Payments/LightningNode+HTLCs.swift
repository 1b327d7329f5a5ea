import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningPayment
import LightningWire

// Channels and payments know nothing of each other: here their words are translated.
//
//   channel in             payments                      channel out
//   receivedCommitted ───> Forwarding ── forward ──────> offer(origin: forward)
//                            └ receive ─> Invoices
//   resolve <───────────── answers <──────────────────── offeredFulfilled, offeredRemoved, offeredDropped,
//                                                        and the same from the chain
//                          Payments ── offers ─────────> offer(origin: payment)
//                            ^───────────────────────── offeredFulfilled, offeredRemoved, offeredDropped

extension LightningNode {
    /// The moment in the units of payments.
    func paymentMoment(_ moment: Moment) -> PaymentMoment {
        PaymentMoment(time: moment.inMilliseconds, height: height)
    }

    // MARK: Coming in

    /// Takes an HTLC of a peer that is irrevocably committed.
    ///
    /// While the height is not known it waits: what has expired already must not be sent on or taken, and nothing is
    /// refused for a height that is not the present one.
    mutating func receive(
        _ add: UpdateAddHTLC, from number: ChannelKeyNumber, exceedsDustExposure: Bool,
        isRepeated: Bool, at moment: Moment
    ) -> Step {
        guard isCaughtUp else {
            postponed.append(
                PostponedHTLC(
                    add: add, channel: number, exceedsDustExposure: exceedsDustExposure,
                    isRepeated: isRepeated))
            return Step()
        }
        let received = received(
            add, from: number, exceedsDustExposure: exceedsDustExposure, isRepeated: isRepeated)
        return receive(
            received.opened(with: keys.nodeKey, height: height), from: number, at: moment)
    }

    /// Reads the onions of all HTLCs that have just been committed, some of them on other cores; none while the height is not
    /// known.
    func openedHTLCs(_ events: [ChannelEvent], of number: ChannelKeyNumber) -> [OpenedHTLC] {
        guard isCaughtUp else { return [] }
        let all = events.compactMap { event -> ReceivedHTLC? in
            guard case .receivedCommitted(let add, let exceedsDustExposure) = event else {
                return nil
            }
            return received(
                add, from: number, exceedsDustExposure: exceedsDustExposure, isRepeated: false)
        }
        let (key, height) = (keys.nodeKey, height)
        return keys.work.map(all.count) { all[$0].opened(with: key, height: height) }
    }

    /// Decides about an HTLC whose onion was read.
    mutating func receive(
        _ opened: OpenedHTLC, from number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        let next = opened.next
        let candidates = next.map { outgoing($0, at: moment) } ?? []
        let decision = forwarding.receive(
            opened, inboundFee: forwardingPolicy(of: number).inboundFee,
            formerInboundFee: formerPolicy(of: number, at: moment)?.inboundFee,
            channels: candidates, at: paymentMoment(moment))
        switch decision {
        case .forward(let htlc): return forward(htlc, next, at: moment)
        case .receive(let part):
            return take(invoices.receive(part, at: paymentMoment(moment)), at: moment)
        case .answer(let answer, let code):
            return resolve(answer, at: moment) + tell(opened, refused: code, at: moment)
        case .wait(let code): return tell(opened, refused: code, at: moment)
        }
    }

    /// Decides about the HTLCs that waited for the height.
    mutating func takePostponed(at moment: Moment) -> Step {
        let waiting = postponed
        postponed = []
        return waiting.reduce(into: Step()) { step, htlc in
            guard channels[htlc.channel] != nil else { return }
            step.append(
                receive(
                    htlc.add, from: htlc.channel, exceedsDustExposure: htlc.exceedsDustExposure,
                    isRepeated: htlc.isRepeated, at: moment))
        }
    }

    /// An HTLC of that channel, its onion unread.
    private func received(
        _ add: UpdateAddHTLC, from number: ChannelKeyNumber, exceedsDustExposure: Bool,
        isRepeated: Bool
    ) -> ReceivedHTLC {
        let channel = channels[number]
        let features = channel.flatMap { links[$0.peer]?.features }
        return ReceivedHTLC(
            name: LightningPayment.HTLCName(channel: number.value, id: add.id),
            payment: IncomingPayment(add),
            isAttributed: features?.supports(.attributionData) ?? false,
            // Money that the chain may never have held is not taken for money.
            exceedsDustExposure: exceedsDustExposure
                || channel?.established?.mayTakeRisk == false,
            isRepeated: isRepeated)
    }

    /// Takes up an HTLC that was forwarded before a start.
    mutating func resumeForward(
        _ add: UpdateAddHTLC, from number: ChannelKeyNumber, at moment: Moment
    ) {
        let received = received(add, from: number, exceedsDustExposure: false, isRepeated: true)
        forwarding.resume(
            received.opened(with: keys.nodeKey, height: height), at: paymentMoment(moment))
    }

    /// Offers an HTLC for another one, over the first channel that takes it.
    private mutating func forward(
        _ htlc: ForwardedHTLC, _ next: NextPeer?, at moment: Moment
    ) -> Step {
        guard let incoming = ChannelKeyNumber(htlc.incoming.channel) else { return Step() }
        let payment = forwarding.payment(htlc.incoming)
        // What is taken on the chain now is not for sending on any more.
        if closings[incoming] == nil {
            let offer = HTLCOffer(
                amount: htlc.amount, paymentHash: htlc.paymentHash, cltvExpiry: htlc.cltvExpiry,
                onionPacket: htlc.onion, pathKey: htlc.pathKey,
                origin: .forward(channel: incoming, id: htlc.incoming.id))
            let sameSender = channels[incoming].map { channels.numbers(of: $0.peer) } ?? [incoming]
            let succeeded = sameSender.reduce(0) { $0 + (forwarded[$1] ?? 0) }
            for number in htlc.channels.compactMap({ ChannelKeyNumber($0) }) {
                // No peer keeps all others from being served by what it sends and does not end.
                let hasRoom = channels[number]?.commitments?.hasRoom(
                    forMoreFrom: sameSender, succeeded: succeeded)
                guard hasRoom ?? true else { continue }
                let id = channels[number]?.commitments?.nextID(of: .local) ?? 0
                guard let step = try? perform(.offer(offer), on: number, at: moment) else {
                    continue
                }
                return step + tell(.offered, of: payment, out: (number, id), at: moment)
            }
        }
        let failure = Failure.temporaryChannelFailure()
        return giveBack(incoming, htlc.incoming.id, .refused(failure.code), at: moment) {
            $0.fail($1, with: failure, at: $2)
        }
    }

    /// Has a channel end an HTLC.
    func resolution(_ answer: HTLCAnswer) -> HTLCResolution {
        switch answer {
        case .fulfill(let preimage, let attribution):
            .fulfill(preimage, attribution: attribution)
        case .fail(let returned):
            .fail(reason: returned.reason, attribution: returned.attribution)
        case .failMalformed(let code, let onionHash):
            .failMalformed(onionHash: onionHash, failureCode: code.rawValue)
        }
    }

    /// Has the channel that it came from end an HTLC.
    mutating func resolve(_ answered: AnsweredHTLC, at moment: Moment) -> Step {
        guard let number = ChannelKeyNumber(answered.name.channel) else { return Step() }
        return resolve(
            answered.name.id, of: number, resolution(answered.answer), at: moment)
    }
}

/// How HTLCs of this node end, over the channel or on the chain.
extension LightningNode {
    /// No channel can have more HTLCs on their way (BOLT 2, `max_accepted_htlcs`).
    private static let mostForwarded = 483

    /// The preimage of an HTLC of this node, number and id tell which, is known: what it forwards is fulfilled at once,
    /// whatever becomes of the channel.
    mutating func fulfill(
        _ origin: HTLCOrigin?, _ preimage: PaymentPreimage, attribution: AttributionData?,
        out: (number: ChannelKeyNumber, id: UInt64), at moment: Moment
    ) -> Step {
        switch origin {
        case nil: return Step()
        case .payment(let attempt):
            return take(
                payments.fulfilled(
                    attempt, preimage: preimage, attribution: attribution,
                    at: paymentMoment(moment)), at: moment)
        case .forward(let number, let id):
            let name = LightningPayment.HTLCName(channel: number.value, id: id)
            let result = forwarding.fulfill(
                name, preimage: preimage, attribution: attribution, at: paymentMoment(moment))
            guard let (answer, payment) = result else {
                // Given back already, or told before. A preimage is of use as long as the HTLC is there.
                return resolve(id, of: number, .fulfill(preimage), at: moment)
            }
            if channels[number] != nil {
                forwarded[number] = min((forwarded[number] ?? 0) + 1, Self.mostForwarded)
            }
            var step = resolve(answer, at: moment)
            step.writes.append(record(payment, out: out.number, at: moment))
            step.append(tell(.settled(preimage), of: payment, out: out, at: moment))
            step.events.append(
                NodeEvent(
                    .debug, .payment,
                    "forwarded \(payment.outgoingAmount) for HTLC \(name), earned \(payment.fee)"))
            return step
        }
    }

    /// The removal of an HTLC of this node is irrevocable.
    mutating func noteRemoved(
        _ update: CommitmentUpdate, _ origin: HTLCOrigin?, at moment: Moment
    ) -> Step {
        switch update {
        case .add, .fee: return Step()
        // What follows from a preimage was done when it came.
        case .fulfill: return Step()
        case .fail(let message):
            let returned = ReturnedFailure(
                reason: message.reason, attribution: message.tlvs.attributionData)
            switch origin {
            case nil: return Step()
            case .payment(let attempt):
                return take(
                    payments.failed(attempt, with: returned, at: paymentMoment(moment)),
                    at: moment)
            case .forward(let number, let id):
                // What no message can carry on is told in this node's own words.
                guard returned.reason.count <= HTLCResolution.longestReason else {
                    return fail(number, id, with: .temporaryChannelFailure(), at: moment)
                }
                return giveBack(number, id, .failed, at: moment) {
                    $0.fail($1, with: returned, at: $2)
                }
            }
        case .failMalformed(let message):
            let code = FailureCode(rawValue: message.failureCode)
            switch origin {
            case nil: return Step()
            case .payment(let attempt):
                return take(
                    payments.failedMalformed(
                        attempt, code: code, onionHash: message.onionHash,
                        at: paymentMoment(moment)), at: moment)
            case .forward(let number, let id):
                return giveBack(number, id, .failed, at: moment) {
                    $0.failMalformed($1, code: code, onionHash: message.onionHash, at: $2)
                }
            }
        }
    }

    /// An HTLC of this node was lost with the connection before it was signed.
    mutating func noteDropped(_ origin: HTLCOrigin?, at moment: Moment) -> Step {
        switch origin {
        case nil: return Step()
        case .payment(let attempt):
            return take(
                payments.notSent(attempt, because: .interrupted, at: paymentMoment(moment)),
                at: moment)
        case .forward(let number, let id):
            return fail(number, id, with: .temporaryChannelFailure(), at: moment)
        }
    }

    /// An HTLC of this node comes back on the chain, or never was in the commitment that is there.
    mutating func failOnChain(_ origin: HTLCOrigin?, at moment: Moment) -> Step {
        switch origin {
        case nil: return Step()
        case .payment(let attempt):
            return take(
                payments.timedOutOnChain(attempt, at: paymentMoment(moment)), at: moment)
        case .forward(let number, let id):
            return giveBack(number, id, .failed, at: moment) { $0.failOnChain($1, at: $2) }
        }
    }

    /// Gives back an HTLC that was forwarded.
    mutating func fail(
        _ number: ChannelKeyNumber, _ id: UInt64, with failure: Failure, at moment: Moment
    ) -> Step {
        giveBack(number, id, .failed, at: moment) { $0.fail($1, with: failure, at: $2) }
    }

    /// Has `body` decide how an HTLC is given back that was to go on or did, and tells of it.
    private mutating func giveBack(
        _ number: ChannelKeyNumber, _ id: UInt64, _ turn: ForwardNews.Turn, at moment: Moment,
        _ body: (inout Forwarding, LightningPayment.HTLCName, PaymentMoment) -> AnsweredHTLC?
    ) -> Step {
        let name = LightningPayment.HTLCName(channel: number.value, id: id)
        let payment = forwarding.payment(name)
        let answer = body(&forwarding, name, paymentMoment(moment))
        let step = answer.map { resolve($0, at: moment) } ?? Step()
        return step + tell(turn, of: payment, out: nil, at: moment)
    }
}

extension LightningNode {
    /// The channels with the peer that an onion names, the named one first.
    private func outgoing(_ next: NextPeer, at moment: Moment) -> [OutgoingChannel] {
        let peer: PublicKey
        var first: ChannelKeyNumber?
        switch next {
        case .channel(let name):
            guard let number = channels.number(of: name), let channel = channels[number] else {
                return []
            }
            peer = channel.peer
            first = number
        case .node(let node):
            guard let key = try? node.point.publicKey() else { return [] }
            peer = key
        }
        let others = channels.numbers(of: peer).filter { $0 != first }
        return ((first.map { [$0] } ?? []) + others).compactMap { number in
            guard let established = channels[number]?.established else { return nil }
            return OutgoingChannel(
                number: number.value, policy: forwardingPolicy(of: number),
                formerPolicy: formerPolicy(of: number, at: moment),
                available: established.isUsable ? established.commitments.sendable : .zero)
        }
    }
}
