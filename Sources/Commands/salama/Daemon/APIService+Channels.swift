import NodeAPI
import NodeServer

extension APIService {
    func channelBalance(_ reply: Reply<ChannelBalanceResponse>) {
        reply.fail(.unwired)
    }

    func listChannels(_ request: ListChannelsRequest, _ reply: Reply<ListChannelsResponse>) {
        reply.fail(.unwired)
    }

    func pendingChannels(_ request: PendingChannelsRequest, _ reply: Reply<PendingChannelsResponse>)
    {
        reply.fail(.unwired)
    }

    func closedChannels(_ request: ClosedChannelsRequest, _ reply: Reply<ClosedChannelsResponse>) {
        reply.fail(.unwired)
    }

    func subscribeChannels(_ subscriber: Subscriber<ChannelEventUpdate>) {
        subscriber.finish(.unwired)
    }

    func openChannel(_ request: OpenChannelRequest, _ reply: Reply<ChannelPoint>) {
        reply.fail(.unwired)
    }

    func openChannelStream(
        _ request: OpenChannelRequest, _ subscriber: Subscriber<OpenStatusUpdate>
    ) {
        subscriber.finish(.unwired)
    }

    func batchOpenChannel(
        _ request: BatchOpenChannelRequest, _ reply: Reply<BatchOpenChannelResponse>
    ) {
        reply.fail(.unwired)
    }

    func fundingStep(_ request: FundingTransitionMsg, _ reply: Reply<Empty>) {
        reply.fail(.unwired)
    }

    func acceptChannels(
        _ subscriber: Subscriber<ChannelAcceptRequest>
    ) -> @Sendable (ChannelAcceptResponse) -> Void {
        subscriber.finish(.unwired)
        return { _ in }
    }

    func closeChannel(_ request: CloseChannelRequest, _ subscriber: Subscriber<CloseStatusUpdate>) {
        subscriber.finish(.unwired)
    }

    func abandonChannel(_ request: AbandonChannelRequest, _ reply: Reply<StatusResponse>) {
        reply.fail(.unwired)
    }

    func updateChannelPolicy(
        _ request: PolicyUpdateRequest, _ reply: Reply<PolicyUpdateResponse>
    ) {
        reply.fail(.unwired)
    }

    func feeReport(_ reply: Reply<FeeReportResponse>) {
        reply.fail(.unwired)
    }
}
