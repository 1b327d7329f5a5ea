import Bitcoin
import LightningCommitment
import LightningWire

/// The stored form of ``ChannelLife``.
extension ChannelLife: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        peer = try record.requirePoint(0)
        isAnnounced = try record.takeFlag(2)
        minimumDepth = try record.requireNumber(4)
        alias = ShortChannelID(try record.requireInteger(6))
        peerAlias = try record.takeInteger(8).map { ShortChannelID($0) }
        waitingSince = BlockHeight(try record.requireNumber(10))
        if let height = try record.takeInteger(12) {
            guard let height = UInt32(exactly: height) else { throw .invalidField(type: 12) }
            position = FundingPosition(
                height: BlockHeight(height), transactionIndex: try record.requireNumber(14))
        }
        sentReady = try record.takeFlag(16)
        receivedReady = try record.takeFlag(18)
        if let script = try record.takeBytes(20) {
            closeRequest = CloseRequest(script: Script(script))
            if let feerate = try record.takeInteger(22) {
                guard let feerate = UInt32(exactly: feerate) else {
                    throw .invalidField(type: 22)
                }
                closeRequest?.feerate = FeeratePerKw(feerate)
            }
        }
        if let kind = try record.takeCase(24, of: Failure.Kind.self) {
            failure = Failure(kind: kind, text: try record.takeBytes(26))
            if let bytes = try record.takeBytes(28) {
                guard let point = try? Point(bytes) else { throw .invalidField(type: 28) }
                failure?.peerPoint = point
            }
        }
        isSpent = try record.takeFlag(30)
        for type in Self.closingFields {
            guard let transaction = try record.take(type, as: Transaction.self) else { break }
            closings.append(transaction)
        }
    }

    func write(to record: inout RecordWriter) {
        record.put(0, point: peer)
        record.put(2, flag: isAnnounced)
        record.put(4, integer: UInt64(minimumDepth))
        record.put(6, integer: alias.value)
        record.put(8, integer: peerAlias?.value)
        record.put(10, integer: UInt64(waitingSince.value))
        record.put(12, integer: (position?.height.value).map { UInt64($0) })
        record.put(14, integer: (position?.transactionIndex).map { UInt64($0) })
        record.put(16, flag: sentReady)
        record.put(18, flag: receivedReady)
        record.put(20, closeRequest?.script.bytes)
        record.put(22, integer: (closeRequest?.feerate?.value).map { UInt64($0) })
        record.put(24, integer: (failure?.kind.rawValue).map { UInt64($0) })
        record.put(26, failure?.text)
        record.put(28, failure?.peerPoint?.bytes)
        record.put(30, flag: isSpent)
        for (type, transaction) in zip(Self.closingFields, closings) {
            record.put(type, transaction)
        }
    }

    /// One for each closing transaction.
    private static var closingFields: StrideTo<UInt64> {
        stride(from: 32, to: 32 + 2 * UInt64(mostClosings), by: 2)
    }
}
