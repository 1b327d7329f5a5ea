import Bitcoin
import LightningCommitment
import LightningWire

/// What an HTLC is offered with.
public struct HTLCOffer: Hashable, Sendable {
    public var amount: MilliSatoshi
    public var paymentHash: PaymentHash
    public var cltvExpiry: BlockHeight
    /// The packet of 1,366 bytes (BOLT 4).
    public var onionPacket: [UInt8]
    /// For a hop inside a blinded path.
    public var pathKey: Point?
    public var origin: HTLCOrigin

    /// An offer of `amount` to whoever shows the preimage of `paymentHash` before `cltvExpiry`.
    public init(
        amount: MilliSatoshi, paymentHash: PaymentHash, cltvExpiry: BlockHeight,
        onionPacket: [UInt8], pathKey: Point? = nil, origin: HTLCOrigin
    ) {
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.onionPacket = onionPacket
        self.pathKey = pathKey
        self.origin = origin
    }
}

enum HTLCLimits {
    /// BOLT 2: "MUST set `cltv_expiry` less than 500000000."
    static let expiry = BlockHeight(500_000_000)
    static let onionLength = 1366
}

extension Commitments {
    /// Offers an HTLC; its id is in the message.
    public mutating func sendAdd(_ offer: HTLCOffer) throws(ChannelError) -> ChannelStep {
        try checkMayUpdate(.local)
        try checkMayAdd(.local)
        let message = UpdateAddHTLC(
            channelID: parameters.channelID, id: nextLocalID, amount: offer.amount,
            paymentHash: offer.paymentHash, cltvExpiry: offer.cltvExpiry,
            onionPacket: offer.onionPacket, tlvs: UpdateAddHTLCTLVs(pathKey: offer.pathKey))
        guard offer.onionPacket.count == HTLCLimits.onionLength else {
            throw .wrongOnionLength(
                expected: HTLCLimits.onionLength, actual: offer.onionPacket.count)
        }
        try checkFields(message, offerer: .local)
        var next = keptTally(.remoteNext)
        // BOLT 2: "if result would be offering more than the remote's `max_accepted_htlcs` HTLCs, in the remote commitment
        // transaction: MUST NOT add an HTLC." "if the total value of offered HTLCs would exceed the remote's
        // `max_htlc_value_in_flight_msat`: MUST NOT add an HTLC."
        try checkOffers(next, offer.amount, by: .local)
        try checkSender(&next, offer.amount)
        var mine = keptTally(.everything(of: .local))
        try checkSender(&mine, offer.amount)
        try checkDustExposure(adding: offer.amount, by: .local)

        nextLocalID += 1
        append(htlc(message, offerer: .local, exceedsDustExposure: false, origin: offer.origin))
        proposed.append(.add(message))
        return ChannelStep(messages: [.updateAddHTLC(message)])
    }

    /// Takes an HTLC that the peer offers. Nothing may be done with it before it is irrevocably committed.
    public mutating func receive(_ message: UpdateAddHTLC) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        try checkMayUpdate(.remote)
        try checkMayAdd(.remote)
        guard message.id == nextRemoteID else {
            throw .wrongID(expected: nextRemoteID, actual: message.id)
        }
        try checkFields(message, offerer: .remote)
        // BOLT 2: "if a sending node adds more than receiver `max_accepted_htlcs` HTLCs to its local commitment
        // transaction, OR adds more than receiver `max_htlc_value_in_flight_msat` worth of offered HTLCs to its local
        // commitment transaction: SHOULD send a `warning` and close the connection, or send an `error` and fail the
        // channel."
        let next = keptTally(.localNext)
        try checkOffers(next, message.amount, by: .remote)
        // BOLT 2: "receiving an `amount_msat` that the sending node cannot afford at the current `feerate_per_kw` (while
        // maintaining its channel reserve and any `to_local_anchor` and `to_remote_anchor` costs): SHOULD send a `warning`
        // and close the connection, or send an `error` and fail the channel."
        var added = next
        try checkAmount(next, message.amount, by: .remote)
        added.add(message.amount, by: .remote)
        let cost = parameters.opener == .remote ? added.openerCost : .zero
        for funding in fundings {
            try checkBalance(
                next.balance(of: .remote, funding),
                bears: message.amount + parameters.reserve(of: .remote) + cost)
        }
        // BOLT 2: "SHOULD fail this HTLC once it's committed"
        let exceeds = exceedsDustExposure(adding: message.amount, by: .remote) != nil

