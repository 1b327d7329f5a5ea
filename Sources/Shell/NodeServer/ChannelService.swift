import NodeAPI

/// The node's channels, as ``NodeService`` describes calls.
public protocol ChannelService: Sendable {
    /// What is in channels.
    func channelBalance(_ reply: Reply<ChannelBalanceResponse>)
    /// The open channels.
    func listChannels(_ request: ListChannelsRequest, _ reply: Reply<ListChannelsResponse>)
    /// The channels that are being opened or closed.
    func pendingChannels(_ request: PendingChannelsRequest, _ reply: Reply<PendingChannelsResponse>)
    /// The channels that are closed.
    func closedChannels(_ request: ClosedChannelsRequest, _ reply: Reply<ClosedChannelsResponse>)
    /// Tells what happens to channels from now on.
    func subscribeChannels(_ subscriber: Subscriber<ChannelEventUpdate>)

    /// Opens a channel, and answers when its funding transaction is published.
    func openChannel(_ request: OpenChannelRequest, _ reply: Reply<ChannelPoint>)
    /// Opens a channel, and tells how far it has come until it is open.
    func openChannelStream(
        _ request: OpenChannelRequest, _ subscriber: Subscriber<OpenStatusUpdate>)
    /// Opens several channels with one transaction.
    func batchOpenChannel(
        _ request: BatchOpenChannelRequest, _ reply: Reply<BatchOpenChannelResponse>)
    /// Goes on with channels that others' coins fund.
    func fundingStep(_ request: FundingTransitionMsg, _ reply: Reply<Empty>)
    /// Asks the subscriber about every channel that a peer wants to open from now on; what is returned takes the answers.
    func acceptChannels(
        _ subscriber: Subscriber<ChannelAcceptRequest>
    ) -> @Sendable (ChannelAcceptResponse) -> Void

    /// Closes a channel, and tells how far that has come until the close is mined.
    func closeChannel(_ request: CloseChannelRequest, _ subscriber: Subscriber<CloseStatusUpdate>)
    /// Forgets a channel that was never funded.
    func abandonChannel(_ request: AbandonChannelRequest, _ reply: Reply<StatusResponse>)

    /// Changes on what terms the node forwards.
    func updateChannelPolicy(
        _ request: PolicyUpdateRequest, _ reply: Reply<PolicyUpdateResponse>)
    /// On what terms the node forwards, and what that has earned.
    func feeReport(_ reply: Reply<FeeReportResponse>)
}

/// Backups of the node's channels, as ``NodeService`` describes calls.
public protocol BackupService: Sendable {
    /// The backup of one channel.
    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>)
    /// The backups of all channels.
    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>)
    /// Whether backups hold.
    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>)
    /// Restores channels from backups.
    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>)
    /// Tells the backups whenever channels come or go.
    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>)
}
