import Bitcoin
import LightningWire

/// An HTLC that this node has forwarded, as the history keeps it: 26 to 33 bytes with its key.
public struct PastForward: Hashable, Sendable {
    /// Its place among all: the time in milliseconds since 1970 in the upper 48 bits, a running number in the others.
    public let position: UInt64
    /// By what name the channel is known that it came in by; ``ShortChannelID/zero`` where it is not known any more.
    public let incomingChannel: ShortChannelID
    public let outgoingChannel: ShortChannelID
    public let incomingAmount: MilliSatoshi
    public let outgoingAmount: MilliSatoshi

    /// What was forwarded.
    public init(
        position: UInt64, incomingChannel: ShortChannelID, outgoingChannel: ShortChannelID,
        incomingAmount: MilliSatoshi, outgoingAmount: MilliSatoshi
    ) {
        self.position = position
        self.incomingChannel = incomingChannel
        self.outgoingChannel = outgoingChannel
        self.incomingAmount = incomingAmount
        self.outgoingAmount = outgoingAmount
    }

    /// When it was fulfilled, in milliseconds since 1970.
    public var time: UInt64 { position >> 16 }

    /// What this node kept; zero where inbound fees gave more than was taken.
    public var fee: MilliSatoshi { incomingAmount.subtracting(outgoingAmount) ?? .zero }

    /// The place for one more, behind the last one's and not before its time.
    public static func position(time: UInt64, after last: UInt64) -> UInt64 {
        let (first, overflow) = time.multipliedReportingOverflow(by: 1 << 16)
        return overflow ? last + 1 : max(first, last + 1)
    }

    /// The key of the first record at or after a time, in milliseconds since 1970.
    public static func key(from time: UInt64) -> [UInt8] {
        PaymentRecordKey.number(position(time: time, after: 0))
    }

    /// The write that stores it.
    public var write: RecordWrite {
        var writer = ByteWriter(capacity: 24)
        incomingChannel.write(toWire: &writer)
        outgoingChannel.write(toWire: &writer)
        writer.writeBigSize(outgoingAmount.value)
        writer.writeBigSize(fee.value)
        return RecordWrite(
            .forward, key: PaymentRecordKey.number(position), value: writer.bytes)
    }

    /// Reads a record of ``RecordTable/forward``.
    public init(_ record: StoredRecord) throws(RecordError) {
        position = try PaymentRecordKey.number(of: record.key)
        do throws(DecodeError) {
            var reader = ByteReader(record.value.span.bytes)
            incomingChannel = try ShortChannelID(fromWire: &reader)
            outgoingChannel = try ShortChannelID(fromWire: &reader)
            outgoingAmount = MilliSatoshi(try reader.readBigSize())
            let fee = MilliSatoshi(try reader.readBigSize())
            incomingAmount = outgoingAmount.adding(fee) ?? .maximumMoney
        } catch {
            throw .malformed(error)
        }
    }
}
