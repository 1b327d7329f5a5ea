import LightningWire

/// Numbers and bits in groups of five, most significant first.
enum FiveBitNumber {
    /// The number whose groups are `values`; nil past 64 bits.
    static func decode(_ values: some Collection<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for value in values {
            guard number >> 59 == 0 else { return nil }
            number = number << 5 | UInt64(value)
        }
        return number
    }

    /// The groups of `number` without leading zeros, or exactly `count` groups.
    static func encode(_ number: UInt64, count: Int? = nil) -> [UInt8] {
        var values: [UInt8] = []
        var rest = number
        while rest > 0 {
            values.append(UInt8(rest & 31))
            rest >>= 5
        }
        if let count {
            values += [UInt8](repeating: 0, count: max(0, count - values.count))
        }
        return values.reversed()
    }

    /// The set of features whose bits are `values`, the least significant at the end.
    static func features(_ values: some BidirectionalCollection<UInt8>) -> Features {
        var features = Features()
        for (index, value) in values.reversed().enumerated() {
            for bit in 0..<5 where value >> bit & 1 == 1 { features.set(index * 5 + bit) }
        }
        return features
    }

    /// The groups of `features` without leading zeros.
    static func encode(_ features: Features) -> [UInt8] {
        let bits = features.bits
        guard let highest = bits.last else { return [] }
        var values = [UInt8](repeating: 0, count: highest / 5 + 1)
        for bit in bits { values[values.count - 1 - bit / 5] |= 1 << (bit % 5) }
        return values
    }
}
