/// A basic block filter (BIP 158): tells which scripts a block surely does not touch, in a fraction of the block's size.
///
/// It holds the scripts of all outputs that the block makes and spends. About one in 784,931 other scripts matches by
/// accident.
public struct BlockFilter: Hashable, Sendable {
    /// The block that the filter is of.
    public let blockHash: BlockHash
    /// The number of different scripts.
    public let count: Int
    /// The encoding: the count and the coded numbers.
    public let bytes: [UInt8]

    private static let remainderBits = 19
    private static let falsePositiveRate: UInt64 = 784_931

    /// Builds the filter of `block`; `spent` are the scripts of the outputs that its inputs spend, in any order.
    public init(_ block: Block, spent: [Script]) {
        blockHash = block.hash
        let made = block.transactions.lazy.flatMap(\.outputs).map(\.scriptPubKey)
            .filter { $0.bytes.first != Opcode.return.rawValue }
        let scripts = Set(made).union(spent).filter { !$0.isEmpty }
        count = scripts.count
        var writer = ByteWriter(capacity: count * 3 + 3)
        writer.writeCompactSize(count)
        var coder = GolombRiceWriter(after: writer.bytes)
        var last: UInt64 = 0
        for value in BlockFilter.values(of: scripts, blockHash: blockHash, count: count) {
            coder.write(value - last, parameter: BlockFilter.remainderBits)
            last = value
        }
        bytes = coder.bytes
    }

    /// Decodes the filter of the block `blockHash` and checks that it is whole.
    public init(decoding bytes: [UInt8], blockHash: BlockHash) throws(DecodeError) {
        self.blockHash = blockHash
        self.bytes = bytes
        var reader = ByteReader(bytes.span.bytes)
        count = try reader.readCompactSize(field: "filter entries")
        var decoder = GolombRiceReader(bytes, from: reader.position)
        for _ in 0..<count {
            guard decoder.read(parameter: BlockFilter.remainderBits) != nil else {
                throw .truncated(needed: bytes.count + 1, available: bytes.count)
            }
        }
        guard decoder.isAtEnd else { throw .invalidValue(field: "filter padding") }
    }

    /// Whether the block may touch one of `scripts`; false is certain.
    public func mayContain(anyOf scripts: some Sequence<Script>) -> Bool {
        guard count > 0 else { return false }
        let wanted = BlockFilter.values(of: scripts, blockHash: blockHash, count: count)
        var decoder = GolombRiceReader(bytes, from: ByteWriter.compactSizeLength(count))
        var (value, index): (UInt64, Int) = (0, 0)
        for _ in 0..<count {
            guard let step = decoder.read(parameter: BlockFilter.remainderBits) else { return true }
            value &+= step
            while index < wanted.count, wanted[index] < value { index += 1 }
            guard index < wanted.count else { return false }
            if wanted[index] == value { return true }
        }
        return false
    }

    /// The double hash of the encoding.
    public var hash: Hash256 { SHA256.doubleHash(bytes) }

    /// The header that commits to this filter and, by that of the block before, to all earlier ones (BIP 157).
    ///
    /// `previous` is zero for the genesis block.
    public func header(after previous: Hash256) -> Hash256 {
        SHA256.doubleHash(hash.bytes + previous.bytes)
    }

    /// The scripts as sorted numbers below `count` times the rate of false matches.
    private static func values(
        of scripts: some Sequence<Script>, blockHash: BlockHash, count: Int
    ) -> [UInt64] {
        let key = blockHash.hash.withUnsafeBytes { bytes in
            (
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        let hasher = SipHash(key: key.0, key.1)
        let range = UInt64(count) * falsePositiveRate
        return scripts.map { hasher.hash($0.bytes).multipliedFullWidth(by: range).high }.sorted()
    }
}
