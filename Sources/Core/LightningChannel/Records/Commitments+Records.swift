import Bitcoin
import LightningCommitment
import LightningCrypto
import LightningWire

/// The writes of each step: what it changed, and nothing else.
extension Commitments {
    private var channel: ChannelKeyNumber { parameters.keys }

    /// The writes of a new channel.
    public var openingWrites: [RecordWrite] {
        var writes = [
            RecordWrite(
                .channelParameters, key: ChannelRecordKey.prefix(channel),
                value: ChannelParametersRecord(parameters).record)
        ]
        for (position, funding) in fundings.enumerated() {
            writes.append(
                RecordWrite(
                    .channelFunding, key: ChannelRecordKey.at(position, channel),
                    value: ActiveFundingRecord(funding).record))
        }
        return writes + signatureWrites()
            + [stateWrite(), pointsWrite(.local), pointsWrite(.remote)]
    }

    func stateWrite() -> RecordWrite {
        RecordWrite(
            .channelState, key: ChannelRecordKey.prefix(channel),
            value: ChannelStateRecord(self).record)
    }

    func pointsWrite(_ party: Party) -> RecordWrite {
        let points =
            switch party {
            case .local: CommitmentPointsRecord(current: localPoint, next: localNextPoint)
            case .remote: CommitmentPointsRecord(current: remotePoint, next: remoteNextPoint)
            }
        return RecordWrite(
            .channelState, key: ChannelRecordKey.points(of: party, channel), value: points.record)
    }

    func signatureWrites() -> [RecordWrite] {
        fundings.enumerated().map { position, funding in
            RecordWrite(
                .channelSignatures, key: ChannelRecordKey.at(position, channel),
                value: SignaturesRecord(funding.signatures).record)
        }
    }

    func htlcWrite(_ htlc: ChannelHTLC) -> RecordWrite {
        htlcWrite(htlc, at: ChannelRecordKey.htlc(htlc.key, channel))
    }

    private func htlcWrite(_ htlc: ChannelHTLC, at key: [UInt8]) -> RecordWrite {
        RecordWrite(.channelHTLC, key: key, value: ChannelHTLCRecord(htlc).record)
    }

    func resolutionWrite(_ id: UInt64) -> RecordWrite {
        RecordWrite(
            .channelResolution,
            key: ChannelRecordKey.htlc(HTLCKey(offerer: .remote, id: id), channel),
            value: resolutions[id].map { HTLCResolutionRecord($0).record })
    }

    func signedUpdateWrite(_ position: Int, _ update: CommitmentUpdate?) -> RecordWrite {
        RecordWrite(
            .channelSignedUpdate, key: ChannelRecordKey.at(position, channel),
            value: update?.message.encoded)
    }

    func secretWrite(_ position: Int) -> RecordWrite {
        let entry = revealedSecrets.entries[position]
        var writer = ByteWriter(capacity: 40)
        writer.writeBigEndian(entry.index)
        writer.write(entry.secret.hash)
        return RecordWrite(
            .channelSecret, key: ChannelRecordKey.at(position, channel), value: writer.bytes)
    }

    /// The writes of updates that have moved: the HTLC itself, the peer's message when it is first committed, and what is
    /// kept of an HTLC that is gone.
    func writes(_ advanced: Advanced) -> [RecordWrite] {
        var writes: [RecordWrite] = []
        writes.reserveCapacity(2 * advanced.changed.count + 4 * advanced.removed.count + 4)
        for htlc in advanced.changed {
            let key = ChannelRecordKey.htlc(htlc.key, channel)
            writes.append(htlcWrite(htlc, at: key))
            // The peer's own updates enter this side's commitment at this stage, and are durable from then on.
            let stage = htlc.key.offerer == .remote ? htlc.addition : htlc.removal?.stage
            if stage == .acked, let message = remoteMessages[htlc.key] {
                writes.append(
                    RecordWrite(.channelMessage, key: key, value: message.message.encoded))
            }
        }
        for htlc in advanced.removed {
            let key = ChannelRecordKey.htlc(htlc.key, channel)
            writes.append(RecordWrite(.channelHTLC, key: key, value: nil))
            writes.append(RecordWrite(.channelMessage, key: key, value: nil))
            if htlc.key.offerer == .remote, advanced.forgotten.contains(htlc.key.id) {
                writes.append(resolutionWrite(htlc.key.id))
            }
            if let past = PastHTLC(htlc, parameters), !Mutation.isOn(.forgetPastHTLC) {
                writes.append(
                    RecordWrite(.channelPastHTLC, key: key, value: PastHTLCRecord(past).record))
            }
        }
        return writes
    }
}
