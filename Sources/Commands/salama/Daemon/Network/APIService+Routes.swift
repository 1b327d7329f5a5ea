import Bitcoin
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Looking for routes without sending anything.
extension APIService {
    func queryRoutes(_ request: QueryRoutesRequest, _ reply: Reply<QueryRoutesResponse>) {
        work(reply) { [self] in
            guard request.blindedPaymentPaths.isEmpty else {
                throw APIError(
                    .unimplemented,
                    "no routes are looked for to blinded paths: give the payee's key")
            }
            let graph = try graph()
            guard case .status(let status) = try host.perform(.status) else {
                throw UnexpectedReply()
            }
            let search = try PathRequest(
                request, node: status.nodeKey, try channelReports(), graph)
            var query = RouteQuery(search)
            if !request.lastHopPubkey.isEmpty {
                query.lastHop = try NodeID(interface: request.lastHopPubkey, "last_hop_pubkey")
            }
            let height = status.nextHeight.saturatingSubtract(1)
            switch graph.routes(query, now: WallClock.now.seconds) {
            case .success(let found):
                var response = QueryRoutesResponse()
                response.routes = found.map { route in
                    var message = RouteMessage(
                        PaymentRoute(route, from: height), total: route.amount, secret: nil)
                    message.addCapacities(graph)
                    return message
                }
                response.successProb =
                    Double(found.first?.probabilityMillionths ?? 0) / 1_000_000
                return response
            case .failure(let error): throw APIError(error)
            }
        }
    }
}

extension PathRequest {
    /// lnd's delta for payees that name none.
    private static let usualFinalDelta: UInt16 = 80

    fileprivate init(
        _ request: QueryRoutesRequest, node: PublicKey, _ reports: [ChannelReport],
        _ graph: GraphService
    ) throws {
        let payee = try NodeID(interface: request.pubKey, "pub_key")
        let amount = try Self.amount(request)
        let wanted =
            request.outgoingChanIds
            + (request.outgoingChanId == 0 ? [] : [request.outgoingChanId])
        self.init(
            payer: NodeID(node), localChannels: reports.localChannels(Set(wanted)),
            payee: .node(payee, hints: try request.routeHints.map { try $0.hops() }),
            amount: amount)
        finalDelta =
            request.finalCltvDelta == 0
            ? Self.usualFinalDelta : try narrowed(request.finalCltvDelta, "final_cltv_delta")
        if let limit = request.feeLimit?.limit(of: amount) { limits.fee = limit }
        if request.cltvLimit != 0 { limits.delta = try narrowed(request.cltvLimit, "cltv_limit") }
        costs = costs.weighingSuccess(try PaymentAsked.successWeight(request.timePref))
        if !request.sourcePubKey.isEmpty {
            payer = try NodeID(interface: request.sourcePubKey, "source_pub_key")
            if payer != NodeID(node) { localChannels = nil }
        }
        excludedNodes = Set(
            try request.ignoredNodes.map { try NodeID(interface: $0, "ignored_nodes") })
        for edge in request.ignoredEdges {
            excludedDirections.insert(
                DirectedChannel(
                    ShortChannelID(edge.channelId), side: edge.directionReverse ? 1 : 0))
        }
        for pair in request.ignoredPairs {
            let from = try NodeID(interface: pair.from, "ignored_pairs")
            let to = try NodeID(interface: pair.to, "ignored_pairs")
            for edge in graph.channels(of: from) where edge.node1 == to || edge.node2 == to {
                excludedDirections.insert(
                    DirectedChannel(edge.id, side: edge.node1 == from ? 0 : 1))
            }
        }
    }

    private static func amount(
        _ request: QueryRoutesRequest
    ) throws(APIError) -> MilliSatoshi {
        guard let amount = try MilliSatoshi(interface: request.amt, request.amtMsat, "amt") else {
            throw APIError(.invalidArgument, "an amount above zero is needed")
        }
        return amount
    }
}

extension [ChannelReport] {
    /// The node's channels that a route may begin with: those that can be used, of those that are wanted if any are named.
    func localChannels(_ wanted: Set<UInt64>) -> [LocalChannel] {
        compactMap { report in
            guard case .open = report.stage, report.isActive, let details = report.details
            else { return nil }
            guard
                wanted.isEmpty || report.names.contains(where: { wanted.contains($0.value) })
                    || wanted.contains(report.interfaceName.value)
            else { return nil }
            return LocalChannel(
                id: details.anyName, peer: NodeID(report.peer), available: details.sendable,
                htlcMinimum: details.parameters.remote.htlcMinimum)
        }
    }
}

extension FeeLimitMessage {
    /// The most that may be taken of `amount`; nil where no limit is set.
    fileprivate func limit(of amount: MilliSatoshi) -> MilliSatoshi? {
        if let fixedMsat { return MilliSatoshi(fixedMsat) }
        if let fixed {
            let (product, overflow) = fixed.multipliedReportingOverflow(by: 1_000)
            return overflow ? nil : MilliSatoshi(product)
        }
        guard let percent else { return nil }
        let (high, low) = amount.value.multipliedFullWidth(by: percent)
        guard high < 100 else { return nil }
        return MilliSatoshi(UInt64(100).dividingFullWidth((high, low)).quotient)
    }
}

extension RouteMessage {
    fileprivate mutating func addCapacities(_ graph: GraphService) {
        for index in hops.indices {
            let id = ShortChannelID(hops[index].chanId)
            hops[index].chanCapacity = graph.channel(id)?.capacity.value ?? 0
        }
    }
}

extension PaymentRoute {
    /// A route whose blocks count from the one after `height`.
    fileprivate init(_ route: FoundRoute, from height: BlockHeight) {
        self.init(
            hops: route.hops.map { hop in
                LightningPayment.RouteHop(
                    node: hop.nodeID, channel: hop.shortChannelID, amount: hop.amount,
                    cltvExpiry: height + UInt32(hop.delta))
            })
    }
}

extension APIError {
    init(_ error: PathError) {
        switch error {
        case .invalidAmount(let amount):
            self.init(.invalidArgument, "\(amount) is no amount that one route can carry")
        case .payerIsPayee: self.init(.invalidArgument, "the route leads from a node to itself")
        case .unknownPayee, .unknownPayer, .noPath:
            self.init(.notFound, "unable to find a path to destination")
        case .insufficientBalance(let needed, let available):
            self.init(
                .failedPrecondition,
                "insufficient local balance: \(needed) are needed, one channel can send"
                    + " \(available) at most")
        case .feeAboveLimit(let least, let limit):
            self.init(
                .notFound,
                "unable to find a path to destination: the cheapest costs \(least), above the limit"
                    + " of \(limit)")
        case .tooLong(let delta, let limit):
            self.init(
                .notFound,
                "unable to find a path to destination: the shortest takes \(delta) blocks, above the"
                    + " limit of \(limit)")
        }
    }
}
