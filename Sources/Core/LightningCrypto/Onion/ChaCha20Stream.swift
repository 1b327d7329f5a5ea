import Bitcoin
import CSodium

/// The pseudo-random byte stream of BOLT 4: ChaCha20 with a nonce of zeros.
///
/// libsodium's function has no context to allocate and no algorithm to look up, and takes a whole layer in one call.
enum ChaCha20Stream {
    private static let nonce = [UInt8](repeating: 0, count: 12)

    /// Adds the stream of `key` to all of `bytes`.
    static func apply(_ key: Hash256, to bytes: UnsafeMutableRawBufferPointer) {
        key.withUnsafeBytes { key in
            guard let target = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let key = key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { return }
            _ = crypto_stream_chacha20_ietf_xor(target, target, UInt64(bytes.count), nonce, key)
        }
    }

    /// Adds the stream of `key` to all of `bytes`.
    static func apply(_ key: Hash256, to bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { apply(key, to: $0) }
    }
}
