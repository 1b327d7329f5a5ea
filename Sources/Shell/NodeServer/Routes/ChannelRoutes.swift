import NodeAPI

extension APIRoute {
    private static let read = [Permission("offchain", "read")]
    private static let write = [Permission("offchain", "write")]
    private static let writeBoth = [
        Permission("onchain", "write"), Permission("offchain", "write"),
    ]

    /// How a channel is named in paths.
    private static let point = "{channel_point.funding_txid_str}/{channel_point.output_index}"

    static let channels: [APIRoute] = [
        unary(.get, "/v1/balance/channels", "/lnrpc.Lightning/ChannelBalance", read) {
            (context, _: Empty, reply) in context.service.channelBalance(reply)
        },
        unary(.get, "/v1/channels", "/lnrpc.Lightning/ListChannels", read) {
            $0.service.listChannels($1, $2)
        },
        unary(.get, "/v1/channels/pending", "/lnrpc.Lightning/PendingChannels", read) {
            $0.service.pendingChannels($1, $2)
        },
        unary(.get, "/v1/channels/closed", "/lnrpc.Lightning/ClosedChannels", read) {
            $0.service.closedChannels($1, $2)
        },
        stream(.get, "/v1/channels/subscribe", "/lnrpc.Lightning/SubscribeChannelEvents", read) {
            (context, _: Empty, subscriber) in context.service.subscribeChannels(subscriber)
        },
        stream(.delete, "/v1/channels/\(point)", "/lnrpc.Lightning/CloseChannel", writeBoth) {
            $0.service.closeChannel($1, $2)
        },
        unary(
            .delete, "/v1/channels/abandon/\(point)", "/lnrpc.Lightning/AbandonChannel", write
        ) { $0.service.abandonChannel($1, $2) },
        unary(.post, "/v1/chanpolicy", "/lnrpc.Lightning/UpdateChannelPolicy", write) {
            $0.service.updateChannelPolicy($1, $2)
        },
        unary(.get, "/v1/fees", "/lnrpc.Lightning/FeeReport", read) {
            (context, _: Empty, reply) in context.service.feeReport(reply)
        },
    ]

    static let openings: [APIRoute] = [
        unary(.post, "/v1/channels", "/lnrpc.Lightning/OpenChannelSync", writeBoth) {
            $0.service.openChannel($1, $2)
        },
        stream(.post, "/v1/channels/stream", "/lnrpc.Lightning/OpenChannel", writeBoth) {
            $0.service.openChannelStream($1, $2)
        },
        unary(.post, "/v1/channels/batch", "/lnrpc.Lightning/BatchOpenChannel", writeBoth) {
            $0.service.batchOpenChannel($1, $2)
        },
        unary(.post, "/v1/funding/step", "/lnrpc.Lightning/FundingStateStep", writeBoth) {
            $0.service.fundingStep($1, $2)
        },
        conversation("/v1/channels/acceptor", "/lnrpc.Lightning/ChannelAcceptor", writeBoth) {
            $0.service.acceptChannels($1)
        },
    ]

    static let backups: [APIRoute] = [
        unary(.get, "/v1/channels/backup", "/lnrpc.Lightning/ExportAllChannelBackups", read) {
            (context, _: Empty, reply) in context.service.exportAllChannelBackups(reply)
        },
        unary(
            .get, "/v1/channels/backup/{chan_point.funding_txid_str}/{chan_point.output_index}",
            "/lnrpc.Lightning/ExportChannelBackup", read
        ) { $0.service.exportChannelBackup($1, $2) },
        unary(.post, "/v1/channels/backup/verify", "/lnrpc.Lightning/VerifyChanBackup", read) {
            $0.service.verifyChannelBackup($1, $2)
        },
        unary(
            .post, "/v1/channels/backup/restore", "/lnrpc.Lightning/RestoreChannelBackups", write
        ) { $0.service.restoreChannelBackups($1, $2) },
        stream(
            .get, "/v1/channels/backup/subscribe", "/lnrpc.Lightning/SubscribeChannelBackups",
            read
        ) { (context, _: Empty, subscriber) in
            context.service.subscribeChannelBackups(subscriber)
        },
    ]
}
