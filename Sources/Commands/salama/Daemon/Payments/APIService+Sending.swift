import Bitcoin
import LightningCrypto
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Paying.
///
/// A payment holds no thread while it is under way: the node's answer finishes its stream.
extension APIService {
    func sendPayment(_ request: SendPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        let asked: PaymentAsked
        do throws(APIError) {
            asked = try PaymentAsked(request, host.network, now: WallClock.now.seconds)
        } catch {
            return subscriber.finish(error)
        }
        let hash = asked.order.paymentHash
        if !request.noInflightUpdates {
            paymentFeed.follow(hash, subscriber, endsOnly: false, waitsForAnswer: true)
        }
        let order = send(asked) { result in
            switch result {
            case .success(let past):
                subscriber.send(PaymentMessage(past))
                subscriber.finish()
            case .failure(let error): subscriber.finish(error)
            }
        }
        if request.cancelable, let order { withdraw(order, of: hash, whenGone: subscriber) }
    }

    /// Sends nothing more of the payment that an order began once the client has gone.
    private func withdraw(
        _ order: RequestID, of hash: PaymentHash, whenGone subscriber: Subscriber<PaymentMessage>
    ) {
        // That a client goes shows only where its answer has begun, which a refusal must not find begun: the refusal is
        // told of before this is.
        host.submit(.payment(.track(hash))) { [host, paymentFeed] result in
            guard case .success(.payments(let open)) = result, !open.isEmpty else { return }
            paymentFeed.run {
                subscriber.begin()
                subscriber.onEnd { host.submit(.payment(.withdraw(order))) { _ in } }
            }
        }
    }

    /// Hands the node an order; `answer` is called from the thread of the payments' news, behind those that came before.
    @discardableResult
    private func send(
        _ asked: PaymentAsked,
        _ answer: @escaping @Sendable (Result<PastPayment, APIError>) -> Void
    ) -> RequestID? {
        host.submit(.payment(.send(asked.order, asked.options))) { [paymentFeed] result in
            paymentFeed.run {
                switch result {
                case .success(.payment(let past)): answer(.success(past))
                case .success: answer(.failure(APIError(.internal, "\(UnexpectedReply())")))
                case .failure(let failure): answer(.failure(APIError(failure)))
                }
            }
        }
    }

    func sendPaymentSync(_ request: SendRequest, _ reply: Reply<SendResponse>) {
        let asked: PaymentAsked
        do throws(APIError) {
            asked = try PaymentAsked(request, host.network, now: WallClock.now.seconds)
        } catch {
            return reply.fail(error)
        }
        send(asked) { result in
            switch result {
            case .failure(let error): reply.fail(error)
            case .success(let past):
                var response = SendResponse()
                response.paymentHash = past.paymentHash.hash.bytes
                switch past.outcome {
                case .succeeded(let preimage):
                    response.paymentPreimage = preimage.hash.bytes
                    response.paymentRoute = past.parts.first.map {
                        RouteMessage($0.route, total: past.amount, secret: nil)
                    }
                case .failed(let failure): response.paymentError = failure.kind.interfaceText
                }
                reply(response)
            }
        }
    }

    func sendToRoute(_ request: SendToRouteRequest, _ reply: Reply<HTLCAttemptMessage>) {
        do throws(APIError) {
            let (order, route) = try Self.order(request)
            host.submit(.payment(.sendToRoute(order, route))) { [self] result in
                paymentFeed.run { [self] in
                    switch result {
                    case .success(.attempt(let attempt)):
                        reply(
                            HTLCAttemptMessage(
                                attempt, total: order.amount, secret: order.paymentSecret,
                                proof(of: order.paymentHash, attempt)))
                    case .success: reply.fail(.internal, "\(UnexpectedReply())")
                    case .failure(let failure): reply.fail(APIError(failure))
                    }
                }
            }
        } catch {
            reply.fail(error)
        }
    }

    /// The preimage that a part has brought; nil where it has not. Blocks.
    private func proof(of hash: PaymentHash, _ attempt: PaymentAttempt) -> PaymentPreimage? {
        guard case .succeeded = attempt.status else { return nil }
        if case .payments(let open) = try? host.perform(.payment(.track(hash))),
            let preimage = open.first?.preimage
        {
            return preimage
        }
        return (try? PaymentHistory(host.store).payment(hash))?.preimage
    }

