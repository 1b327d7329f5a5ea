import Bitcoin
import LightningCommitment
import LightningCrypto
import LightningWire

extension Commitments {
    /// The commitments that the records of one channel hold: as in memory, less what was only proposed.
    ///
    /// `records` gives the records of a table whose keys start with ``ChannelRecordKey/prefix(_:)``, in the order of keys.
    public init(
        records: (RecordTable) -> [(key: [UInt8], value: [UInt8])]
    ) throws(RecordError) {
        guard let parameters = records(.channelParameters).first,
            case let states = records(.channelState), states.count == 3
        else { throw .missingField(type: 0) }
        let state = try ChannelStateRecord(record: states[0].value)
        self.parameters = try ChannelParametersRecord(record: parameters.value).parameters
        fundings = try Self.fundings(
            records(.channelFunding), records(.channelSignatures), state.balances)
        localNumber = state.localNumber
        paid = state.paid
        remoteNumber = state.remoteNumber
        isAwaitingRevocation = state.isAwaitingRevocation
        commitmentPrecedesRevocation = state.commitmentPrecedesRevocation
        feerate = state.feerate
        pendingFeerates = state.pendingFeerates
        nextLocalID = state.nextLocalID
        nextRemoteID = state.nextRemoteID
        let local = try CommitmentPointsRecord(record: states[1].value)
        let remote = try CommitmentPointsRecord(record: states[2].value)
        guard let localNext = local.next else { throw .missingField(type: 2) }
        (localPoint, localNextPoint) = (local.current, localNext)
        (remotePoint, remoteNextPoint) = (remote.current, remote.next)
        shutdown = state.shutdown
        for (key, value) in records(.channelHTLC) {
            let htlc = try ChannelHTLCRecord(record: value).htlc(ChannelRecordKey.htlc(key))
            switch htlc.key.offerer {
            case .local: offered.append(htlc)
            case .remote: received.append(htlc)
            }
        }
        for (key, value) in records(.channelMessage) {
            remoteMessages[try ChannelRecordKey.htlc(key)] = try Self.update(value)
        }
        for (_, value) in records(.channelSignedUpdate) { signed.append(try Self.update(value)) }
        for (key, value) in records(.channelResolution) {
            let htlc = try ChannelRecordKey.htlc(key)
            guard htlc.offerer == .remote else {
                throw .malformed(.invalidValue(field: "offerer"))
            }
            resolutions[htlc.id] = try HTLCResolutionRecord(record: value).resolution
        }
        isConnected = false
        revealedSecrets = RevealedSecrets(entries: try Self.secrets(records(.channelSecret)))
        try validate()
    }

    private static func fundings(
        _ fundings: [(key: [UInt8], value: [UInt8])],
        _ signatures: [(key: [UInt8], value: [UInt8])], _ balances: [Balances]
    ) throws(RecordError) -> [ActiveFunding] {
        guard fundings.count == balances.count, signatures.count == balances.count,
            !fundings.isEmpty
        else { throw .invalidField(type: 24) }
        var result: [ActiveFunding] = []
        for (index, balance) in balances.enumerated() {
            let fixed = try ActiveFundingRecord(record: fundings[index].value)
            result.append(
                ActiveFunding(
                    funding: fixed.funding, localKey: fixed.localKey, remoteKey: fixed.remoteKey,
                    settled: balance,
                    signatures: try SignaturesRecord(record: signatures[index].value).signatures))
        }
        return result
    }

    private static func update(_ bytes: [UInt8]) throws(RecordError) -> CommitmentUpdate {
        guard let message = try? Message(decoding: bytes), let update = CommitmentUpdate(message)
        else { throw .malformed(.invalidValue(field: "update")) }
        return update
    }

    private static func secrets(
        _ records: [(key: [UInt8], value: [UInt8])]
    ) throws(RecordError) -> [RevealedSecrets.Entry] {
        var entries: [RevealedSecrets.Entry] = []
        for (position, record) in records.enumerated() {
            guard try ChannelRecordKey.position(record.key) == position else {
                throw .malformed(.invalidValue(field: "position"))
            }
            do {
                var reader = ByteReader(record.value.span.bytes)
                let index: UInt64 = try reader.readBigEndian()
                entries.append(
                    RevealedSecrets.Entry(
                        index: index, secret: PerCommitmentSecret(try reader.readHash256())))
                try reader.expectEnd()
            } catch {
                throw .malformed(error)
            }
        }
        return entries
    }
}
