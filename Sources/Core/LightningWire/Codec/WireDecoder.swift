import Bitcoin

/// Reads fields from bytes.
public struct WireDecoder: FieldCoder {
    private let bytes: [UInt8]
    private let context: StaticString
    private var position = 0

    /// Starts at `position`; `context` names the message or stream in errors.
    public init(_ bytes: [UInt8], from position: Int = 0, context: StaticString) {
        self.bytes = bytes
        self.position = position
        self.context = context
    }

    /// The number of bytes not read yet.
    public var remaining: Int { bytes.count - position }

    @inline(__always)
    private mutating func read<T>(
        _ name: StaticString, _ body: (inout ByteReader) throws(DecodeError) -> T
    ) throws(WireError) -> T {
        var reader = ByteReader(bytes.span.bytes.extracting(droppingFirst: position))
        do throws(DecodeError) {
            let value = try body(&reader)
            position += reader.position
            return value
        } catch {
            throw .malformedField(message: "\(context)", field: "\(name)", reason: error)
        }
    }

    public mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in try V(fromWire: &reader) }
    }

    public mutating func signed(_ name: StaticString, _ value: inout Satoshi) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in
            let number: Int64 = try reader.readBigEndian()
            let limit = UInt64(Satoshi.maximumMoney.value)
            guard number.magnitude <= limit else {
                throw .limitExceeded(field: "satoshi", value: number.magnitude, limit: limit)
            }
            return Satoshi(number)
        }
    }

    public mutating func truncated<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in
            let count = reader.remaining
            let limit = MemoryLayout<V>.size
            guard count <= limit else {
                throw .limitExceeded(
                    field: "\(name)", value: UInt64(count), limit: UInt64(limit))
            }
            var number: V = 0
            for index in 0..<count {
                let byte = try reader.readByte()
                guard index > 0 || byte != 0 else {
                    throw .nonCanonicalLength(value: UInt64(count))
                }
                number = number << 8 | V(byte)
            }
            return number
        }
    }

    public mutating func bigSize(_ name: StaticString, _ value: inout UInt64) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in try reader.readBigSize() }
    }

    public mutating func bytes(
        _ name: StaticString, count: Int, _ value: inout [UInt8]
    ) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in try reader.readBytes(count) }
    }

    public mutating func bytes(
        _ name: StaticString, length: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in
            try reader.readBytes(Int(reader.readBigEndian(UInt16.self)))
        }
    }

    public mutating func remainingBytes(
        _ name: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        value = try read(name) { reader throws(DecodeError) in try reader.readRemainingBytes() }
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: StaticString, _ values: inout [V]
    ) throws(WireError) {
        values = try read(name) { reader throws(DecodeError) in
            let count = Int(try reader.readBigEndian(UInt16.self))
            return try WireDecoder.values(count, from: &reader)
        }
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: Int, _ values: inout [V]
    ) throws(WireError) {
        values = try read(name) { reader throws(DecodeError) in
            try WireDecoder.values(count, from: &reader)
        }
    }

    public mutating func remainingList<V: WireValue>(
        _ name: StaticString, _ values: inout [V]
    ) throws(WireError) {
        values = try read(name) { reader throws(DecodeError) in
            var values: [V] = []
            while !reader.isAtEnd { values.append(try V(fromWire: &reader)) }
            return values
        }
    }

    public mutating func stream<T: TLVStream>(_ value: inout T) throws(WireError) {
        let rest = try read("tlvs") { reader throws(DecodeError) in
            try reader.readRemainingBytes()
        }
        value = try T(decoding: rest)
    }

    // A count may claim more than the message holds: nothing is reserved for it.
    private static func values<V: WireValue>(
        _ count: Int, from reader: inout ByteReader
    ) throws(DecodeError) -> [V] {
        var values: [V] = []
        for _ in 0..<count { values.append(try V(fromWire: &reader)) }
        return values
    }
}
