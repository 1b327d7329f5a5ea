import Bitcoin
import LightningWire

extension Failure: Error {}

/// One payload of a payment against the reader's rules (BOLT 4, "`payload` format"); the failure to return is what is
/// thrown.
struct PayloadReading {
    let payment: IncomingPayment
    let peeled: PeeledOnion
    let path: PathSecret?
    let onionHash: Hash256
    let height: BlockHeight

    func open(with key: some OnionNodeKey) -> OpenedPayment {
        var place: FailureReporter.Place = payment.pathKey == nil ? .outside : .inside
        do throws(Failure) {
            let payload = try decode()
            if place == .outside, payload.currentPathKey != nil, peeled.next != nil {
                place = .introduction
            }
            let reporter = reporter(place)
            if let data = payload.encryptedRecipientData {
                return try openBlinded(payload, data, reporter, key)
            }
            // BOLT 4: "MUST return an error if `path_key` is set in the incoming `update_add_htlc` or
            // `current_path_key` is present."
            guard payment.pathKey == nil else { throw invalid(10) }
            guard payload.currentPathKey == nil else { throw invalid(12) }
            return try openPlain(payload, reporter)
        } catch {
            return .refuse(reporter(place).refusal(error))
        }
    }

    private func reporter(_ place: FailureReporter.Place) -> FailureReporter {
        FailureReporter(sharedSecret: peeled.sharedSecret, onionHash: onionHash, place: place)
    }

    private func decode() throws(Failure) -> PaymentPayload {
        do throws(WireError) {
            return try PaymentPayload(decoding: peeled.payload)
        } catch {
            throw invalid(error.recordType ?? 0)
        }
    }

    /// The failure for a record that is wrong or missing.
    private func invalid(_ type: UInt64) -> Failure {
        let offset = TLVDecoder.offset(of: type, in: peeled.payload) ?? 0
        return .invalidOnionPayload(type: type, offset: UInt16(clamping: offset))
    }

    private var wrongDetails: Failure {
        .incorrectOrUnknownPaymentDetails(amount: payment.amount, height: height)
    }

    // MARK: - Outside of blinded paths

    private func openPlain(
        _ payload: PaymentPayload, _ reporter: FailureReporter
    ) throws(Failure) -> OpenedPayment {
        guard let amount = payload.amountToForward, amount.isValid else { throw invalid(2) }
        guard let expiry = payload.outgoingCltvValue else { throw invalid(4) }
        guard let packet = peeled.next else {
            return .receive(try receive(payload, amount, expiry, reporter))
        }
        guard let channel = payload.shortChannelID else { throw invalid(6) }
        // A hop on the way knows no application that a record could be meant for.
        if let record = payload.unknownRecords.first(where: { $0.type % 2 == 0 }) {
            throw invalid(record.type)
        }
        return .forward(
            PaymentForward(
                incomingAmount: payment.amount, incomingCltvExpiry: payment.cltvExpiry,
                paymentHash: payment.paymentHash, next: .channel(channel), amount: amount,
                cltvExpiry: expiry, packet: packet, pathKey: nil, reporter: reporter))
    }

    private func receive(
        _ payload: PaymentPayload, _ amount: MilliSatoshi, _ expiry: BlockHeight,
        _ reporter: FailureReporter
    ) throws(Failure) -> PaymentReceipt {
        // BOLT 4: "MUST treat `total_msat` as if it were equal to `amt_to_forward` if it is not present."
        let total = payload.paymentData?.total ?? amount
        guard total.isValid else { throw invalid(8) }
        try checkFinal(amount, expiry)
        return PaymentReceipt(
            amount: payment.amount, cltvExpiry: payment.cltvExpiry,
            paymentHash: payment.paymentHash, total: total, height: height,
            paymentSecret: payload.paymentData?.paymentSecret,
            paymentMetadata: payload.paymentMetadata, keysendPreimage: try preimage(in: payload),
            customRecords: payload.customRecords, blinding: nil, reporter: reporter)
    }

    /// The preimage that keysend carries in a custom record; it has to be that of the HTLC.
    private func preimage(in payload: PaymentPayload) throws(Failure) -> PaymentPreimage? {
        let type = PaymentReceipt.keysendType
        guard let record = payload.customRecords.first(where: { $0.type == type }) else {
            return nil
        }
        guard let hash = try? Hash256(record.value) else { throw invalid(type) }
        let preimage = PaymentPreimage(hash)
        guard preimage.paymentHash == payment.paymentHash else { throw wrongDetails }
        return preimage
    }

    /// What holds for the receiver in any case: the HTLC is no less than the origin made it.
    private func checkFinal(_ amount: MilliSatoshi, _ expiry: BlockHeight) throws(Failure) {
        guard payment.cltvExpiry >= expiry else {
            throw .finalIncorrectCltvExpiry(payment.cltvExpiry)
        }
        guard payment.amount >= amount else { throw .finalIncorrectHTLCAmount(payment.amount) }
    }

