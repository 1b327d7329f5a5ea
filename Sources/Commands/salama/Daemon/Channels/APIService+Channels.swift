import Bitcoin
import LightningNode
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// The channels as they stand.
extension APIService {
    func channelBalance(_ reply: Reply<ChannelBalanceResponse>) {
        ask(.channel(.list), reply) { answer in
            guard case .channels(let reports) = answer else { throw UnexpectedReply() }
            return ChannelBalanceResponse(reports)
        }
    }

    func listChannels(_ request: ListChannelsRequest, _ reply: Reply<ListChannelsResponse>) {
        guard !(request.activeOnly && request.inactiveOnly) else {
            return reply.fail(
                .invalidArgument, "either `active_only` or `inactive_only` can be set, but not both"
            )
        }
        guard !(request.publicOnly && request.privateOnly) else {
            return reply.fail(
                .invalidArgument, "either `public_only` or `private_only` can be set, but not both")
        }
        guard request.peer.isEmpty || (try? PublicKey(compressed: request.peer)) != nil else {
            return reply.fail(.invalidArgument, "invalid `peer` key: it has to have 33 bytes")
        }
        work(reply) { [self] in
            var response = ListChannelsResponse()
            for report in try channelReports() where request.wants(report) {
                guard let funding = report.funding?.outPoint,
                    var channel = ChannelMessage(report, watch.time(of: funding), host.network)
                else { continue }
                if request.peerAliasLookup { channel.peerAlias = alias(of: report.peer) }
                response.channels.append(channel)
            }
            return response
        }
    }

    func pendingChannels(
        _ request: PendingChannelsRequest, _ reply: Reply<PendingChannelsResponse>
    ) {
        let height = host.chainHealth.tip?.height
        ask(.channel(.list), reply) { answer in
            guard case .channels(let reports) = answer else { throw UnexpectedReply() }
            return PendingChannelsResponse(
                reports, height: height ?? BlockHeight(0), withTransactions: request.includeRawTx)
        }
    }

    func closedChannels(
        _ request: ClosedChannelsRequest, _ reply: Reply<ClosedChannelsResponse>
    ) {
        work(reply) { [self] in
            // First those that are about to become past: read afterwards they might be in neither.
            let recent = try channelReports().compactMap(\.closedSoFar)
            let past = try ClosedChannelHistory(host.store).channels()
            let known = Set(past.map(\.funding))
            var response = ClosedChannelsResponse()
            response.channels = (past + recent.filter { !known.contains($0.funding) })
                .map { ChannelCloseSummary($0, host.network) }
                .filter { request.wants($0.closeType) }
            return response
        }
    }

    func subscribeChannels(_ subscriber: Subscriber<ChannelEventUpdate>) {
        let subscription = host.subscribeToNews { [weak self] news in
            guard let self, case .channel(let news) = news,
                let update = ChannelEventUpdate(news, watch, host.network)
            else { return }
            subscriber.send(update)
        }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }

    /// The channels that are not closed for good. Blocks.
    func channelReports() throws -> [ChannelReport] {
        guard case .channels(let reports) = try host.perform(.channel(.list)) else {
            throw UnexpectedReply()
        }
        return reports
    }

    /// The channel with that funding. Blocks.
    func channelReport(of funding: OutPoint) throws -> ChannelReport {
        guard let report = try channelReports().first(where: { $0.funding?.outPoint == funding })
        else { throw APIError(.notFound, "channel not found: \(funding)") }
        return report
    }
}

extension ListChannelsRequest {
    fileprivate func wants(_ report: ChannelReport) -> Bool {
        guard case .open = report.stage, let details = report.details else { return false }
        if activeOnly && !report.isActive || inactiveOnly && report.isActive { return false }
        if publicOnly && !details.isAnnounced || privateOnly && details.isAnnounced { return false }
        return peer.isEmpty || report.peer.compressed == peer
    }
}

extension ChannelBalanceResponse {
    init(_ reports: [ChannelReport]) {
        self.init()
        var open = (local: MilliSatoshi.zero, remote: MilliSatoshi.zero)
        var pending = open
        var unsettled = open
        for report in reports {
            guard let details = report.details else { continue }
            switch report.stage {
            case .opening:
                pending.local += details.size.local
                pending.remote += details.size.remote
            case .open:
                open.local += details.size.local
                open.remote += details.size.remote
                for htlc in details.htlcs {
                    switch htlc.key.offerer {
                    case .local: unsettled.remote += htlc.amount
                    case .remote: unsettled.local += htlc.amount
                    }
                }
            case .talking, .waitingForClose, .closedByForce, .closed: break
            }
        }
        balance = open.local.roundedDown.value
        pendingOpenBalance = pending.local.roundedDown.value
        localBalance = AmountMessage(open.local)
        remoteBalance = AmountMessage(open.remote)
        unsettledLocalBalance = AmountMessage(unsettled.local)
        unsettledRemoteBalance = AmountMessage(unsettled.remote)
        pendingOpenLocalBalance = AmountMessage(pending.local)
        pendingOpenRemoteBalance = AmountMessage(pending.remote)
    }
}

extension ChannelEventUpdate {
    init?(_ news: ChannelNews, _ watch: ChannelWatch, _ network: Network) {
        self.init()
        switch news {
        case .pendingOpen(let report):
            guard let funding = report.funding?.outPoint else { return nil }
            type = .pendingOpenChannel
            pendingOpenChannel = PendingUpdate(funding)
        case .open(let report):
            guard let funding = report.funding?.outPoint else { return nil }
            type = .openChannel
            openChannel = ChannelMessage(report, watch.time(of: funding), network)
        case .active(let report):
            type = .activeChannel
            activeChannel = report.funding.map { ChannelPoint($0.outPoint) }
        case .inactive(let report):
            type = .inactiveChannel
            inactiveChannel = report.funding.map { ChannelPoint($0.outPoint) }
        case .closed(let report, _, _, _):
            guard let closed = report.closed else { return nil }
            type = .closedChannel
            closedChannel = ChannelCloseSummary(closed, network)
        case .resolved(let closed):
            type = .fullyResolvedChannel
            fullyResolvedChannel = ChannelPoint(closed.funding)
        case .forgotten(_, let funding?, .fundingTimeout):
            type = .channelFundingTimeout
            channelFundingTimeout = ChannelPoint(funding)
        case .offered, .offerEnded, .forgotten, .closing: return nil
        }
    }
}

extension PendingUpdate {
    init(_ outPoint: OutPoint) {
        self.init()
        txid = outPoint.transactionID.hash.bytes
        outputIndex = outPoint.index
    }
}
