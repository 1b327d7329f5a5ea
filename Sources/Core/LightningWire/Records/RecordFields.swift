import Bitcoin

/// Fields of the kinds that records of several areas have.
extension RecordReader {
    /// Takes a hash, or nil where the record does not have it.
    public mutating func takeHash(_ type: UInt64) throws(RecordError) -> Hash256? {
        guard let bytes = try takeBytes(type) else { return nil }
        do throws(DecodeError) {
            return try Hash256(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    /// Takes a hash, which must be there.
    public mutating func requireHash(_ type: UInt64) throws(RecordError) -> Hash256 {
        guard let hash = try takeHash(type) else { throw .missingField(type: type) }
        return hash
    }

    /// Takes a point of the curve, or nil where the record does not have it.
    public mutating func takePoint(_ type: UInt64) throws(RecordError) -> PublicKey? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let point = try? PublicKey(compressed: bytes) else {
            throw .invalidField(type: type)
        }
        return point
    }

    /// Takes a point of the curve, which must be there.
    public mutating func requirePoint(_ type: UInt64) throws(RecordError) -> PublicKey {
        guard let point = try takePoint(type) else { throw .missingField(type: type) }
        return point
    }

    /// Takes the name of a node, or nil where the record does not have it.
    public mutating func takeNodeID(_ type: UInt64) throws(RecordError) -> NodeID? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let point = try? Point(bytes) else { throw .invalidField(type: type) }
        return NodeID(point)
    }

    /// Takes a flag, which is there, without bytes, where it is set.
    public mutating func takeFlag(_ type: UInt64) throws(RecordError) -> Bool {
        guard let bytes = try takeBytes(type) else { return false }
        guard bytes.isEmpty else { throw .invalidField(type: type) }
        return true
    }

    /// Takes a number that `T` can hold, or nil where the record does not have it.
    public mutating func takeNumber<T: FixedWidthInteger>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T? {
        guard let value = try takeInteger(type) else { return nil }
        guard let number = T(exactly: value) else { throw .invalidField(type: type) }
        return number
    }

    /// Takes a number that `T` can hold, which must be there.
    public mutating func requireNumber<T: FixedWidthInteger>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T {
        guard let number = try takeNumber(type, as: T.self) else {
            throw .missingField(type: type)
        }
        return number
    }

    /// Takes a case of an enum by its number, or nil where the record does not have it.
    public mutating func takeCase<T: RawRepresentable<UInt8>>(
        _ type: UInt64, of: T.Type = T.self
    ) throws(RecordError) -> T? {
        guard let number = try takeNumber(type, as: UInt8.self) else { return nil }
        guard let value = T(rawValue: number) else { throw .invalidField(type: type) }
        return value
    }

    /// Takes a case of an enum by its number, which must be there.
    public mutating func requireCase<T: RawRepresentable<UInt8>>(
        _ type: UInt64, of: T.Type = T.self
    ) throws(RecordError) -> T {
        guard let value = try takeCase(type, of: T.self) else { throw .missingField(type: type) }
        return value
    }

    /// Takes an amount that may exist, which must be there.
    public mutating func requireSatoshi(_ type: UInt64) throws(RecordError) -> Satoshi {
        let amount = Satoshi(try requireNumber(type))
        guard amount <= .maximumMoney else { throw .invalidField(type: type) }
        return amount
    }

    /// Takes an amount, or nil where the record does not have it.
    public mutating func takeMilliSatoshi(_ type: UInt64) throws(RecordError) -> MilliSatoshi? {
        try takeInteger(type).map { MilliSatoshi($0) }
    }

    /// Takes an amount, which must be there.
    public mutating func requireMilliSatoshi(_ type: UInt64) throws(RecordError) -> MilliSatoshi {
        MilliSatoshi(try requireInteger(type))
    }

    /// Takes a text in UTF-8, or nil where the record does not have it.
    public mutating func takeText(_ type: UInt64) throws(RecordError) -> String? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidField(type: type)
        }
        return text
    }

    /// Takes a field of many parts; empty where the record does not have it.
    public mutating func takeList<T: BinaryCodable>(
        _ type: UInt64, of: T.Type = T.self
    ) throws(RecordError) -> [T] {
        guard let bytes = try takeBytes(type) else { return [] }
        var items: [T] = []
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            while !reader.isAtEnd { items.append(try T(from: &reader)) }
        } catch {
            throw .malformed(error)
        }
        return items
    }
}

extension RecordWriter {
    /// Appends a flag where it is set.
    public mutating func put(_ type: UInt64, flag: Bool) { put(type, flag ? [] : nil) }

    /// Appends a point; nil appends nothing.
    public mutating func put(_ type: UInt64, point: PublicKey?) { put(type, point?.compressed) }

    /// Appends an amount, which is not negative.
    public mutating func put(_ type: UInt64, _ amount: Satoshi) {
        put(type, integer: UInt64(amount.value))
    }

    /// Appends an amount; nil appends nothing.
    public mutating func put(_ type: UInt64, _ amount: MilliSatoshi?) {
        put(type, integer: amount?.value)
    }

    /// Appends a number but where it is the usual one, which the reader puts in.
    public mutating func put(_ type: UInt64, integer value: UInt64, unless usual: UInt64) {
        put(type, integer: value == usual ? nil : value)
    }

    /// Appends a field of many parts; none appends nothing.
    public mutating func put(_ type: UInt64, list: [some BinaryCodable]) {
        guard !list.isEmpty else { return }
        var writer = ByteWriter()
        for item in list { item.write(to: &writer) }
        put(type, writer.bytes)
    }
}
