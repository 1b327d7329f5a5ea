import Bitcoin
import LightningCommitment

/// The form in which the outputs of closed channels are stored.
extension ClosedOutput: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        outPoint = try OutPoint(from: &reader)
        guard let amount = Int64(exactly: try reader.readBigSize()) else {
            throw .invalidValue(field: "amount")
        }
        self.amount = Satoshi(amount)
        purpose = try OutputPurpose(from: &reader)
        switch try reader.readByte() {
        case 0: (end, spender) = (.left, nil)
        case 1: (end, spender) = (.taken, try TransactionID(from: &reader))
        case 2: (end, spender) = (.secondStage, try TransactionID(from: &reader))
        case 3: (end, spender) = (.lost, try TransactionID(from: &reader))
        default: throw .invalidValue(field: "end")
        }
    }

    public func write(to writer: inout ByteWriter) {
        outPoint.write(to: &writer)
        writer.writeBigSize(UInt64(clamping: amount.value))
        purpose.write(to: &writer)
        let tag: UInt8 =
            switch end {
            case .left: 0
            case .taken: 1
            case .secondStage: 2
            case .lost: 3
            }
        writer.writeByte(tag)
        if end != .left { spender?.write(to: &writer) }
    }
}

extension OutputPurpose: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        switch try reader.readByte() {
        case 0: self = .balance
        case 1: self = .forfeitedBalance
        case 2: self = .anchor
        case 3: self = .peersAnchor
        case 4: self = .htlc(HTLCName(.offered, try reader.readBigSize()))
        case 5: self = .htlc(HTLCName(.received, try reader.readBigSize()))
        case 6: self = .secondStage(nil)
        case 7: self = .secondStage(HTLCName(.offered, try reader.readBigSize()))
        case 8: self = .secondStage(HTLCName(.received, try reader.readBigSize()))
        case 9: self = .unidentified
        default: throw .invalidValue(field: "purpose")
        }
    }

    public func write(to writer: inout ByteWriter) {
        let (tag, id): (UInt8, UInt64?) =
            switch self {
            case .balance: (0, nil)
            case .forfeitedBalance: (1, nil)
            case .anchor: (2, nil)
            case .peersAnchor: (3, nil)
            case .htlc(let name): (name.direction == .offered ? 4 : 5, name.id)
            case .secondStage(nil): (6, nil)
            case .secondStage(let name?): (name.direction == .offered ? 7 : 8, name.id)
            case .unidentified: (9, nil)
            }
        writer.writeByte(tag)
        if let id { writer.writeBigSize(id) }
    }
}
