import Bitcoin
import LightningCommitment
import LightningWire

/// The keys of a channel's records. Each starts with the number of the channel's keys, so that those of one channel stand
/// together.
public enum ChannelRecordKey {
    /// What the keys of all records of a channel start with.
    public static func prefix(_ channel: ChannelKeyNumber) -> [UInt8] {
        bytes(channel.value)
    }

    /// The record of the points of one side's commitments, beside that of the channel's numbers.
    static func points(of party: Party, _ channel: ChannelKeyNumber) -> [UInt8] {
        prefix(channel) + [party.rawValue]
    }

    /// The record of one of a few things.
    static func at(_ position: Int, _ channel: ChannelKeyNumber) -> [UInt8] {
        prefix(channel) + bytes(UInt16(truncatingIfNeeded: position))
    }

    /// The record of an HTLC: its offerer with the number of bytes that its id takes, and those. So the keys sort by offerer
    /// and id, and are short.
    public static func htlc(_ htlc: HTLCKey, _ channel: ChannelKeyNumber) -> [UInt8] {
        let count = ByteWriter.shortLength(htlc.id)
        var writer = ByteWriter(capacity: 5 + count)
        writer.writeBigEndian(channel.value)
        writer.writeByte(htlc.offerer.rawValue << 4 | UInt8(count))
        writer.writeShort(htlc.id)
        return writer.bytes
    }

    /// What the keys of all HTLCs of `offerer` with ids below `end` start with, in parts of at most 2^16 ids.
    public static func htlcPrefixes(
        of offerer: Party, below end: UInt64, _ channel: ChannelKeyNumber
    ) -> [[UInt8]] {
        guard end > 0 else { return [] }
        let short = (0...2).map { length in
            prefix(channel) + [offerer.rawValue << 4 | UInt8(length)]
        }
        let last = (end - 1) >> 16
        guard last > 0 else { return short }
        let long = (1...last).map { part in
            Array(htlc(HTLCKey(offerer: offerer, id: part << 16), channel).dropLast(2))
        }
        return short + long
    }

    /// The position in a key that ``at(_:_:)`` made.
    static func position(_ key: [UInt8]) throws(RecordError) -> Int {
        guard key.count == 6 else { throw .malformed(.truncated(needed: 6, available: key.count)) }
        return Int(key[4]) << 8 | Int(key[5])
    }

    /// The HTLC in a key that ``htlc(_:_:)`` made.
    static func htlc(_ key: [UInt8]) throws(RecordError) -> HTLCKey {
        guard key.count >= 5, let offerer = Party(rawValue: key[4] >> 4) else {
            throw .malformed(.truncated(needed: 5, available: key.count))
        }
        let id = key[5...]
        guard id.count == key[4] & 0xf, id.count <= 8, id.first != 0 else {
            throw .malformed(.invalidValue(field: "id"))
        }
        return HTLCKey(offerer: offerer, id: id.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private static func bytes(_ value: some FixedWidthInteger & BitwiseCopyable) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.writeBigEndian(value)
        return writer.bytes
    }
}
