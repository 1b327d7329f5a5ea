import Bitcoin
import LightningCrypto
import LightningWire

extension RouteHop: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        node = try NodeID(fromWire: &reader)
        channel = try ShortChannelID(fromWire: &reader)
        amount = MilliSatoshi(try reader.readBigSize())
        let expiry: UInt32 = try reader.readBigEndian()
        cltvExpiry = BlockHeight(expiry)
    }

    public func write(to writer: inout ByteWriter) {
        node.write(toWire: &writer)
        channel.write(toWire: &writer)
        writer.writeBigSize(amount.value)
        writer.writeBigEndian(cltvExpiry.value)
    }
}

extension PaymentFailure: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        switch try reader.readByte() {
        case 1: self = .rejected(FailureCode(rawValue: try reader.readBigEndian()))
        case 2: self = .routesFailed(try FailedRoute(from: &reader))
        case 4: self = .timedOut
        case 5: self = .cancelled
        case 6: self = .feeAboveLimit(least: MilliSatoshi(try reader.readBigSize()))
        case 7: self = .insufficientBalance(available: MilliSatoshi(try reader.readBigSize()))
        default: self = .noRoute
        }
    }

    public func write(to writer: inout ByteWriter) {
        switch self {
        case .rejected(let code):
            writer.writeByte(1)
            writer.writeBigEndian(code.rawValue)
        case .routesFailed(let route):
            writer.writeByte(2)
            route.write(to: &writer)
        case .noRoute: writer.writeByte(3)
        case .timedOut: writer.writeByte(4)
        case .cancelled: writer.writeByte(5)
        case .feeAboveLimit(let least):
            writer.writeByte(6)
            writer.writeBigSize(least.value)
        case .insufficientBalance(let available):
            writer.writeByte(7)
            writer.writeBigSize(available.value)
        }
    }
}

extension PaymentFailure.FailedRoute: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        // No failure has the code 0, no route 255 hops, and no channel the id 0.
        let code: UInt16 = try reader.readBigEndian()
        let hop = try reader.readByte()
        let channel = try ShortChannelID(fromWire: &reader)
        self.code = code == 0 ? nil : FailureCode(rawValue: code)
        self.hop = hop == 255 ? nil : Int(hop)
        self.channel = channel == .zero ? nil : channel
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(code?.rawValue ?? 0)
        writer.writeByte(hop.map { UInt8(clamping: $0) } ?? 255)
        (channel ?? .zero).write(toWire: &writer)
    }
}

/// A record of an application, with type and length before it.
struct StoredTLVRecord: BinaryCodable {
    let record: TLVRecord

    init(record: TLVRecord) { self.record = record }

    init(from reader: inout ByteReader) throws(DecodeError) {
        let type = try reader.readBigSize()
        let length = try reader.readBigSize()
        guard let count = Int(exactly: length) else {
            throw .truncated(needed: .max, available: reader.remaining)
        }
        record = TLVRecord(type: type, value: try reader.readBytes(count))
    }

    func write(to writer: inout ByteWriter) {
        writer.writeBigSize(record.type)
        writer.writeBigSize(UInt64(record.value.count))
        writer.write(record.value)
    }
}

/// A path as it stands in messages.
struct StoredBlindedPath: BinaryCodable {
    let path: BlindedPath

    init(path: BlindedPath) { self.path = path }

    init(from reader: inout ByteReader) throws(DecodeError) {
        path = try BlindedPath(fromWire: &reader)
    }

    func write(to writer: inout ByteWriter) { path.write(toWire: &writer) }
}
