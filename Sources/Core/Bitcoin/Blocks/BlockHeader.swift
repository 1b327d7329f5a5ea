/// The 80 bytes whose hash identifies a block and proves the work for it.
public struct BlockHeader: Hashable, Sendable {
    /// The version, whose bits signal readiness for soft forks (BIP 9).
    public var version: Int32
    /// The block before this one.
    public var previousBlock: BlockHash
    /// The root of the tree of transaction identifiers.
    public var merkleRoot: Hash256
    /// Seconds since 1970, as the miner claims.
    public var time: UInt32
    /// The target of the proof of work in compact form.
    public var bits: UInt32
    /// What a miner varies to find the proof of work.
    public var nonce: UInt32

    /// A header of these parts, mined or not.
    public init(
        version: Int32, previousBlock: BlockHash, merkleRoot: Hash256, time: UInt32,
        bits: UInt32, nonce: UInt32
    ) {
        self.version = version
        self.previousBlock = previousBlock
        self.merkleRoot = merkleRoot
        self.time = time
        self.bits = bits
        self.nonce = nonce
    }

    /// The double hash of the 80 bytes. Computed at each call.
    public var hash: BlockHash { BlockHash(SHA256.doubleHash(encoded)) }
}

extension BlockHeader: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        version = try reader.readLittleEndian()
        previousBlock = try BlockHash(from: &reader)
        merkleRoot = try reader.readHash256()
        time = try reader.readLittleEndian()
        bits = try reader.readLittleEndian()
        nonce = try reader.readLittleEndian()
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeLittleEndian(version)
        previousBlock.write(to: &writer)
        writer.write(merkleRoot)
        writer.writeLittleEndian(time)
        writer.writeLittleEndian(bits)
        writer.writeLittleEndian(nonce)
    }
}
