import Bitcoin

/// A block by its height and hash.
public struct BlockReference: Hashable, Sendable {
    /// The height of the block.
    public let height: BlockHeight
    /// The hash of the block's header.
    public let hash: BlockHash

    /// Names the block `hash` at `height`.
    public init(height: BlockHeight, hash: BlockHash) {
        self.height = height
        self.hash = hash
    }
}

extension BlockReference: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        height = BlockHeight(try reader.readBigEndian())
        hash = try BlockHash(from: &reader)
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(height.value)
        hash.write(to: &writer)
    }
}
