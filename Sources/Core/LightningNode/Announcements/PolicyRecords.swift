import LightningCrypto
import LightningPayment
import LightningWire

// Terms within records:
//    2  blocks                            8, 10  inbound fee: base and millionths, in two's complement of 32 bits
//    4  fee base, in millisatoshi            12  least HTLC, in millisatoshi
//    6  fee, in millionths                   14  greatest HTLC, where there is a limit
//                                            16  there, without bytes, where nothing is forwarded

extension ForwardingPolicy: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        let delta: UInt16 = try record.requireNumber(2)
        let base: UInt32 = try record.requireNumber(4)
        let proportional: UInt32 = try record.requireNumber(6)
        let inboundBase: UInt32 = try record.takeNumber(8) ?? 0
        let inboundProportional: UInt32 = try record.takeNumber(10) ?? 0
        self.init(
            relay: PaymentRelay(
                cltvExpiryDelta: delta, feeProportionalMillionths: proportional, feeBase: base),
            inboundFee: InboundFee(
                base: Int32(bitPattern: inboundBase),
                proportionalMillionths: Int32(bitPattern: inboundProportional)),
            htlcMinimum: try record.requireMilliSatoshi(12),
            htlcMaximum: try record.takeMilliSatoshi(14), isEnabled: try !record.takeFlag(16))
    }

    public func write(to record: inout RecordWriter) {
        record.put(2, integer: UInt64(relay.cltvExpiryDelta))
        record.put(4, integer: UInt64(relay.feeBase))
        record.put(6, integer: UInt64(relay.feeProportionalMillionths))
        record.put(8, integer: UInt64(UInt32(bitPattern: inboundFee.base)), unless: 0)
        record.put(
            10, integer: UInt64(UInt32(bitPattern: inboundFee.proportionalMillionths)), unless: 0)
        record.put(12, htlcMinimum)
        record.put(14, htlcMaximum)
        record.put(16, flag: !isEnabled)
    }
}

// Stored record `channelPolicy` at the empty key:
//    2  the terms of channels that have none of their own
//    4  what the configuration said when they were set

/// The terms that were set at run time for channels without any of their own.
struct CommonPolicy: Hashable, Sendable {
    var policy: ForwardingPolicy
    /// What the configuration said then: once it says something else, that is newer.
    var configured: ForwardingPolicy
}

extension CommonPolicy: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        policy = try ForwardingPolicy(record: try record.requireBytes(2))
        configured = try ForwardingPolicy(record: try record.requireBytes(4))
    }

    func write(to record: inout RecordWriter) {
        record.put(2, policy.record)
        record.put(4, configured.record)
    }
}
