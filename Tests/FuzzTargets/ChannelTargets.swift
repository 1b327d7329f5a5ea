import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

extension FuzzTarget {
    /// What the database holds of a channel, should it be damaged.
    static let channels: [FuzzTarget] = [
        FuzzTarget("channel-records", seeds: SampleRecords.seeds) { bytes in
            let shelf = SampleRecords(decoding: bytes)
            guard let channel = try? Commitments(records: shelf.records) else { return }
            var copy = channel
            copy.disconnect()
            guard copy == channel else {
                throw FuzzFailure("channel-records: what was proposed came back")
            }
            for funding in channel.fundings {
                let total = MilliSatoshi(funding.funding.amount)
                for view in [CommitmentView.local, .remoteSigned, .remoteUnrevoked] {
                    let state = channel.state(view, funding)
                    let sum = state.htlcs.reduce(state.ownerBalance + state.counterpartyBalance) {
                        $0 + $1.amount
                    }
                    guard sum == total else {
                        throw FuzzFailure("channel-records: a commitment loses money")
                    }
                }
                _ = try? channel.localCommitment(funding)
                _ = try? channel.remoteCommitments(funding)
            }
            _ = (channel.openReceived, channel.reestablish, channel.canSign)
        },
        FuzzTarget("channel-backup", seeds: SampleRecords.backups) { bytes in
            guard let backup = try? ChannelBackup(record: bytes) else { return }
            guard let again = try? ChannelBackup(record: backup.record), again == backup else {
                throw FuzzFailure("channel-backup: what was written is read as something else")
            }
            guard let sample = try? SampleChannel.drained(),
                let (channel, _) = try? Channel.restore(backup, sample.signers[0])
            else { return }
            guard channel.state == .restored, channel.established?.backup.funding == backup.funding
            else {
                throw FuzzFailure("channel-backup: another channel was restored")
            }
        },
        FuzzTarget(
            "channel-past-htlc",
            seeds: [[7, 0, 0, 0, 3, 0x01, 5, 0, 32] + [UInt8](repeating: 9, count: 32)]
        ) { bytes in
            guard let length = bytes.first, bytes.count > Int(length) else { return }
            let rest = bytes.dropFirst()
            _ = try? PastHTLC(
                recordKey: Array(rest.prefix(Int(length))),
                record: Array(rest.dropFirst(Int(length))))
        },
    ]
}

/// The records of one channel, and a form of them in one row of bytes: table, length of the key, length of the value,
/// both.
struct SampleRecords {
    private var tables: [RecordTable: [[UInt8]: [UInt8]]] = [:]

    /// The records of a channel with HTLCs on their way in both directions, of either side.
    static let seeds: [[UInt8]] = ((try? SampleChannel().shelves) ?? [])
        .filter { (try? Commitments(records: $0.records)) != nil }.map(\.encoded)

    /// A backup of that channel.
    static let backups: [[UInt8]] = ((try? SampleChannel().shelves) ?? []).compactMap { shelf in
        guard let parameters = shelf.records(.channelParameters).first,
            let funding = shelf.records(.channelFunding).first,
            let key = try? PrivateKey([UInt8](repeating: 3, count: 32)).publicKey
        else { return nil }
        var writer = RecordWriter()
        writer.put(0, point: key)
        writer.put(2, parameters.value)
        writer.put(4, funding.value)
        writer.put(6, integer: 1 << 63 | 7)
        writer.put(10, integer: 100)
        return writer.bytes
    }.filter { (try? ChannelBackup(record: $0)) != nil }

    init() {}

    /// Reads as many records as there are.
    init(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        while let raw = try? reader.readByte(), let table = RecordTable(rawValue: raw) {
            guard let keyLength = try? reader.readByte(),
                let length: UInt16 = try? reader.readBigEndian(),
                let key = try? reader.readBytes(Int(keyLength)),
                let value = try? reader.readBytes(Int(length))
            else { return }
            tables[table, default: [:]][key] = value
        }
    }

    mutating func apply(_ writes: [RecordWrite]) {
        for write in writes { tables[write.table, default: [:]][write.key] = write.value }
    }

    func records(_ table: RecordTable) -> [(key: [UInt8], value: [UInt8])] {
        (tables[table] ?? [:]).sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (key: $0.key, value: $0.value) }
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        for table in RecordTable.allCases {
            for (key, value) in records(table) {
                writer.writeByte(table.rawValue)
                writer.writeByte(UInt8(key.count))
                writer.writeBigEndian(UInt16(value.count))
                writer.write(key)
                writer.write(value)
            }
        }
        return writer.bytes
    }
}
