import Bitcoin
import LightningNode
import NodeAPI
import NodeServer

extension APIService {
    func exportChannelBackup(_ request: ChannelPointRequest, _ reply: Reply<ChannelBackup>) {
        do throws(APIError) {
            let funding = try OutPoint(request.chanPoint)
            ask(.backup(.export), reply) { answer in
                guard case .backups(let backups) = answer else { throw UnexpectedReply() }
                guard let backup = backups.single.first(where: { $0.funding == funding }) else {
                    throw APIError(.notFound, "unable to find channel \(funding)")
                }
                return ChannelBackup(backup)
            }
        } catch {
            reply.fail(error)
        }
    }

    func exportAllChannelBackups(_ reply: Reply<ChanBackupSnapshot>) {
        ask(.backup(.export), reply) { answer in
            guard case .backups(let backups) = answer else { throw UnexpectedReply() }
            return ChanBackupSnapshot(backups)
        }
    }

    func verifyChannelBackup(
        _ request: ChanBackupSnapshot, _ reply: Reply<VerifyChanBackupResponse>
    ) {
        let files = request.files
        guard !files.isEmpty else { return reply.fail(.noBackup) }
        ask(.backup(.verify(files)), reply) { answer in
            guard case .backedUp(let fundings) = answer else { throw UnexpectedReply() }
            var response = VerifyChanBackupResponse()
            response.chanPoints = fundings.map(\.description)
            return response
        }
    }

    func restoreChannelBackups(
        _ request: RestoreChanBackupRequest, _ reply: Reply<RestoreBackupResponse>
    ) {
        var files = request.chanBackups?.chanBackups.map(\.chanBackup) ?? []
        if let all = request.multiChanBackup { files.append(all) }
        guard !files.isEmpty else { return reply.fail(.noBackup) }
        ask(.backup(.restore(files)), reply) { answer in
            guard case .backedUp(let fundings) = answer else { throw UnexpectedReply() }
            var response = RestoreBackupResponse()
            response.numRestored = UInt32(clamping: fundings.count)
            return response
        }
    }

    func subscribeChannelBackups(_ subscriber: Subscriber<ChanBackupSnapshot>) {
        let subscription = backupFile.subscribe { subscriber.send(ChanBackupSnapshot($0)) }
        subscriber.begin()
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }
}

extension ChannelBackup {
    fileprivate init(_ backup: NodeBackups.Single) {
        self.init()
        chanPoint = ChannelPoint(backup.funding)
        chanBackup = backup.bytes
    }
}

extension ChanBackupSnapshot {
    /// The backups in it, as the node takes them.
    var files: [[UInt8]] {
        let all = multiChanBackup.map { [$0.multiChanBackup] } ?? []
        return (singleChanBackups?.chanBackups.map(\.chanBackup) ?? []) + all
    }

    fileprivate init(_ backups: NodeBackups) {
        self.init()
        var single = ChannelBackups()
        single.chanBackups = backups.single.map { ChannelBackup($0) }
        singleChanBackups = single
        var all = MultiChanBackup()
        all.chanPoints = backups.single.map { ChannelPoint($0.funding) }
        all.multiChanBackup = backups.all
        multiChanBackup = all
    }
}

extension APIError {
    fileprivate static let noBackup = APIError(
        .invalidArgument, "no backup is given: set multi_chan_backup or single backups")
}