    // MARK: - On blinded paths

    private func openBlinded(
        _ payload: PaymentPayload, _ encrypted: [UInt8], _ reporter: FailureReporter,
        _ key: some OnionNodeKey
    ) throws(Failure) -> OpenedPayment {
        let secret: PathSecret
        let data: RecipientData
        do throws(BlindedPathError) {
            secret = try pathSecret(payload, key)
            data = try secret.decrypt(encrypted)
        } catch {
            throw invalid(error == .invalidPathKey ? 12 : 10)
        }
        // No feature is defined for `allowed_features`, so that every bit is one that is not known.
        guard data.allowedFeatures?.bits.isEmpty ?? true,
            data.shortChannelID == nil || data.nextNodeID == nil
        else { throw invalid(10) }
        if let constraints = data.paymentConstraints {
            guard payment.cltvExpiry <= constraints.maxCltvExpiry,
                payment.amount >= constraints.htlcMinimum
            else { throw wrongDetails }
        }
        guard let packet = peeled.next else {
            return .receive(try receiveBlinded(payload, data, reporter))
        }
        return .forward(try forwardBlinded(payload, data, secret, packet, reporter))
    }

    /// This node's secret, from the key beside the packet or from the one in the payload: exactly one of them.
    private func pathSecret(
        _ payload: PaymentPayload, _ key: some OnionNodeKey
    ) throws(BlindedPathError) -> PathSecret {
        if let path {
            guard payload.currentPathKey == nil else { throw .invalidPathKey }
            return path
        }
        guard let pathKey = payload.currentPathKey else { throw .invalidPathKey }
        return try PathSecret(pathKey: pathKey, key: key)
    }

    private func forwardBlinded(
        _ payload: PaymentPayload, _ data: RecipientData, _ secret: PathSecret,
        _ packet: OnionPacket, _ reporter: FailureReporter
    ) throws(Failure) -> PaymentForward {
        // BOLT 4: "MUST return an error if the payload contains other tlv fields than `encrypted_recipient_data` and
        // `current_path_key`."
        let allowed = PaymentPayload(
            encryptedRecipientData: payload.encryptedRecipientData,
            currentPathKey: payload.currentPathKey)
        let next =
            data.shortChannelID.map { NextPeer.channel($0) }
            ?? data.nextNodeID.map { .node($0) }
        guard payload == allowed, let next, let relay = data.paymentRelay,
            let sent = relay.forwarded(amount: payment.amount, cltvExpiry: payment.cltvExpiry),
            let pathKey = try? secret.nextPathKey(after: data)
        else { throw invalid(10) }
        return PaymentForward(
            incomingAmount: payment.amount, incomingCltvExpiry: payment.cltvExpiry,
            paymentHash: payment.paymentHash, next: next, amount: sent.amount,
            cltvExpiry: sent.cltvExpiry, packet: packet, pathKey: pathKey, reporter: reporter)
    }

    private func receiveBlinded(
        _ payload: PaymentPayload, _ data: RecipientData, _ reporter: FailureReporter
    ) throws(Failure) -> PaymentReceipt {
        guard let amount = payload.amountToForward, amount.isValid else { throw invalid(2) }
        guard let expiry = payload.outgoingCltvValue else { throw invalid(4) }
        guard let total = payload.totalAmount, total.isValid else { throw invalid(18) }
        let allowed = PaymentPayload(
            amountToForward: amount, outgoingCltvValue: expiry,
            encryptedRecipientData: payload.encryptedRecipientData,
            currentPathKey: payload.currentPathKey, totalAmount: total)
        guard payload == allowed else { throw invalid(0) }
        try checkFinal(amount, expiry)
        return PaymentReceipt(
            amount: payment.amount, cltvExpiry: payment.cltvExpiry,
            paymentHash: payment.paymentHash, total: total, height: height, paymentSecret: nil,
            paymentMetadata: nil, keysendPreimage: nil, customRecords: [],
            blinding: PaymentReceipt.Blinding(pathID: data.pathID), reporter: reporter)
    }
}

extension WireError {
    /// The type of the record that cannot be read, where it is one.
    fileprivate var recordType: UInt64? {
        switch self {
        case .malformedStream(_, .typesNotIncreasing(let type, _)),
            .malformedStream(_, .unknownEvenType(let type)),
            .malformedStream(_, .malformedValue(let type, _, _)),
            .malformedStream(_, .trailingBytes(let type, _)):
            type
        case .malformedStream(_, .malformedRecord), .noType, .unknownEvenMessage,
            .malformedField:
            nil
        }
    }
}
