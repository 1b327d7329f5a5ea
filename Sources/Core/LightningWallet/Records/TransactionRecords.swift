import Bitcoin
import LightningWire

extension WalletTransaction: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        transaction = try record.require(0)
        id = transaction.id
        status = try record.require(2)
        let flags = try record.requireInteger(4)
        guard flags <= 7 else { throw .invalidField(type: 4) }
        isPublishedHere = flags & 1 != 0
        wasAccepted = flags & 2 != 0
        hasCaretaker = flags & 4 != 0
        seenAt = try record.requireInteger(6)
        credits = try record.require(8, as: RecordList<Credit>.self).elements
        debits = try record.require(10, as: RecordList<Debit>.self).elements
        let outputs = UInt32(transaction.outputs.count)
        guard credits.allSatisfy({ $0.index < outputs }) else { throw .invalidField(type: 8) }
        let inputs = UInt32(transaction.inputs.count)
        guard debits.allSatisfy({ $0.index < inputs }) else { throw .invalidField(type: 10) }
    }

    public func write(to record: inout RecordWriter) {
        record.put(0, transaction)
        record.put(2, status)
        record.put(
            4,
            integer: (isPublishedHere ? 1 : 0) | (wasAccepted ? 2 : 0) | (hasCaretaker ? 4 : 0))
        record.put(6, integer: seenAt)
        record.put(8, RecordList(elements: credits))
        record.put(10, RecordList(elements: debits))
    }
}

/// Values one after the other, as many as fill a field.
struct RecordList<Element: BinaryCodable>: BinaryCodable {
    var elements: [Element]

    init(elements: [Element]) { self.elements = elements }

    init(from reader: inout ByteReader) throws(DecodeError) {
        elements = []
        while !reader.isAtEnd { elements.append(try Element(from: &reader)) }
    }

    func write(to writer: inout ByteWriter) {
        for element in elements { element.write(to: &writer) }
    }
}

extension WalletTransaction.Credit: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        index = try reader.readBigEndian()
        path = try WalletKeyPath(from: &reader)
        let flag = try reader.readByte()
        guard flag <= 1 else { throw .invalidValue(field: "spent for good") }
        isSpentForGood = flag == 1
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(index)
        path.write(to: &writer)
        writer.writeByte(isSpentForGood ? 1 : 0)
    }
}

extension WalletTransaction.Debit: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        index = try reader.readBigEndian()
        output = try TransactionOutput(from: &reader)
        path = try WalletKeyPath(from: &reader)
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(index)
        output.write(to: &writer)
        path.write(to: &writer)
    }
}

extension TransactionStatus: BinaryCodable {
    private enum Tag: UInt8 {
        case confirmed = 0
        case unconfirmed, replaced, conflicted, evicted, rejected, abandoned, unmined
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        guard let tag = Tag(rawValue: try reader.readByte()) else {
            throw .invalidValue(field: "status")
        }
        switch tag {
        case .confirmed:
            self = .confirmed(
                Confirmation(
                    block: try BlockReference(from: &reader), position: try reader.readBigEndian(),
                    time: try reader.readBigEndian()))
            return
        case .unconfirmed:
            self = .unconfirmed
            return
        case .replaced, .conflicted, .evicted, .rejected, .abandoned, .unmined: break
        }
        let height = BlockHeight(try reader.readBigEndian())
        let reason: Inactivity
        switch tag {
        case .replaced: reason = .replaced(by: try TransactionID(from: &reader))
        case .conflicted:
            reason = .conflicted(
                with: try TransactionID(from: &reader), block: try BlockReference(from: &reader))
        case .evicted: reason = .evicted
        case .rejected: reason = .rejected
        case .abandoned: reason = .abandoned
        case .confirmed, .unconfirmed, .unmined: reason = .unmined
        }
        self = .inactive(reason, since: height)
    }

    public func write(to writer: inout ByteWriter) {
        switch self {
        case .confirmed(let confirmation):
            writer.writeByte(Tag.confirmed.rawValue)
            confirmation.block.write(to: &writer)
            writer.writeBigEndian(confirmation.position)
            writer.writeBigEndian(confirmation.time)
        case .unconfirmed:
            writer.writeByte(Tag.unconfirmed.rawValue)
        case .inactive(let reason, let height):
            writer.writeByte(Self.tag(of: reason).rawValue)
            writer.writeBigEndian(height.value)
            switch reason {
            case .replaced(let rival): rival.write(to: &writer)
            case .conflicted(let rival, let block):
                rival.write(to: &writer)
                block.write(to: &writer)
            case .evicted, .rejected, .abandoned, .unmined: break
            }
        }
    }

    private static func tag(of reason: Inactivity) -> Tag {
        switch reason {
        case .replaced: .replaced
        case .conflicted: .conflicted
        case .evicted: .evicted
        case .rejected: .rejected
        case .abandoned: .abandoned
        case .unmined: .unmined
        }
    }
}
