import Bitcoin
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// What a payment would cost.
///
/// Routes are looked for as a payment would, with what earlier ones have taught. Nothing is sent to find out more, neither to
/// a node nor for an invoice.
extension APIService {
    func estimateRouteFee(_ request: RouteFeeRequest, _ reply: Reply<RouteFeeResponse>) {
        work(reply) { [self] in
            guard request.dest.isEmpty != request.paymentRequest.isEmpty else {
                throw APIError(.invalidArgument, "specify either a destination or an invoice")
            }
            let order =
                try request.dest.isEmpty
                ? PaymentAsked(invoice: request.paymentRequest, host.network).order
                : PaymentOrder(request)
            let height = try nodeStatus().nextHeight.saturatingSubtract(1)
            switch try routes(of: order, by: Set(request.outgoingChanIds)) {
            case .success(let routes):
                var response = RouteFeeResponse()
                response.routingFeeMsat = routes.reduce(.zero) { $0 + $1.fee }.interfaceValue
                let delta = routes.compactMap { $0.hops.first?.delta }.max() ?? 0
                response.timeLockDelay = Int64((height + UInt32(delta)).value)
                return response
            case .failure(let error) where request.dest.isEmpty:
                var response = RouteFeeResponse()
                response.failureReason = PaymentFailureReason(error)
                return response
            case .failure(let error): throw APIError(error)
            }
        }
    }

    private func nodeStatus() throws -> NodeStatus {
        guard case .status(let status) = try host.perform(.status) else {
            throw UnexpectedReply()
        }
        return status
    }

    private func routes(
        of order: PaymentOrder, by channels: Set<UInt64>
    ) throws -> Result<[FoundRoute], PathError> {
        guard let payee = order.payee else { return .failure(.unknownPayee) }
        let delta = order.finalCLTVDelta + Self.padding
        guard delta <= SendOptions.usualCLTVLimit else {
            return .failure(.tooLong(delta: delta, limit: SendOptions.usualCLTVLimit))
        }
        let parts = order.takesParts ? SendOptions.usualMaximumParts : 1
        let own = try channelReports().localChannels(channels)
        let each = own.map(\.available)
        let available = parts > 1 ? each.reduce(.zero, +) : each.max() ?? .zero
        guard available >= order.amount else {
            return .failure(.insufficientBalance(needed: order.amount, available: available))
        }
        let request = PathRequest(
            payer: NodeID(try nodeStatus().nodeKey), localChannels: own,
            payee: .node(payee, hints: order.hints), amount: order.amount,
            finalDelta: UInt16(clamping: delta))
        return try graph().routes(
            RouteQuery(request, maximumParts: parts), now: WallClock.now.seconds)
    }

    /// lnd: blocks that are added to what the payee wants, since more of them may be mined meanwhile.
    private static let padding: UInt32 = 3
}

extension PaymentOrder {
    /// A payment to a node that has made no invoice.
    fileprivate init(_ request: RouteFeeRequest) throws(APIError) {
        guard request.dest.count == 33 else {
            throw APIError(.invalidArgument, "invalid length destination key")
        }
        guard let amount = try MilliSatoshi(interface: request.amtSat, 0, "amt_sat") else {
            throw APIError(.invalidArgument, "amount must be greater than 0")
        }
        self.init(amount: amount, payee: try NodeID(interface: request.dest, "dest"))
    }
}

extension PaymentAsked {
    /// The payment of an invoice, whatever it may cost.
    fileprivate init(invoice: String, _ network: Network) throws(APIError) {
        var request = SendPaymentRequest()
        request.paymentRequest = invoice
        try self.init(request, network, now: WallClock.now.seconds)
    }
}

extension PaymentFailureReason {
    /// What it means for a payment that there is no route.
    fileprivate init(_ error: PathError) {
        switch error {
        case .insufficientBalance: self = .insufficientBalance
        case .invalidAmount, .payerIsPayee, .unknownPayee, .unknownPayer, .noPath,
            .feeAboveLimit, .tooLong:
            self = .noRoute
        }
    }
}
