import Bitcoin

/// The place of a funding output in the chain: block, transaction in it, output of it (BOLT 7).
public struct ShortChannelID: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Three bytes of height, three of the transaction's index, two of the output's.
    public let value: UInt64

    /// The id whose eight bytes are `value`.
    @inlinable public init(_ value: UInt64) { self.value = value }

    /// The id of an output; nil where height or index exceed 24 bits.
    public init?(height: BlockHeight, transactionIndex: UInt32, outputIndex: UInt16) {
        guard height.value < 1 << 24, transactionIndex < 1 << 24 else { return nil }
        value =
            UInt64(height.value) << 40 | UInt64(transactionIndex) << 16 | UInt64(outputIndex)
    }

    public static let zero = ShortChannelID(0)

    /// The height of the block with the funding transaction.
    public var height: BlockHeight { BlockHeight(UInt32(value >> 40)) }

    /// The index of the funding transaction in its block.
    public var transactionIndex: UInt32 { UInt32(value >> 16 & 0xff_ffff) }

    /// The index of the output in the funding transaction.
    public var outputIndex: UInt16 { UInt16(value & 0xffff) }

    @inlinable public static func < (left: ShortChannelID, right: ShortChannelID) -> Bool {
        left.value < right.value
    }
}

extension ShortChannelID: LosslessStringConvertible {
    /// Parses `539268x845x1`.
    public init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 3, let height = UInt32(parts[0]), let index = UInt32(parts[1]),
            let output = UInt16(parts[2])
        else { return nil }
        self.init(height: BlockHeight(height), transactionIndex: index, outputIndex: output)
    }

    /// Height, transaction and output with `x` between them (BOLT 7).
    public var description: String { "\(height)x\(transactionIndex)x\(outputIndex)" }
}

extension ShortChannelID: WireValue {
    public static var wireName: StaticString { "short_channel_id" }
    public static var blank: ShortChannelID { .zero }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}
