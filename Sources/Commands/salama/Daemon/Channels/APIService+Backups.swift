import NodeAPI
import NodeServer

extension APIService {
    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>) {
        reply.fail(.unwired)
    }

    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>) {
        reply.fail(.unwired)
    }

    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>
    ) {
        reply.fail(.unwired)
    }

    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>
    ) {
        reply.fail(.unwired)
    }

    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>) {
        subscriber.finish(.unwired)
    }
}
