import Bitcoin
import LightningWire

/// Fields of the records of payments and invoices.
extension RecordReader {
    mutating func takeHash(_ type: UInt64) throws(RecordError) -> Hash256? {
        guard let bytes = try takeBytes(type) else { return nil }
        do throws(DecodeError) {
            return try Hash256(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    mutating func requireHash(_ type: UInt64) throws(RecordError) -> Hash256 {
        guard let hash = try takeHash(type) else { throw .missingField(type: type) }
        return hash
    }

    mutating func takeAmount(_ type: UInt64) throws(RecordError) -> MilliSatoshi? {
        try takeInteger(type).map { MilliSatoshi($0) }
    }

    mutating func requireAmount(_ type: UInt64) throws(RecordError) -> MilliSatoshi {
        MilliSatoshi(try requireInteger(type))
    }

    mutating func takeNumber<T: FixedWidthInteger>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T? {
        guard let value = try takeInteger(type) else { return nil }
        guard let number = T(exactly: value) else { throw .invalidField(type: type) }
        return number
    }

    mutating func takeNodeID(_ type: UInt64) throws(RecordError) -> NodeID? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let point = try? Point(bytes) else { throw .invalidField(type: type) }
        return NodeID(point)
    }

    mutating func takeText(_ type: UInt64) throws(RecordError) -> String? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidField(type: type)
        }
        return text
    }

    /// Takes a field of many parts; empty where the record does not have it.
    mutating func takeList<T: BinaryCodable>(
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
    mutating func put(_ type: UInt64, _ amount: MilliSatoshi?) { put(type, integer: amount?.value) }

    mutating func put(_ type: UInt64, _ hash: Hash256?) { put(type, hash?.bytes) }

    /// Appends a number but where it is the usual one, which the reader puts in.
    mutating func put(_ type: UInt64, integer value: UInt64, unless usual: UInt64) {
        put(type, integer: value == usual ? nil : value)
    }

    /// Appends a field of many parts; none appends nothing.
    mutating func put(_ type: UInt64, list: [some BinaryCodable]) {
        guard !list.isEmpty else { return }
        var writer = ByteWriter()
        for item in list { item.write(to: &writer) }
        put(type, writer.bytes)
    }
}
