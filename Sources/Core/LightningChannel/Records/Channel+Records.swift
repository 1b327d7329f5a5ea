import Bitcoin
import LightningCommitment
import LightningWire

extension Channel {
    /// The channel with keys `keys` that its records hold: as in memory after losing the connection.
    ///
    /// `records` gives the records of a table whose keys start with ``ChannelRecordKey/prefix(_:)``, in the order of keys.
    public init(
        keys: ChannelKeyNumber, records: (RecordTable) -> [(key: [UInt8], value: [UInt8])]
    ) throws(RecordError) {
        guard let stored = records(.channelLife).first else { throw .missingField(type: 0) }
        let established = EstablishedChannel(
            commitments: try Commitments(records: records),
            life: try ChannelLife(record: stored.value))
        let (commitments, life) = (established.commitments, established.life)
        guard commitments.parameters.keys == keys else { throw .invalidField(type: 0) }
        // What the life says is what the commitments know.
        guard life.receivedReady == (commitments.remoteNextPoint != nil) else {
            throw .invalidField(type: 18)
        }
        let funding = established.funding.outPoint
        guard life.closings.allSatisfy({ $0.inputs.map(\.previousOutput) == [funding] }) else {
            throw .invalidField(type: 32)
        }
        self.init(keys: keys, peer: established.peer, .established(established))
    }

    /// The removal of every record of the channel but those of its past HTLCs, which nothing refers to then.
    public var removalWrites: [RecordWrite] { established?.removalWrites ?? [] }
}

extension EstablishedChannel {
    func lifeWrite() -> RecordWrite {
        RecordWrite(
            .channelLife, key: ChannelRecordKey.prefix(commitments.parameters.keys),
            value: life.record)
    }

    var removalWrites: [RecordWrite] {
        let keys = commitments.parameters.keys
        let life = RecordWrite(
            .channelLife, key: ChannelRecordKey.prefix(keys), value: nil)
        return commitments.removalWrites + [life]
    }
}

extension Commitments {
    /// The removal of the records that the present state consists of.
    var removalWrites: [RecordWrite] {
        let channel = parameters.keys
        var removed: [(RecordTable, [UInt8])] = [
            (.channelParameters, ChannelRecordKey.prefix(channel)),
            (.channelState, ChannelRecordKey.prefix(channel)),
        ]
        for party in Party.allCases {
            removed.append((.channelState, ChannelRecordKey.points(of: party, channel)))
        }
        for position in fundings.indices {
            let key = ChannelRecordKey.at(position, channel)
            removed += [(.channelFunding, key), (.channelSignatures, key)]
        }
        for htlc in offered + received {
            let key = ChannelRecordKey.htlc(htlc.key, channel)
            removed += [(.channelHTLC, key), (.channelMessage, key)]
        }
        for id in resolutions.keys {
            let key = ChannelRecordKey.htlc(HTLCKey(offerer: .remote, id: id), channel)
            removed.append((.channelResolution, key))
        }
        for position in signed.indices {
            removed.append((.channelSignedUpdate, ChannelRecordKey.at(position, channel)))
        }
        for position in revealedSecrets.entries.indices {
            removed.append((.channelSecret, ChannelRecordKey.at(position, channel)))
        }
        return removed.map { RecordWrite($0, key: $1, value: nil) }
    }
}
