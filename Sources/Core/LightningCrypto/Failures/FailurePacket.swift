import Bitcoin
import LightningWire

/// The packet in which a failure travels back to the origin, encrypted by each hop (BOLT 4, "Returning Errors").
///
/// The bytes are the `reason` of `update_fail_htlc`.
public enum FailurePacket {
    /// BOLT 4: "MUST set `pad` such that the `failure_len` plus `pad_len` is at least 256."
    public static let paddedLength = 256
    /// Code, length of the message and length of the padding.
    static let overhead = 32 + 2 + 2
    /// The longest message whose packet fits `update_fail_htlc` beside attribution data.
    public static let maximumMessageLength =
        MessageSender.maximumMessageSize - (2 + 32 + 8 + 2) - overhead
        - (4 + AttributionBlock.length)

    /// The packet of the erring node before it is encrypted.
    ///
    /// A message of more than ``maximumMessageLength`` bytes is a mistake of the caller.
    static func plain(
        _ message: FailureMessage, secret: OnionSharedSecret, paddedLength: Int
    ) -> [UInt8] {
        let bytes = message.encoded
        precondition(
            max(bytes.count, paddedLength) <= maximumMessageLength, "a failure fits its packet")
        let padding = max(0, paddedLength - bytes.count)
        var writer = ByteWriter(capacity: overhead + bytes.count + padding)
        writer.writeBigEndian(UInt16(bytes.count))
        writer.write(bytes)
        writer.writeBigEndian(UInt16(padding))
        writer.write(repeatElement(0, count: padding))
        var code = HMACState(key: OnionKey.um(secret.hash))
        code.update(writer.bytes)
        return code.finalize().bytes + writer.bytes
    }

    /// The message in a packet whose code was found right.
    static func message(_ plain: [UInt8]) throws(DecodeError) -> FailureMessage {
        var reader = ByteReader(plain.span.bytes)
        try reader.skip(32)
        return try FailureMessage(
            decoding: reader.readBytes(Int(reader.readBigEndian(UInt16.self))))
    }
}

/// A failure on its way back, and who held the HTLC for how long.
public struct ReturnedFailure: Hashable, Sendable {
    /// The `reason` of `update_fail_htlc`.
    public var reason: [UInt8]
    /// The record of `update_fail_htlc`; nil where a node on the way does not support it.
    public var attribution: AttributionData?

    /// What came in `update_fail_htlc`.
    public init(reason: [UInt8], attribution: AttributionData? = nil) {
        self.reason = reason
        self.attribution = attribution
    }

    /// The failure of this node itself.
    ///
    /// `holdTime` is how long it held the HTLC in units of 100 ms; nil leaves the attribution out, as inside blinded
    /// paths or where the peer does not support it. `paddedLength` is the least number of bytes of message and padding.
    public static func create(
        _ message: FailureMessage, secret: OnionSharedSecret, holdTime: UInt32?,
        paddedLength: Int = FailurePacket.paddedLength
    ) -> ReturnedFailure {
        let plain = FailurePacket.plain(message, secret: secret, paddedLength: paddedLength)
        return encrypt(plain, AttributionBlock(), secret: secret, holdTime: holdTime)
    }

    /// The failure of a node further on, encrypted by this one.
    ///
    /// `holdTime` as in ``create(_:secret:holdTime:paddedLength:)``.
    public func forwarded(secret: OnionSharedSecret, holdTime: UInt32?) -> ReturnedFailure {
        // BOLT 4: "MUST instantiate an all-zeroes `attribution_data` block"
        let block = attribution.map { AttributionBlock($0).shiftedForNextHop() }
        return Self.encrypt(
            reason, block ?? AttributionBlock(), secret: secret, holdTime: holdTime)
    }

    private static func encrypt(
        _ packet: [UInt8], _ block: AttributionBlock, secret: OnionSharedSecret, holdTime: UInt32?
    ) -> ReturnedFailure {
        var block = block
        if let holdTime { block.add(holdTime: holdTime, covering: packet, secret: secret) }
        var packet = packet
        ChaCha20Stream.apply(OnionKey.ammag(secret.hash), to: &packet)
        return ReturnedFailure(
            reason: packet, attribution: holdTime == nil ? nil : block.attributionData)
    }
}

extension AttributionData {
    /// The record that a node puts into `update_fulfill_htlc` (BOLT 4, "Hold times for successful payments").
    ///
    /// `downstream` is the record that came from the next node; nil where this node is the receiver, or where that one
    /// sent none. `holdTime` is in units of 100 ms.
    public static func fulfilled(
        downstream: AttributionData?, secret: OnionSharedSecret, holdTime: UInt32
    ) -> AttributionData {
        var block =
            downstream.map { AttributionBlock($0).shiftedForNextHop() } ?? AttributionBlock()
        block.add(holdTime: holdTime, covering: [], secret: secret)
        return block.attributionData
    }

    /// How long each hop held an HTLC that was fulfilled, first hop first, in units of 100 ms: as far as the record can
    /// be trusted.
    public func holdTimes(sharedSecrets: [OnionSharedSecret]) -> [UInt32] {
        var block = AttributionBlock(self)
        var holdTimes: [UInt32] = []
        let count = min(sharedSecrets.count, AttributionBlock.maximumHops)
        for (index, secret) in sharedSecrets.prefix(count).enumerated() {
            block.applyStream(secret: secret)
            guard block.isAuthentic(distance: count - 1 - index, covering: [], secret: secret)
            else {
                break
            }
            holdTimes.append(block.holdTime)
            block.shiftBack()
        }
        return holdTimes
    }
}
