import Bitcoin

/// A value of one of the fundamental types of BOLT 1, with one encoding.
public protocol WireValue: Hashable, Sendable {
    /// The name that the specification's tables have for the type, such as `u16`.
    static var wireName: StaticString { get }

    /// A value to start decoding from, which decoding always replaces.
    static var blank: Self { get }

    /// Reads one value and leaves the reader behind it.
    init(fromWire reader: inout ByteReader) throws(DecodeError)

    /// Appends the encoding.
    func write(toWire writer: inout ByteWriter)
}

extension UInt8: WireValue {
    public static var wireName: StaticString { "byte" }
    public static var blank: UInt8 { 0 }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self = try reader.readByte()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeByte(self) }
}

extension UInt16: WireValue {
    public static var wireName: StaticString { "u16" }
    public static var blank: UInt16 { 0 }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self = try reader.readBigEndian()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(self) }
}

extension UInt32: WireValue {
    public static var wireName: StaticString { "u32" }
    public static var blank: UInt32 { 0 }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self = try reader.readBigEndian()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(self) }
}

extension UInt64: WireValue {
    public static var wireName: StaticString { "u64" }
    public static var blank: UInt64 { 0 }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self = try reader.readBigEndian()
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(self) }
}

extension Hash256: WireValue {
    public static var wireName: StaticString { "sha256" }
    public static var blank: Hash256 { .zero }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self = try reader.readHash256()
    }

    public func write(toWire writer: inout ByteWriter) { writer.write(self) }
}

extension TransactionID: WireValue {
    public static var wireName: StaticString { "sha256" }
    public static var blank: TransactionID { TransactionID(.zero) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readHash256())
    }

    public func write(toWire writer: inout ByteWriter) { writer.write(hash) }
}

/// The chain that a message speaks of: the hash of its genesis block (BOLT 0).
extension BlockHash: WireValue {
    public static var wireName: StaticString { "chain_hash" }
    public static var blank: BlockHash { BlockHash(.zero) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readHash256())
    }

    public func write(toWire writer: inout ByteWriter) { writer.write(hash) }
}

/// An amount that may not be negative. BOLT 1: "satoshi amounts MUST be at most `0x000775f05a074000`".
extension Satoshi: WireValue {
    public static var wireName: StaticString { "u64" }
    public static var blank: Satoshi { .zero }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        let raw: UInt64 = try reader.readBigEndian()
        guard let value = Int64(exactly: raw), value <= Satoshi.maximumMoney.value else {
            throw .limitExceeded(
                field: "satoshi", value: raw, limit: UInt64(Satoshi.maximumMoney.value))
        }
        self.init(value)
    }

    public func write(toWire writer: inout ByteWriter) {
        writer.writeBigEndian(UInt64(bitPattern: value))
    }
}

extension FeeratePerKw: WireValue {
    public static var wireName: StaticString { "u32" }
    public static var blank: FeeratePerKw { FeeratePerKw(0) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}

extension BlockHeight: WireValue {
    public static var wireName: StaticString { "u32" }
    public static var blank: BlockHeight { BlockHeight(0) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}

extension LockTime: WireValue {
    public static var wireName: StaticString { "u32" }
    public static var blank: LockTime { .none }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}

extension InputSequence: WireValue {
    public static var wireName: StaticString { "u32" }
    public static var blank: InputSequence { InputSequence(0) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readBigEndian())
    }

    public func write(toWire writer: inout ByteWriter) { writer.writeBigEndian(value) }
}
