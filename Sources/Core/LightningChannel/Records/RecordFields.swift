import Bitcoin
import LightningWire

/// Fields of a channel's records.
extension RecordReader {
    mutating func requireHash(_ type: UInt64) throws(RecordError) -> Hash256 {
        try hash(requireBytes(type))
    }

    func hash(_ bytes: [UInt8]) throws(RecordError) -> Hash256 {
        do {
            return try Hash256(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    mutating func requirePoint(_ type: UInt64) throws(RecordError) -> PublicKey {
        guard let point = try takePoint(type) else { throw .missingField(type: type) }
        return point
    }

    mutating func takePoint(_ type: UInt64) throws(RecordError) -> PublicKey? {
        guard let bytes = try takeBytes(type) else { return nil }
        guard let point = try? PublicKey(compressed: bytes) else {
            throw .invalidField(type: type)
        }
        return point
    }

    /// A flag is there where it is set.
    mutating func takeFlag(_ type: UInt64) throws(RecordError) -> Bool {
        guard let bytes = try takeBytes(type) else { return false }
        guard bytes.isEmpty else { throw .invalidField(type: type) }
        return true
    }

    mutating func requireNumber<T: FixedWidthInteger>(
        _ type: UInt64, as: T.Type = T.self
    ) throws(RecordError) -> T {
        guard let value = T(exactly: try requireInteger(type)) else {
            throw .invalidField(type: type)
        }
        return value
    }

    mutating func requireStage(_ type: UInt64) throws(RecordError) -> UpdateStage {
        guard let stage = try takeStage(type) else { throw .missingField(type: type) }
        return stage
    }

    mutating func takeStage(_ type: UInt64) throws(RecordError) -> UpdateStage? {
        guard let value = try takeInteger(type) else { return nil }
        guard let stage = UInt8(exactly: value).flatMap({ UpdateStage(rawValue: $0) }) else {
            throw .invalidField(type: type)
        }
        return stage
    }

    mutating func requireParty(_ type: UInt64) throws(RecordError) -> Party {
        guard let party = UInt8(exactly: try requireInteger(type)).flatMap({ Party(rawValue: $0) })
        else { throw .invalidField(type: type) }
        return party
    }

    mutating func requireSatoshi(_ type: UInt64) throws(RecordError) -> Satoshi {
        let amount = Satoshi(try requireNumber(type))
        guard amount <= .maximumMoney else { throw .invalidField(type: type) }
        return amount
    }

    mutating func requireMilliSatoshi(_ type: UInt64) throws(RecordError) -> MilliSatoshi {
        MilliSatoshi(try requireInteger(type))
    }
}

extension RecordWriter {
    mutating func put(_ type: UInt64, flag: Bool) { put(type, flag ? [] : nil) }

    mutating func put(_ type: UInt64, point: PublicKey?) { put(type, point?.compressed) }

    mutating func put(_ type: UInt64, _ amount: Satoshi) {
        put(type, integer: UInt64(amount.value))
    }

    mutating func put(_ type: UInt64, _ amount: MilliSatoshi) { put(type, integer: amount.value) }
}
