import Bitcoin
import LightningCommitment
import LightningWire

/// One thing that has happened, as it is stored.
enum OnChainEntry {
    case confirmed(ConfirmedTransaction)
    case fulfillment(UInt64, OnChainFacts.Fulfillment)
    case learned(PaymentPreimage)
    case ended(HTLCName)
    case former(HTLCName, PaymentHash, BlockHeight)
    case upstream(UInt64, BlockHeight)

    /// What the keys of a channel's records start with.
    static func prefix(_ channel: ChannelKeyNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(channel.value)
        return writer.bytes
    }

    /// The key of the entry, in which transactions stand in the order of the chain.
    func key(_ channel: ChannelKeyNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.writeBigEndian(channel.value)
        switch self {
        case .confirmed(let transaction):
            writer.writeByte(0)
            writer.writeBigEndian(transaction.height.value)
            writer.writeBigEndian(transaction.position)
        case .fulfillment(let id, _):
            writer.writeByte(1)
            writer.writeBigEndian(id)
        case .learned(let preimage):
            writer.writeByte(2)
            writer.write(preimage.paymentHash.hash)
        case .ended(let name):
            writer.writeByte(3)
            Self.write(name, to: &writer)
        case .former(let name, _, _):
            writer.writeByte(4)
            Self.write(name, to: &writer)
        case .upstream(let id, _):
            writer.writeByte(5)
            writer.writeBigEndian(id)
        }
        return writer.bytes
    }

    private static func write(_ name: HTLCName, to writer: inout ByteWriter) {
        writer.writeByte(name.direction == .offered ? 0 : 1)
        writer.writeBigEndian(name.id)
    }

    private static func name(_ reader: inout ByteReader) throws(DecodeError) -> HTLCName {
        let direction = try reader.readByte()
        guard direction < 2 else { throw .invalidValue(field: "direction") }
        return HTLCName(direction == 0 ? .offered : .received, try reader.readBigEndian())
    }

    /// A hash and a height.
    private static func value(_ hash: Hash256, _ height: BlockHeight) -> [UInt8] {
        var writer = ByteWriter(capacity: 36)
        writer.write(hash)
        writer.writeBigEndian(height.value)
        return writer.bytes
    }

    private static func value(_ height: BlockHeight) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(height.value)
        return writer.bytes
    }

    private static func parts(
        _ value: [UInt8]
    ) throws(DecodeError) -> (hash: Hash256, height: BlockHeight) {
        var reader = ByteReader(value.span.bytes)
        let hash = try reader.readHash256()
        let height = BlockHeight(try reader.readBigEndian())
        try reader.expectEnd()
        return (hash, height)
    }

    /// The stored value, a single byte where the key says it all.
    var value: [UInt8] {
        switch self {
        case .confirmed(let transaction): transaction.transaction.encoded
        case .fulfillment(_, let fulfillment):
            Self.value(fulfillment.preimage.hash, fulfillment.height)
        case .learned(let preimage): preimage.hash.bytes
        case .ended: [1]
        case .former(_, let hash, let expiry): Self.value(hash.hash, expiry)
        case .upstream(_, let expiry): Self.value(expiry)
        }
    }

    init(key: [UInt8], value: [UInt8]) throws(RecordError) {
        do throws(DecodeError) {
            var reader = ByteReader(key.span.bytes)
            _ = try reader.readBytes(4)
            switch try reader.readByte() {
            case 0:
                let height = BlockHeight(try reader.readBigEndian())
                self = .confirmed(
                    ConfirmedTransaction(
                        try Transaction(decoding: value), height: height,
                        position: try reader.readBigEndian()))
            case 1:
                let (preimage, height) = try Self.parts(value)
                self = .fulfillment(
                    try reader.readBigEndian(),
                    OnChainFacts.Fulfillment(
                        preimage: PaymentPreimage(preimage), height: height))
            case 2:
                _ = try reader.readHash256()
                self = .learned(PaymentPreimage(try Hash256(value)))
            case 3: self = .ended(try Self.name(&reader))
            case 4:
                let (hash, expiry) = try Self.parts(value)
                self = .former(try Self.name(&reader), PaymentHash(hash), expiry)
            case 5:
                var expiry = ByteReader(value.span.bytes)
                self = .upstream(
                    try reader.readBigEndian(), BlockHeight(try expiry.readBigEndian()))
                try expiry.expectEnd()
            default: throw .invalidValue(field: "kind of entry")
            }
            try reader.expectEnd()
        } catch {
            throw .malformed(error)
        }
    }
}
