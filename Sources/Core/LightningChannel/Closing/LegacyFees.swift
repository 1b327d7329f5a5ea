import Bitcoin
import LightningCommitment
import LightningWire

/// The fees that this side accepts for a closing transaction of the older form.
struct LegacyFees {
    /// What it proposes of its own accord.
    let ideal: Satoshi
    let range: ClosingFeeRange
    /// The most that the opener can pay.
    private let balance: Satoshi

    init(_ commitments: Commitments, _ preferences: ClosingPreferences) throws(ChannelError) {
        let terms = commitments.legacyTerms(
            .zero, dustLimit: commitments.parameters.local.dustLimit)
        let weight = try commitments.closing(.legacy(terms)).expectedWeight
        let balance = terms.opener.amount.roundedDown
        func fee(_ feerate: FeeratePerKw) -> Satoshi {
            min(feerate.feeRoundedUp(for: weight), balance)
        }
        self.balance = balance
        ideal = fee(preferences.feerate)
        let maximum: Satoshi
        switch commitments.parameters.opener {
        case .local: maximum = fee(preferences.acceptable.upperBound)
        // What the other side pays may be as much as it likes.
        case .remote: maximum = balance
        }
        range = ClosingFeeRange(
            minimum: fee(preferences.acceptable.lowerBound), maximum: maximum)
    }

    /// What this side says to the peer's proposal: the same fee to agree, or another one.
    func answer(
        to message: ClosingSigned, sent: LegacyNegotiation.Offer?, received: Satoshi?,
        isOpener: Bool
    ) throws(ChannelError) -> LegacyNegotiation.Offer {
        let fee = message.fee
        if let sent {
            // BOLT 2: "if `fee_satoshis` is equal to its previously sent `fee_satoshis`" and "if `fee_satoshis` matches its
            // previously sent `fee_range`: SHOULD use `fee_satoshis` to sign and broadcast the final closing transaction"
            if fee == sent.fee || sent.range.contains(fee) {
                return LegacyNegotiation.Offer(fee: fee, range: sent.range)
            }
        }
        guard let theirs = message.tlvs.feeRange else {
            return LegacyNegotiation.Offer(
                fee: try between(fee, sent: sent?.fee, received: received), range: range)
        }
        // BOLT 2: "if it is not the funder: SHOULD set `max_fee_satoshis` to at least the `max_fee_satoshis` received"
        let mine = ClosingFeeRange(
            minimum: range.minimum,
            maximum: isOpener ? range.maximum : max(range.maximum, theirs.maximum))
        let (low, high) = (
            max(mine.minimum, theirs.minimum), min(mine.maximum, theirs.maximum, balance)
        )
        // BOLT 2: "if there is no overlap between that and its own `fee_range`: SHOULD send a warning"
        guard low <= high else { throw .closingFeesDisjoint(mine, theirs) }
        // BOLT 2: "if it is the funder: if `fee_satoshis` is not in the overlap between the sent and received `fee_range`:
        // MUST fail the channel" "(it is not the funder): if it has already sent a `closing_signed`: if `fee_satoshis` is
        // not the same as the value it sent: MUST fail the channel."
        guard sent == nil else {
            throw .closingFeeRefused(ClosingFeeRange(minimum: low, maximum: high), actual: fee)
        }
        // BOLT 2: "MUST propose a `fee_satoshis` in the overlap between received and (about-to-be) sent `fee_range`."
        return LegacyNegotiation.Offer(fee: min(max(fee, low), high), range: mine)
    }

    /// The next fee where the peer has no range: its own if it will do, else one on the way to it.
    private func between(
        _ fee: Satoshi, sent: Satoshi?, received: Satoshi?
    ) throws(ChannelError) -> Satoshi {
        if let sent, let received {
            // BOLT 2: "otherwise, if `fee_satoshis` is not strictly between its last-sent `fee_satoshis` and its
            // previously-received `fee_satoshis`, UNLESS it has since reconnected: SHOULD send a `warning` and close the
            // connection"
            guard min(sent, received) < fee, fee < max(sent, received) else {
                throw .closingFeeNotBetween(sent, received, actual: fee)
            }
        }
        if range.contains(fee) { return fee }
        guard let sent else { return ideal }
        // BOLT 2: "MUST propose a value "strictly between" the received `fee_satoshis` and its previously-sent
        // `fee_satoshis`."
        let middle = Satoshi((sent.value + fee.value) / 2)
        let next = min(max(middle, range.minimum), range.maximum)
        if min(sent, fee) < next, next < max(sent, fee) { return next }
        // At its limit this side comes one satoshi closer with each message: a peer that takes larger steps arrives here, and
        // a close without the peer costs more than all of them.
        let limit = min(range.maximum.value + Self.concession, balance.value)
        guard fee > sent, sent >= range.maximum, sent.value < limit else {
            throw .closingFeeRefused(range, actual: fee)
        }
        return Satoshi(sent.value + 1)
    }

    /// How many satoshis above its limit this side goes rather than end the negotiation.
    private static let concession: Int64 = 100
}

extension ClosingFeeRange {
    func contains(_ fee: Satoshi) -> Bool { minimum <= fee && fee <= maximum }
}