    private static func order(
        _ request: SendToRouteRequest
    ) throws(APIError) -> (PaymentOrder, PaymentRoute) {
        guard let message = request.route, let last = message.hops.last else {
            throw APIError(.invalidArgument, "unable to send, no routes provided")
        }
        guard request.firstHopCustomRecords.isEmpty else {
            throw APIError(
                .unimplemented, "first_hop_custom_records are not sent; nothing was sent")
        }
        let route = try message.route()
        var order = PaymentOrder(
            paymentHash: PaymentHash(
                try Hash256(interface: request.paymentHash, "payment_hash")),
            amount: route.deliveredAmount, payee: route.hops.last?.node)
        if let record = last.mppRecord {
            order.paymentSecret = try Hash256(interface: record.paymentAddr, "payment_addr")
            order.amount =
                try MilliSatoshi(interface: 0, record.totalAmtMsat, "total_amt_msat")
                ?? route.deliveredAmount
            order.takesParts = true
        }
        try order.addRecords(last.customRecords)
        order.metadata = last.metadata.isEmpty ? nil : last.metadata
        return (order, route)
    }
}

extension PaymentAsked {
    /// The same in lnd's older form, without a limit of time and with a fee limit that suits the amount.
    init(_ request: SendRequest, _ network: Network, now: UInt64) throws(APIError) {
        var newer = SendPaymentRequest()
        newer.dest = try Self.bytes(request.dest, request.destString, "dest_string")
        newer.paymentHash = try Self.bytes(
            request.paymentHash, request.paymentHashString, "payment_hash_string")
        (newer.amt, newer.amtMsat) = (request.amt, request.amtMsat)
        newer.paymentRequest = request.paymentRequest
        newer.finalCltvDelta = request.finalCltvDelta
        newer.outgoingChanId = request.outgoingChanId
        newer.lastHopPubkey = request.lastHopPubkey
        newer.cltvLimit = Int32(clamping: request.cltvLimit)
        newer.destCustomRecords = request.destCustomRecords
        newer.allowSelfPayment = request.allowSelfPayment
        newer.destFeatures = request.destFeatures
        newer.paymentAddr = request.paymentAddr
        try self.init(newer, network, now: now)
        options.feeLimit = Self.feeLimit(request.feeLimit, order.amount)
    }

    private static func bytes(
        _ bytes: [UInt8], _ text: String, _ name: String
    ) throws(APIError) -> [UInt8] {
        guard bytes.isEmpty, !text.isEmpty else { return bytes }
        guard let decoded = try? Hex.decode(text) else {
            throw APIError(.invalidArgument, "\(name) is not hexadecimal")
        }
        return decoded
    }

    private static func feeLimit(
        _ limit: FeeLimitMessage?, _ amount: MilliSatoshi
    ) -> MilliSatoshi {
        func scaled(_ value: UInt64, by factor: UInt64, dividedBy divisor: UInt64) -> MilliSatoshi {
            let (product, overflow) = value.multipliedReportingOverflow(by: factor)
            return overflow ? .maximumMoney : MilliSatoshi(product / divisor)
        }
        if let satoshis = limit?.fixed { return scaled(satoshis, by: 1_000, dividedBy: 1) }
        if let exact = limit?.fixedMsat { return MilliSatoshi(exact) }
        if let percent = limit?.percent {
            return scaled(amount.value, by: percent, dividedBy: 100)
        }
        return SendOptions.usualFeeLimit(amount)
    }
}

extension PaymentFailureKind {
    /// The failure in lnd's words for its older form.
    fileprivate var interfaceText: String {
        switch self {
        case .timeout: "payment attempt not completed before timeout"
        case .noRoute: "unable to find a path to destination"
        case .error: "unexpected payment error"
        case .incorrectDetails: "incorrect payment details"
        case .insufficientBalance: "insufficient local balance"
        case .cancelled: "payment canceled"
        }
    }
}
