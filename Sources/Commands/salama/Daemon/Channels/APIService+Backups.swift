import NodeAPI
import NodeServer

extension APIService {
    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>) {
        reply.fail(.noBackups)
    }

    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>) {
        reply.fail(.noBackups)
    }

    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>
    ) {
        reply.fail(.noBackups)
    }

    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>
    ) {
        reply.fail(.noBackups)
    }

    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>) {
        subscriber.finish(.noBackups)
    }
}

extension APIError {
    /// lnd's static backups let a node ask its peers to close; this node's own form is still to come.
    fileprivate static let noBackups = APIError(
        .unimplemented,
        "this node makes no static channel backups: what its channels need is in its database")
}
