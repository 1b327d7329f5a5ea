import Bitcoin
import LightningCommitment
import LightningWire

/// The stored form of a backup.
extension ChannelBackup: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        peer = try record.requirePoint(0)
        parameters = try ChannelParametersRecord(record: try record.requireBytes(2)).parameters
        let active = try ActiveFundingRecord(record: try record.requireBytes(4))
        (funding, localKey, remoteKey) = (active.funding, active.localKey, active.remoteKey)
        guard parameters.channelID == ChannelID(funding: funding.outPoint) else {
            throw .invalidField(type: 4)
        }
        alias = ShortChannelID(try record.requireInteger(6))
        isAnnounced = try record.takeFlag(8)
        waitingSince = BlockHeight(try record.requireNumber(10))
        if let height = try record.takeInteger(12) {
            guard let height = UInt32(exactly: height) else { throw .invalidField(type: 12) }
            position = FundingPosition(
                height: BlockHeight(height), transactionIndex: try record.requireNumber(14))
        } else {
            position = nil
        }
    }

    public func write(to record: inout RecordWriter) {
        record.put(0, point: peer)
        record.put(2, ChannelParametersRecord(parameters).record)
        record.put(
            4,
            ActiveFundingRecord(funding: funding, localKey: localKey, remoteKey: remoteKey).record)
        record.put(6, integer: alias.value)
        record.put(8, flag: isAnnounced)
        record.put(10, integer: UInt64(waitingSince.value))
        record.put(12, integer: (position?.height.value).map { UInt64($0) })
        record.put(14, integer: (position?.transactionIndex).map { UInt64($0) })
    }
}
