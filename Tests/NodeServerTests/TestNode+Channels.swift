import NodeAPI
import NodeServer

extension TestNode {
    func listPeers(_ request: ListPeersRequest, _ reply: Reply<ListPeersResponse>) {
        note(request)
        reply(ListPeersResponse())
    }

    func connectPeer(_ request: ConnectPeerRequest, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func disconnectPeer(_ request: DisconnectPeerRequest, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func subscribePeers(_ subscriber: Subscriber<PeerEvent>) {
        subscriber.send(PeerEvent())
        subscriber.finish()
    }

    func sendCustomMessage(_ request: CustomPeerMessage, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func subscribeCustomMessages(_ subscriber: Subscriber<CustomPeerMessage>) {
        subscriber.send(CustomPeerMessage())
        subscriber.finish()
    }

    func channelBalance(_ reply: Reply<ChannelBalanceResponse>) {
        reply(ChannelBalanceResponse())
    }

    func listChannels(_ request: ListChannelsRequest, _ reply: Reply<ListChannelsResponse>) {
        note(request)
        reply(ListChannelsResponse())
    }

    func pendingChannels(_ request: PendingChannelsRequest, _ reply: Reply<PendingChannelsResponse>)
    {
        note(request)
        reply(PendingChannelsResponse())
    }

    func closedChannels(_ request: ClosedChannelsRequest, _ reply: Reply<ClosedChannelsResponse>) {
        note(request)
        reply(ClosedChannelsResponse())
    }

    func subscribeChannels(_ subscriber: Subscriber<ChannelEventUpdate>) {
        subscriber.send(ChannelEventUpdate())
        subscriber.finish()
    }

    func openChannel(_ request: OpenChannelRequest, _ reply: Reply<ChannelPoint>) {
        note(request)
        reply(ChannelPoint())
    }

    func openChannelStream(
        _ request: OpenChannelRequest, _ subscriber: Subscriber<OpenStatusUpdate>
    ) {
        note(request)
        subscriber.send(OpenStatusUpdate())
        subscriber.finish()
    }

    func batchOpenChannel(
        _ request: BatchOpenChannelRequest, _ reply: Reply<BatchOpenChannelResponse>
    ) {
        note(request)
        reply(BatchOpenChannelResponse())
    }

    func fundingStep(_ request: FundingTransitionMsg, _ reply: Reply<Empty>) {
        note(request)
        reply(Empty())
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
        note(request)
        subscriber.send(CloseStatusUpdate())
        subscriber.finish()
    }

    func abandonChannel(_ request: AbandonChannelRequest, _ reply: Reply<StatusResponse>) {
        note(request)
        reply(StatusResponse())
    }

    func updateChannelPolicy(
        _ request: PolicyUpdateRequest, _ reply: Reply<PolicyUpdateResponse>
    ) {
        note(request)
        reply(PolicyUpdateResponse())
    }

    func feeReport(_ reply: Reply<FeeReportResponse>) {
        reply(FeeReportResponse())
    }

    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>) {
        note(request)
        reply(ChannelBackup())
    }

    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>) {
        reply(ChanBackupSnapshot())
    }

    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>
    ) {
        note(request)
        reply(VerifyChanBackupResponse())
    }

    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>
    ) {
        note(request)
        reply(RestoreBackupResponse())
    }

    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>) {
        subscriber.send(ChanBackupSnapshot())
        subscriber.finish()
    }

    func describeGraph(_ request: ChannelGraphRequest, _ reply: GraphReply) {
        note(request)
        _ = reply.add(LightningNodeMessage())
        _ = reply.add(LightningNodeMessage())
        _ = reply.add(ChannelEdgeMessage())
        reply.finish()
    }

    func nodeInfo(_ request: NodeInfoRequest, _ reply: Reply<NodeInfo>) {
        note(request)
        reply(NodeInfo())
    }

    func channelInfo(_ request: ChanInfoRequest, _ reply: Reply<ChannelEdgeMessage>) {
        note(request)
        reply(ChannelEdgeMessage())
    }

    func networkInfo(_ reply: Reply<NetworkInfo>) {
        reply(NetworkInfo())
    }

    func queryRoutes(_ request: QueryRoutesRequest, _ reply: Reply<QueryRoutesResponse>) {
        note(request)
        reply(QueryRoutesResponse())
    }

    func subscribeGraph(_ subscriber: Subscriber<GraphTopologyUpdate>) {
        subscriber.send(GraphTopologyUpdate())
        subscriber.finish()
    }

}

extension TestNode {
    func metrics(_ reply: MetricsReply) { reply("salama_up 1\n") }
}