        nextRemoteID += 1
        append(htlc(message, offerer: .remote, exceedsDustExposure: exceeds))
        remoteMessages[HTLCKey(offerer: .remote, id: message.id)] = .add(message)
        return ChannelStep()
    }

    func checkChannel(_ actual: ChannelID) throws(ChannelError) {
        guard actual == parameters.channelID else {
            throw .wrongChannel(expected: parameters.channelID, actual: actual)
        }
    }

    private func htlc(
        _ message: UpdateAddHTLC, offerer: Party, exceedsDustExposure: Bool,
        origin: HTLCOrigin? = nil
    ) -> ChannelHTLC {
        ChannelHTLC(
            key: HTLCKey(offerer: offerer, id: message.id), amount: message.amount,
            paymentHash: message.paymentHash, cltvExpiry: message.cltvExpiry,
            exceedsDustExposure: exceedsDustExposure, origin: origin)
    }

    private func checkFields(
        _ message: UpdateAddHTLC, offerer: Party
    ) throws(ChannelError) {
        // BOLT 2: "MUST offer `amount_msat` greater than 0. MUST NOT offer `amount_msat` below the receiving node's
        // `htlc_minimum_msat`"
        let minimum = max(MilliSatoshi(1), parameters[offerer.other].htlcMinimum)
        guard message.amount >= minimum else {
            throw .amountBelowMinimum(minimum: minimum, actual: message.amount)
        }
        guard message.cltvExpiry < HTLCLimits.expiry else {
            throw .expiryTooHigh(limit: HTLCLimits.expiry, actual: message.cltvExpiry)
        }
    }

    private func checkOffers(
        _ tally: CommitmentTally, _ amount: MilliSatoshi, by offerer: Party
    ) throws(ChannelError) {
        let (offers, receiver) = (tally.offers(of: offerer), parameters[offerer.other])
        let maximum = Int(receiver.maximumAcceptedHTLCs)
        guard offers.count < maximum else {
            throw .tooManyHTLCs(maximum: maximum, actual: offers.count + 1)
        }
        let total = offers.value.adding(amount) ?? MilliSatoshi(.max)
        guard total <= receiver.maximumInFlight else {
            throw .tooMuchInFlight(maximum: receiver.maximumInFlight, actual: total)
        }
    }

    /// Throws where `amount` alone is more than `offerer` has over any funding, so that sums with it cannot overflow.
    private func checkAmount(
        _ tally: CommitmentTally, _ amount: MilliSatoshi, by offerer: Party
    ) throws(ChannelError) {
        for funding in fundings {
            try checkBalance(tally.balance(of: offerer, funding), bears: amount)
        }
    }

    private func checkBalance(
        _ available: MilliSatoshi, bears needed: MilliSatoshi
    ) throws(ChannelError) {
        guard available >= needed else {
            throw .insufficientBalance(needed: needed, available: available)
        }
    }

    /// Adds an HTLC of this side to `tally`, after looking that both sides can still pay what they must.
    private func checkSender(
        _ tally: inout CommitmentTally, _ amount: MilliSatoshi
    ) throws(ChannelError) {
        try checkAmount(tally, amount, by: .local)
        let before = tally
        tally.add(amount, by: .local)
        let reserve = parameters.reserve(of: .local)
        for funding in fundings {
            let available = before.balance(of: .local, funding)
            switch parameters.opener {
            case .local:
                // BOLT 2: "MUST NOT offer `amount_msat` if, after adding that HTLC to its commitment transaction, it cannot
                // pay the fee for either the local or remote commitment transaction at the current `feerate_per_kw` while
                // maintaining its channel reserve"
                try checkBalance(available, bears: amount + reserve + tally.openerCost)
                let needed = amount + reserve + tally.openerCostWithBuffer
                guard available >= needed else {
                    throw .noFeeSpikeBuffer(needed: needed, available: available)
                }
            case .remote:
                try checkBalance(available, bears: amount + reserve)
                // BOLT 2: "SHOULD NOT offer `amount_msat` if, once the remote node adds that HTLC to its commitment
                // transaction, it cannot pay the fee for the updated local or remote transaction at the current
                // `feerate_per_kw` while maintaining its channel reserve."
                let (needed, left) = (
                    parameters.reserve(of: .remote) + tally.openerCost,
                    tally.balance(of: .remote, funding)
                )
                guard left >= needed else {
                    throw .peerCannotPayFee(needed: needed, available: left)
                }
            }
        }
    }

    private mutating func checkDustExposure(
        adding amount: MilliSatoshi, by offerer: Party
    ) throws(ChannelError) {
        if let (owner, actual) = exceedsDustExposure(adding: amount, by: offerer) {
            throw .dustExposure(
                owner: owner, maximum: parameters.maximumDustExposure, actual: actual)
        }
    }

    /// The commitment in which an HTLC without an output would be one too many, and the amount of all of them there.
    ///
    /// BOLT 2: "if the `amount_msat` plus the dust balance of the remote transaction is greater than
    /// `max_dust_htlc_exposure_msat`"
    private mutating func exceedsDustExposure(
        adding amount: MilliSatoshi, by offerer: Party
    ) -> (owner: Party, actual: MilliSatoshi)? {
        for owner in [Party.remote, .local] {
            let tally = keptTally(.everything(of: owner))
            guard tally.isTrimmed(amount, by: offerer) else { continue }
            let actual = tally.dust + amount
            if actual > parameters.maximumDustExposure { return (owner, actual) }
        }
        return nil
    }
}
