import Bitcoin
import LightningWire

/// The stored form of ``ChainPosition``, without the hashes of blocks, which have records of their own.
struct ChainPositionRecord: RecordCodable {
    var birthday: BlockHeight
    var next: BlockHeight
    var buriedThrough: BlockHeight
    var rescanNext: BlockHeight?

    init(_ position: ChainPosition, buriedThrough: BlockHeight) {
        birthday = position.birthday
        next = position.next
        self.buriedThrough = buriedThrough
        rescanNext = position.rescanNext
    }

    init(from record: inout RecordReader) throws(RecordError) {
        birthday = BlockHeight(try record.requireNumber(0))
        next = BlockHeight(try record.requireNumber(2))
        buriedThrough = BlockHeight(try record.requireNumber(4))
        rescanNext = try record.takeNumber(6).map { BlockHeight($0) }
        guard next >= birthday else { throw .invalidField(type: 2) }
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: UInt64(birthday.value))
        record.put(2, integer: UInt64(next.value))
        record.put(4, integer: UInt64(buriedThrough.value))
        record.put(6, integer: rescanNext.map { UInt64($0.value) })
    }
}

/// The keys of ``RecordTable/walletChain``.
enum ChainKey {
    /// The position.
    static let position: [UInt8] = [0]

    /// The hash of the block at `height`.
    static func block(_ height: BlockHeight) -> [UInt8] {
        var writer = ByteWriter(capacity: 5)
        writer.writeByte(1)
        writer.writeBigEndian(height.value)
        return writer.bytes
    }
}

/// The stored form of a block that the wallet has processed.
struct ProcessedBlockRecord: RecordCodable {
    let block: BlockReference

    init(_ block: BlockReference) { self.block = block }

    init(from record: inout RecordReader) throws(RecordError) {
        block = try record.require(0)
    }

    func write(to record: inout RecordWriter) { record.put(0, block) }
}

extension Wallet {
    var chainPositionWrite: RecordWrite {
        let record = ChainPositionRecord(position, buriedThrough: graph.buriedThrough)
        return RecordWrite(.walletChain, key: ChainKey.position, value: record.record)
    }

    func blockWrite(_ block: BlockReference) -> RecordWrite {
        RecordWrite(
            .walletChain, key: ChainKey.block(block.height),
            value: ProcessedBlockRecord(block).record)
    }

    func blockRemoval(_ height: BlockHeight) -> RecordWrite {
        RecordWrite(.walletChain, key: ChainKey.block(height), value: nil)
    }
}
