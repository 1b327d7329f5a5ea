/// SipHash-2-4: a fast keyed hash of 64 bits, as block filters use it.
public struct SipHash: Sendable {
    private let key: (UInt64, UInt64)

    /// Takes a key of two numbers.
    public init(key first: UInt64, _ second: UInt64) { key = (first, second) }

    /// The hash of `bytes`.
    public func hash(_ bytes: [UInt8]) -> UInt64 {
        var state = State(key)
        let whole = bytes.count & ~7
        bytes.withUnsafeBytes { buffer in
            for offset in stride(from: 0, to: whole, by: 8) {
                state.absorb(
                    UInt64(
                        littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                )
            }
        }
        var last = UInt64(bytes.count) << 56
        for index in whole..<bytes.count {
            last |= UInt64(bytes[index]) << (8 * UInt64(index - whole))
        }
        state.absorb(last)
        return state.finish()
    }

    private struct State {
        var v0, v1, v2, v3: UInt64

        init(_ key: (UInt64, UInt64)) {
            v0 = 0x736f_6d65_7073_6575 ^ key.0
            v1 = 0x646f_7261_6e64_6f6d ^ key.1
            v2 = 0x6c79_6765_6e65_7261 ^ key.0
            v3 = 0x7465_6462_7974_6573 ^ key.1
        }

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xff
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 &+= v1
            v1 = v1 << 13 | v1 >> 51
            v1 ^= v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = v3 << 16 | v3 >> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 << 21 | v3 >> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 << 17 | v1 >> 47
            v1 ^= v2
            v2 = v2 << 32 | v2 >> 32
        }
    }
}
