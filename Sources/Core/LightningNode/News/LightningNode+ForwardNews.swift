import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningPayment
import LightningWire

/// What is told and kept of HTLCs that go on.
extension LightningNode {
    /// Tells of a turn of an HTLC; nothing where it was not on the way.
    func tell(
        _ turn: ForwardNews.Turn, of payment: ForwardedPayment?,
        out: (number: ChannelKeyNumber, id: UInt64)?, at moment: Moment
    ) -> Step {
        guard let payment else { return Step() }
        return tell(
            turn, of: payment,
            outgoing: out.map { LightningPayment.HTLCName(channel: $0.number.value, id: $0.id) },
            channel: out.flatMap { name(of: $0.number) }, at: moment)
    }

    /// Tells of an HTLC that this node does not send on.
    func tell(_ opened: OpenedHTLC, refused code: FailureCode, at moment: Moment) -> Step {
        guard case .forward(let forward) = opened.content else { return Step() }
        var channel: ShortChannelID?
        if case .channel(let name) = forward.next { channel = name }
        let payment = ForwardedPayment(
            incoming: opened.received.name, incomingAmount: forward.incomingAmount,
            outgoingAmount: forward.amount)
        return tell(
            .refused(code), of: payment, outgoing: nil, channel: channel, at: moment)
    }

    private func tell(
        _ turn: ForwardNews.Turn, of payment: ForwardedPayment,
        outgoing: LightningPayment.HTLCName?, channel: ShortChannelID?, at moment: Moment
    ) -> Step {
        var step = Step()
        let incoming = ChannelKeyNumber(payment.incoming.channel)
        step.request(
            .notify(
                .forward(
                    ForwardNews(
                        incoming: payment.incoming,
                        incomingChannel: incoming.flatMap { name(of: $0) }, outgoing: outgoing,
                        outgoingChannel: channel, incomingAmount: payment.incomingAmount,
                        outgoingAmount: payment.outgoingAmount, turn: turn, time: moment.time))))
        return step
    }

    /// By what name a channel is best known: its place in the chain, or its alias.
    private func name(of number: ChannelKeyNumber) -> ShortChannelID? {
        channels[number]?.established?.names.last
    }

    /// The record of what was earned, which becomes durable together with the answer that earns it.
    mutating func record(
        _ payment: ForwardedPayment, out number: ChannelKeyNumber, at moment: Moment
    ) -> RecordWrite {
        let incoming = ChannelKeyNumber(payment.incoming.channel).flatMap { name(of: $0) }
        let time = paymentMoment(moment).time
        forwardCount = PastForward.position(time: time, after: forwardCount)
        return PastForward(
            position: forwardCount, incomingChannel: incoming ?? .zero,
            outgoingChannel: name(of: number) ?? .zero, incomingAmount: payment.incomingAmount,
            outgoingAmount: payment.outgoingAmount
        ).write
    }
}
