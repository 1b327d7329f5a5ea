import NodeAPI
import NodeServer

extension TestNode {
    func listPeers(_ request: ListPeersRequest, _ reply: Reply<ListPeersResponse>) {
        answer(request, reply)
    }

    func connectPeer(_ request: ConnectPeerRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func disconnectPeer(_ request: DisconnectPeerRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func askWatchtower(_ request: WatchtowerRequest, _ reply: Reply<Empty>) {
        answer(request, reply)
    }

    func subscribePeers(_ subscriber: Subscriber<PeerEvent>) { tell(subscriber) }

    func sendCustomMessage(_ request: CustomPeerMessage, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func subscribeCustomMessages(_ subscriber: Subscriber<CustomPeerMessage>) { tell(subscriber) }

    func channelBalance(_ reply: Reply<ChannelBalanceResponse>) { reply(ChannelBalanceResponse()) }

    func listChannels(_ request: ListChannelsRequest, _ reply: Reply<ListChannelsResponse>) {
        answer(request, reply)
    }

    func pendingChannels(_ request: PendingChannelsRequest, _ reply: Reply<PendingChannelsResponse>)
    { answer(request, reply) }

    func closedChannels(_ request: ClosedChannelsRequest, _ reply: Reply<ClosedChannelsResponse>) {
        answer(request, reply)
    }

    func subscribeChannels(_ subscriber: Subscriber<ChannelEventUpdate>) { tell(subscriber) }

    func openChannel(_ request: OpenChannelRequest, _ reply: Reply<ChannelPoint>) {
        answer(request, reply)
    }

    func openChannelStream(
        _ request: OpenChannelRequest, _ subscriber: Subscriber<OpenStatusUpdate>
    ) { tell(request, subscriber) }

    func batchOpenChannel(
        _ request: BatchOpenChannelRequest, _ reply: Reply<BatchOpenChannelResponse>
    ) { answer(request, reply) }

    func fundingStep(_ request: FundingTransitionMsg, _ reply: Reply<Empty>) {
        answer(request, reply)
    }

    func acceptChannels(
        _ subscriber: Subscriber<ChannelAcceptRequest>
    ) -> @Sendable (ChannelAcceptResponse) -> Void {
        note(Empty())
        var request = ChannelAcceptRequest()
        request.pendingChanId = [7]
        subscriber.send(request)
        return { answer in self.note(answer) }
    }

    func closeChannel(_ request: CloseChannelRequest, _ subscriber: Subscriber<CloseStatusUpdate>) {
        tell(request, subscriber)
    }

    func abandonChannel(_ request: AbandonChannelRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func updateChannelPolicy(
        _ request: PolicyUpdateRequest, _ reply: Reply<PolicyUpdateResponse>
    ) { answer(request, reply) }

    func feeReport(_ reply: Reply<FeeReportResponse>) { reply(FeeReportResponse()) }

    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>) {
        answer(request, reply)
    }

    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>) { reply(ChanBackupSnapshot()) }

    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>
    ) { answer(request, reply) }

    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>
    ) { answer(request, reply) }

    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>) { tell(subscriber) }

    func describeGraph(_ request: ChannelGraphRequest, _ reply: GraphReply) {
        note(request)
        _ = reply.add(LightningNodeMessage())
        _ = reply.add(LightningNodeMessage())
        _ = reply.add(ChannelEdgeMessage())
        reply.finish()
    }

    func nodeInfo(_ request: NodeInfoRequest, _ reply: Reply<NodeInfo>) { answer(request, reply) }

    func channelInfo(_ request: ChanInfoRequest, _ reply: Reply<ChannelEdgeMessage>) {
        answer(request, reply)
    }

    func networkInfo(_ reply: Reply<NetworkInfo>) { reply(NetworkInfo()) }

    func queryRoutes(_ request: QueryRoutesRequest, _ reply: Reply<QueryRoutesResponse>) {
        answer(request, reply)
    }

    func subscribeGraph(_ subscriber: Subscriber<GraphTopologyUpdate>) { tell(subscriber) }

}

extension TestNode {
    func metrics(_ reply: MetricsReply) { reply("salama_up 1\n") }
}
