import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// What is asked of the backups of channels.
public enum BackupRequest: Sendable {
    /// The backups of all channels that are not closed.
    case export
    /// The channels in backups, which are to be readable.
    case verify([[UInt8]])
    /// Take the channels of backups in, and have their peers close them.
    case restore([[UInt8]])
}

/// The backups of a node's channels.
public struct NodeBackups: Hashable, Sendable {
    /// One for each channel, in the order of their beginnings.
    public let single: [Single]
    /// One of all.
    public let all: [UInt8]

    /// The backup of one channel.
    public struct Single: Hashable, Sendable {
        public let funding: OutPoint
        public let bytes: [UInt8]
    }
}

/// Backups of channels: what is needed to have their peers close them, where the database is lost.
extension LightningNode {
    /// Answers or refuses a request about backups.
    mutating func receive(
        _ request: BackupRequest, as id: RequestID, at moment: Moment
    ) -> Step {
        do throws(BackupError) {
            switch request {
            case .export: return reply(id, .backups(backups()))
            case .verify(let files):
                return reply(
                    id, .backedUp(try entries(of: files).map(\.channel.funding.outPoint)))
            case .restore(let files):
                let (restored, step) = try restore(entries(of: files), at: moment)
                return step + reply(id, .backedUp(restored))
            }
        } catch {
            return refusal(of: id, .backup(error))
        }
    }

    private func backups() -> NodeBackups {
        let entries = channels.numbers.compactMap { number -> BackupFile.Entry? in
            guard let established = channels[number]?.established,
                closings[number]?.fundingSpend == nil
            else { return nil }
            return BackupFile.Entry(
                channel: established.backup, addresses: peerBook.addresses(of: established.peer))
        }
        let root = keys.backupRoot
        return NodeBackups(
            single: entries.map {
                NodeBackups.Single(
                    funding: $0.channel.funding.outPoint,
                    bytes: BackupFile.seal([$0], root: root))
            },
            all: BackupFile.seal(entries, root: root))
    }

    private func entries(of files: [[UInt8]]) throws(BackupError) -> [BackupFile.Entry] {
        var entries: [BackupFile.Entry] = []
        for file in files { entries += try BackupFile.open(file, root: keys.backupRoot) }
        return entries
    }

    /// Takes channels in that this node does not know; all of them, or none where one cannot be.
    private mutating func restore(
        _ entries: [BackupFile.Entry], at moment: Moment
    ) throws(BackupError) -> ([OutPoint], Step) {
        let known = Set(
            channels.channels.values.compactMap { $0.established?.funding.outPoint })
        var made: [ChannelKeyNumber: (BackupFile.Entry, Channel, InProcessSigner, [RecordWrite])]
        made = [:]
        for entry in entries {
            let funding = entry.channel.funding.outPoint
            let number = entry.channel.parameters.keys
            guard !known.contains(funding),
                made[number]?.0.channel.funding.outPoint != funding
            else { continue }
            guard channels[number] == nil, made[number] == nil else { throw .keysInUse(funding) }
            guard let signer = try? keys.channels.signer(number) else {
                throw .channel(funding, .noKeys)
            }
            do throws(BackupFault) {
                let (channel, writes) = try Channel.restore(entry.channel, signer)
                made[number] = (entry, channel, signer, writes)
            } catch {
                throw .channel(funding, error)
            }
        }

        var step = Step()
        var first = height + 1
        for (number, (entry, channel, signer, writes)) in made.sorted(by: { $0.key < $1.key }) {
            channels.insert(channel, signer)
            nextKeys = max(nextKeys, number.value + 1)
            step.writes += writes
            step.writes += peerBook.remember(channel.peer, entry.addresses, isPermanent: false)
            step.append(watch(entry.channel.funding, of: number))
            step.append(log(.info, number, "is restored: its peer is asked to close it"))
            touched.insert(number)
            if links[channel.peer]?.features != nil {
                step.append(feed(.connected, to: number, at: moment))
            }
            first = min(first, entry.channel.firstHeight)
        }
        guard !made.isEmpty else { return ([], step) }
        step.writes.append(NodeRecords.nextKeys(nextKeys))
        // The channels may have been closed already.
        step.append(scanAgain(from: first))
        let restored = made.sorted { $0.key < $1.key }.map { $0.value.0.channel.funding.outPoint }
        return (restored, step)
    }
}
