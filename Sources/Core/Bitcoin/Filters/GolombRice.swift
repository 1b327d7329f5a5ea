/// Numbers in Golomb-Rice code: a quotient in ones ended by a zero, then a remainder in a fixed number of bits (BIP 158).
struct GolombRiceWriter {
    private(set) var bytes: [UInt8]
    private var free = 0

    /// Starts after `bytes`.
    init(after bytes: [UInt8]) { self.bytes = bytes }

    mutating func write(_ value: UInt64, parameter: Int) {
        for _ in 0..<(value >> UInt64(parameter)) { writeBits(1, count: 1) }
        writeBits(0, count: 1)
        writeBits(value & (1 << UInt64(parameter) - 1), count: parameter)
    }

    private mutating func writeBits(_ value: UInt64, count: Int) {
        var left = count
        while left > 0 {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            let taken = min(free, left)
            let part = value >> UInt64(left - taken) & (1 << UInt64(taken) - 1)
            bytes[bytes.count - 1] |= UInt8(part) << UInt8(free - taken)
            free -= taken
            left -= taken
        }
    }
}

/// Reads what ``GolombRiceWriter`` writes.
struct GolombRiceReader {
    private let bytes: [UInt8]
    private var position: Int

    /// Starts at the byte `offset`.
    init(_ bytes: [UInt8], from offset: Int) {
        self.bytes = bytes
        position = offset * 8
    }

    /// The number of bits left, padding included.
    var remainingBits: Int { bytes.count * 8 - position }

    /// Whether what is left is less than a byte of zeros.
    var isAtEnd: Bool {
        remainingBits < 8
            && (remainingBits == 0 || bytes[bytes.count - 1] << (8 - remainingBits) == 0)
    }

    /// The next number; nil where the bits run out.
    mutating func read(parameter: Int) -> UInt64? {
        var quotient: UInt64 = 0
        while let bit = readBits(1) {
            guard bit == 1 else {
                return readBits(parameter).map { quotient << UInt64(parameter) | $0 }
            }
            quotient += 1
        }
        return nil
    }

    private mutating func readBits(_ count: Int) -> UInt64? {
        guard remainingBits >= count else { return nil }
        var value: UInt64 = 0
        var left = count
        while left > 0 {
            let available = 8 - position % 8
            let taken = min(available, left)
            let byte = UInt64(bytes[position / 8])
            value =
                value << UInt64(taken) | byte >> UInt64(available - taken)
                & (1 << UInt64(taken) - 1)
            position += taken
            left -= taken
        }
        return value
    }
}
