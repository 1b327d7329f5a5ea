import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWire

/// The end of a channel: what is kept of it, and how the rest goes.
extension LightningNode {
    /// Closes a channel for good: its summary stays, its records go.
    mutating func close(
        _ number: ChannelKeyNumber, _ summary: ClosingSummary, at moment: Moment
    ) -> Step {
        guard let channel = channels[number], let established = channel.established else {
            return Step()
        }
        let commitments = established.commitments
        var step = log(.info, number, "is closed for good: \(summary.taken) taken")
        let record = ClosedChannel(
            peer: channel.peer, channelID: channel.channelID,
            funding: commitments.fundings[0].funding.outPoint, name: established.shortChannelID,
            alias: established.alias, summary: summary,
            closedAt: moment.time)
        step.writes.append(
            RecordWrite(
                .channelClosed, key: ChannelRecordKey.prefix(number), value: record.record))
        step.writes += channel.removalWrites
        closings[number] = nil
        watchers.remove(number)
        channels.remove(number)
        step.append(notePeer(of: number))
        touched.remove(number)
        awake.remove(number)
        activeChannels.remove(number)
        unanswered[number] = nil
        forwarded[number] = nil
        step.request(.notify(.channel(.resolved(record))))
        step.writes += gossip.forget(number)
        let job = PruningJob(
            number: number, local: commitments.nextID(of: .local),
            remote: commitments.nextID(of: .remote))
        if !job.isDone {
            pruning[number] = job
            step.writes.append(job.write)
        }
        return step
    }

    /// Removes some of the past HTLCs of channels that are closed: a little with each tick, so that nothing waits for it.
    mutating func prune() -> Step {
        guard let number = pruning.keys.min(), var job = pruning[number] else { return Step() }
        let writes = job.advance()
        pruning[number] = job.isDone ? nil : job
        return Step(writes: writes + [job.write])
    }
}

/// The removal of the HTLCs of the past of a channel, which is never read again.
///
/// The records need not be known: their keys are the ids up to the last.
struct PruningJob: Sendable, Equatable {
    let number: ChannelKeyNumber
    /// The ids below which HTLCs of each offerer are still to be removed.
    private(set) var local: UInt64
    private(set) var remote: UInt64

    /// How many are removed at a time.
    private static let stride: UInt64 = 1_000
    private static let keyPrefix = Array("prune ".utf8)

    init(number: ChannelKeyNumber, local: UInt64, remote: UInt64) {
        self.number = number
        self.local = local
        self.remote = remote
    }

    var isDone: Bool { local == 0 && remote == 0 }

    /// Removes the next ones.
    mutating func advance() -> [RecordWrite] {
        let isLocal = local > 0
        let end = isLocal ? local : remote
        let start = end > Self.stride ? end - Self.stride : 0
        if isLocal { local = start } else { remote = start }
        let party = isLocal ? Party.local : .remote
        return (start..<end).map { id in
            RecordWrite(
                .channelPastHTLC,
                key: ChannelRecordKey.htlc(HTLCKey(offerer: party, id: id), number), value: nil)
        }
    }

    /// The record that a restart goes on from; none once the job is done.
    var write: RecordWrite {
        var writer = ByteWriter(capacity: 16)
        writer.writeBigEndian(local)
        writer.writeBigEndian(remote)
        return RecordWrite(
            .meta, key: Self.keyPrefix + ChannelRecordKey.prefix(number),
            value: isDone ? nil : writer.bytes)
    }

    /// The job of a record of ``RecordTable/meta``; nil where the record is about something else.
    init?(key: [UInt8], value: [UInt8]) throws(RecordError) {
        guard key.starts(with: Self.keyPrefix), key.count == Self.keyPrefix.count + 4 else {
            return nil
        }
        do throws(DecodeError) {
            var keyReader = ByteReader(Array(key.suffix(4)).span.bytes)
            guard let number = ChannelKeyNumber(try keyReader.readBigEndian()) else {
                throw .invalidValue(field: "channel")
            }
            var reader = ByteReader(value.span.bytes)
            self.init(
                number: number, local: try reader.readBigEndian(),
                remote: try reader.readBigEndian())
            try reader.expectEnd()
        } catch {
            throw .malformed(error)
        }
    }
}
