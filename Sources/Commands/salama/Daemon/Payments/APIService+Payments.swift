import Bitcoin
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Following, listing and forgetting payments.
extension APIService {
    private var payments: PaymentHistory { PaymentHistory(host.store) }

    func trackPayment(_ request: TrackPaymentRequest, _ subscriber: Subscriber<PaymentMessage>) {
        let hash: PaymentHash
        do throws(APIError) {
            hash = PaymentHash(try Hash256(interface: request.paymentHash, "payment_hash"))
        } catch {
            return subscriber.finish(error)
        }
        let endsOnly = request.noInflightUpdates
        host.submit(.payment(.track(hash))) { [self] result in
            if case .success(.payments(let found)) = result, let progress = found.first {
                // Here, on the node's thread, no news can come between.
                paymentFeed.follow(hash, subscriber, endsOnly: endsOnly)
                paymentFeed.run {
                    subscriber.begin()
                    if !endsOnly { subscriber.send(PaymentMessage(progress)) }
                }
                return
            }
            paymentFeed.run { [payments] in
                do {
                    _ = try result.get()
                    guard let past = try payments.payment(hash) else {
                        return subscriber.finish(.unknownPayment)
                    }
                    subscriber.send(PaymentMessage(past))
                    subscriber.finish()
                } catch let failure as NodeFailure {
                    subscriber.finish(APIError(failure))
                } catch {
                    subscriber.finish(APIError(.internal, "\(error)"))
                }
            }
        }
    }

    func trackPayments(_ request: TrackPaymentsRequest, _ subscriber: Subscriber<PaymentMessage>) {
        paymentFeed.followAll(subscriber, endsOnly: request.noInflightUpdates)
    }

    func listPayments(_ request: ListPaymentsRequest, _ reply: Reply<ListPaymentsResponse>) {
        work(reply) { [host, payments] in
            let numbers = try NumberRange(
                indexOffset: request.indexOffset, isReversed: request.reversed)
            let limit = PageSize.of(request.maxPayments, usual: PageSize.largest)
            let created = try DateRange.of(request.creationDateStart, request.creationDateEnd)
            // The present first: what has ended since is in the past then.
            guard case .payments(let open) = try host.perform(.payment(.openPayments)) else {
                throw UnexpectedReply()
            }
            var query = PaymentQuery(numbers, limit: limit)
            query.isSucceededOnly = !request.includeIncomplete
            query.created = created
            var page = try payments.page(query).map { PaymentMessage($0) }
            if request.includeIncomplete {
                let known = Set(page.map(\.paymentIndex))
                page += open.map { PaymentMessage($0) }.filter { payment in
                    numbers.contains(payment.paymentIndex - 1)
                        && created.contains(UInt64(payment.creationDate))
                        && !known.contains(payment.paymentIndex)
                }
            }
            page.sort { $0.paymentIndex < $1.paymentIndex }
            page = request.reversed ? page.suffix(limit) : Array(page.prefix(limit))
            if request.omitHops {
                for index in page.indices { page[index].omitHops() }
            }
            var response = ListPaymentsResponse()
            response.firstIndexOffset = page.first?.paymentIndex ?? 0
            response.lastIndexOffset = page.last?.paymentIndex ?? 0
            response.payments = page
            if request.countTotalPayments {
                response.totalNumPayments = try payments.count() + UInt64(open.count)
            }
            return response
        }
    }

    func deletePayment(_ request: DeletePaymentRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [host, payments] in
            let hash = PaymentHash(try Hash256(interface: request.paymentHash, "payment_hash"))
            guard case .payments(let open) = try host.perform(.payment(.track(hash))) else {
                throw UnexpectedReply()
            }
            guard open.isEmpty else {
                throw APIError(
                    .failedPrecondition,
                    "payment is in transition: \(hash) is being paid, and is not forgotten")
            }
            guard let past = try payments.payment(hash) else { throw APIError.unknownPayment }
            // Of parts that failed nothing is kept once their payment has ended.
            if !request.failedHtlcsOnly { try host.forget([past]) }
            return StatusResponse("payment deleted")
        }
    }

    func deleteAllPayments(_ request: DeleteAllPaymentsRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [host, payments] in
            let kinds = [
                request.allPayments, request.failedPaymentsOnly, request.failedHtlcsOnly,
            ]
            guard kinds.contains(true) else {
                throw APIError(
                    .invalidArgument,
                    "at least one of the options `all_payments`, `failed_payments_only`, or"
                        + " `failed_htlcs_only` must be set to true")
            }
            guard !request.allPayments || kinds.filter({ $0 }).count == 1 else {
                throw APIError(
                    .invalidArgument,
                    "`all_payments` cannot be set to true while either `failed_payments_only` or"
                        + " `failed_htlcs_only` is also set to true")
            }
            var count = 0
            var query = PaymentQuery(limit: 500)
            // Parts that failed are not kept anyway.
            while !request.failedHtlcsOnly {
                let page = try payments.page(query)
                guard let last = page.last else { break }
                query.numbers.after = last.number
                let wanted = page.filter { !request.failedPaymentsOnly || $0.preimage == nil }
                try host.forget(wanted)
                count += wanted.count
            }
            return StatusResponse(
                "\(count) payments deleted, failed_htlcs_only=\(request.failedHtlcsOnly)")
        }
    }
}

extension NodeHost {
    /// Forgets payments of the past. Blocks.
    fileprivate func forget(_ payments: [PastPayment]) throws(NodeFailure) {
        guard !payments.isEmpty else { return }
        _ = try perform(.payment(.forgetPayments(payments)))
    }
}

extension PaymentMessage {
    /// Leaves out the hops of the routes.
    fileprivate mutating func omitHops() {
        for index in htlcs.indices { htlcs[index].route?.hops = [] }
    }
}

extension NumberRange {
    /// Whether a number belongs to the stretch.
    fileprivate func contains(_ number: UInt64) -> Bool {
        (after.map { number > $0 } ?? true) && (before.map { number < $0 } ?? true)
    }
}
