import Bitcoin
import LightningWire

/// Fills the fields of a message with arbitrary values that its encoding can hold.
struct RandomFiller: FieldCoder {
    var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    mutating func bytes(upTo limit: Int) -> [UInt8] {
        let count = Int.random(in: 0...limit, using: &generator)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    mutating func value<V: WireValue>(_ type: V.Type) -> V {
        while true {
            var bytes = (0..<80).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Points start with 2 or 3, amounts of satoshi are below 2^51, and lengths should not always be long.
            bytes[0] = UInt8.random(in: 0...3, using: &generator)
            if Bool.random(using: &generator) {
                bytes[0] = 0
                bytes[1] = UInt8.random(in: 0...60, using: &generator)
            }
            var reader = ByteReader(bytes.span.bytes)
            if let value = try? V(fromWire: &reader) { return value }
        }
    }

    mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) { value = self.value(V.self) }

    mutating func signed(_ name: StaticString, _ value: inout Satoshi) throws(WireError) {
        value = Satoshi(
            Int64.random(
                in: -Satoshi.maximumMoney.value...Satoshi.maximumMoney.value, using: &generator))
    }

    mutating func truncated<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        let limit = V.max >> Int.random(in: 0..<V.bitWidth, using: &generator)
        value = V.random(in: 0...limit, using: &generator)
    }

    mutating func bigSize(_ name: StaticString, _ value: inout UInt64) throws(WireError) {
        value = UInt64.max >> UInt64.random(in: 0...63, using: &generator)
    }

    mutating func bytes(
        _ name: StaticString, count: Int, _ value: inout [UInt8]
    ) throws(WireError) {
        value = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    mutating func bytes(
        _ name: StaticString, length: StaticString, _ value: inout [UInt8]
    ) throws(WireError) { value = bytes(upTo: 300) }

    mutating func remainingBytes(_ name: StaticString, _ value: inout [UInt8]) throws(WireError) {
        value = bytes(upTo: 40)
    }

    mutating func list<V: WireValue>(
        _ name: StaticString, count: StaticString, _ values: inout [V]
    ) throws(WireError) {
        values = (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(V.self) }
    }

    mutating func list<V: WireValue>(
        _ name: StaticString, count: Int, _ values: inout [V]
    ) throws(WireError) { values = (0..<count).map { _ in value(V.self) } }

    mutating func remainingList<V: WireValue>(
        _ name: StaticString, _ values: inout [V]
    ) throws(WireError) {
        values = (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(V.self) }
    }

    mutating func stream<T: TLVStream>(_ value: inout T) throws(WireError) {
        var filler = RandomTLVFiller(fields: self)
        try value.code(&filler)
        if Bool.random(using: &generator) {
            value.unknownRecords = [TLVRecord(type: 0xffff_0001, value: bytes(upTo: 20))]
        }
        generator = filler.fields.generator
    }
}

private struct RandomTLVFiller: TLVCoder {
    var fields: RandomFiller

    mutating func record<V>(
        _ type: UInt64, _ name: StaticString, _ value: inout V?, blank: V,
        _ body: (inout RandomFiller, inout V) throws(WireError) -> Void
    ) throws(WireError) {
        guard Bool.random(using: &fields.generator) else {
            value = nil
            return
        }
        var filled = blank
        try body(&fields, &filled)
        value = filled
    }
}

/// A small generator whose results depend on its seed alone.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
