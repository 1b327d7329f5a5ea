import Bitcoin
import LightningCommitment
import LightningWire

/// The stored form of a ``ChannelHTLC``, but for its key.
struct ChannelHTLCRecord: RecordCodable {
    private let htlc: ChannelHTLC

    init(_ htlc: ChannelHTLC) { self.htlc = htlc }

    /// The HTLC that was stored at `key`.
    func htlc(_ key: HTLCKey) -> ChannelHTLC {
        var result = ChannelHTLC(
            key: key, amount: htlc.amount, paymentHash: htlc.paymentHash,
            cltvExpiry: htlc.cltvExpiry, exceedsDustExposure: htlc.exceedsDustExposure,
            origin: htlc.origin)
        result.addition = htlc.addition
        result.removal = htlc.removal
        result.firstRemoteCommitment = htlc.firstRemoteCommitment
        result.endRemoteCommitment = htlc.endRemoteCommitment
        return result
    }

    init(from record: inout RecordReader) throws(RecordError) {
        let amount = try record.requireMilliSatoshi(0)
        let hash = PaymentHash(try record.requireHash(2))
        let expiry = BlockHeight(try record.requireNumber(4))
        let addition = try record.requireCase(6, of: UpdateStage.self)
        let removal = try record.takeCase(8, of: UpdateStage.self)
        let preimage = try record.takeHash(10)
        let first = try record.takeInteger(12)
        let end = try record.takeInteger(14)
        var htlc = ChannelHTLC(
            key: HTLCKey(offerer: .local, id: 0), amount: amount, paymentHash: hash,
            cltvExpiry: expiry, exceedsDustExposure: try record.takeFlag(16),
            origin: try Self.origin(&record))
        htlc.addition = addition
        if let removal {
            let outcome: ChannelHTLC.Outcome
            if let preimage {
                outcome = .fulfilled(PaymentPreimage(preimage))
            } else {
                outcome = .failed
            }
            htlc.removal = ChannelHTLC.Removal(outcome: outcome, stage: removal)
        }
        htlc.firstRemoteCommitment = first
        htlc.endRemoteCommitment = end
        self.htlc = htlc
    }

    func write(to record: inout RecordWriter) {
        record.put(0, htlc.amount)
        record.put(2, htlc.paymentHash.hash)
        record.put(4, integer: UInt64(htlc.cltvExpiry.value))
        record.put(6, integer: UInt64(htlc.addition.rawValue))
        record.put(8, integer: htlc.removal.map { UInt64($0.stage.rawValue) })
        if case .fulfilled(let preimage) = htlc.removal?.outcome {
            record.put(10, preimage.hash)
        }
        record.put(12, integer: htlc.firstRemoteCommitment)
        record.put(14, integer: htlc.endRemoteCommitment)
        record.put(16, flag: htlc.exceedsDustExposure)
        switch htlc.origin {
        case .payment(let attempt): record.put(18, integer: attempt)
        case .forward(let channel, let id):
            record.put(20, integer: UInt64(channel.value))
            record.put(22, integer: id)
        case nil: break
        }
    }

    private static func origin(_ record: inout RecordReader) throws(RecordError) -> HTLCOrigin? {
        if let attempt = try record.takeInteger(18) { return .payment(attempt: attempt) }
        guard let number = try record.takeInteger(20) else { return nil }
        guard let channel = UInt32(exactly: number).flatMap({ ChannelKeyNumber($0) }) else {
            throw .invalidField(type: 20)
        }
        return .forward(channel: channel, id: try record.requireInteger(22))
    }
}

/// An HTLC that was in commitments of the peer which are revoked: what a penalty needs of it.
public struct PastHTLC: Hashable, Sendable {
    public let key: HTLCKey
    public let paymentHash: PaymentHash
    public let cltvExpiry: BlockHeight
    /// The numbers of the peer's commitments that had the HTLC.
    public let remoteCommitments: Range<UInt64>

    /// What is to be kept of `htlc`; nil where no commitment of the peer with `parameters` had an output for it.
    init?(_ htlc: ChannelHTLC, _ parameters: ChannelParameters) {
        guard let first = htlc.firstRemoteCommitment, let end = htlc.endRemoteCommitment,
            first < end
        else { return nil }
        switch parameters.format {
        // The fee rate decides, and may have changed.
        case .staticRemoteKey: break
        case .anchors:
            guard htlc.amount.roundedDown >= parameters.remote.dustLimit else { return nil }
        }
        key = htlc.key
        paymentHash = htlc.paymentHash
        cltvExpiry = htlc.cltvExpiry
        remoteCommitments = first..<end
    }

    /// Reads what was stored with `recordKey`.
    public init(recordKey: [UInt8], record: [UInt8]) throws(RecordError) {
        let fields = try PastHTLCRecord(record: record)
        key = try ChannelRecordKey.htlc(recordKey)
        paymentHash = fields.paymentHash
        cltvExpiry = fields.cltvExpiry
        remoteCommitments = fields.remoteCommitments
    }
}

/// The stored form of a ``PastHTLC``, but for its key.
struct PastHTLCRecord: RecordCodable {
    let paymentHash: PaymentHash
    let cltvExpiry: BlockHeight
    let remoteCommitments: Range<UInt64>

    init(_ htlc: PastHTLC) {
        paymentHash = htlc.paymentHash
        cltvExpiry = htlc.cltvExpiry
        remoteCommitments = htlc.remoteCommitments
    }

    init(from record: inout RecordReader) throws(RecordError) {
        paymentHash = PaymentHash(try record.requireHash(0))
        cltvExpiry = BlockHeight(try record.requireNumber(2))
        let first = try record.requireInteger(4)
        let count = try record.requireInteger(6)
        let (end, overflow) = first.addingReportingOverflow(count)
        guard !overflow else { throw .invalidField(type: 6) }
        remoteCommitments = first..<end
    }

    func write(to record: inout RecordWriter) {
        record.put(0, paymentHash.hash)
        record.put(2, integer: UInt64(cltvExpiry.value))
        record.put(4, integer: remoteCommitments.lowerBound)
        record.put(6, integer: remoteCommitments.upperBound - remoteCommitments.lowerBound)
    }
}
