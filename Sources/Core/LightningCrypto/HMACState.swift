import Bitcoin
import COpenSSL

/// HMAC with SHA-256 whose message arrives in pieces (RFC 2104), without an allocation.
///
/// A copy of a state that was fed can go different ways: what many codes have in common is hashed once.
struct HMACState: Sendable {
    private var inner = SHA256()
    private var outer = SHA256()

    /// Starts with a key of at most 64 bytes, one block of the hash.
    init(key: UnsafeRawBufferPointer) {
        precondition(key.count <= 64, "a key fits one block")
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { block in
            block.initializeMemory(as: UInt8.self, repeating: 0)
            block.copyMemory(from: key)
            for index in block.indices { block[index] ^= 0x36 }
            inner.update(UnsafeRawBufferPointer(block).bytes)
            for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
            outer.update(UnsafeRawBufferPointer(block).bytes)
            OPENSSL_cleanse(block.baseAddress, block.count)
        }
    }

    /// Starts with a key of 32 bytes.
    init(key: Hash256) {
        self = key.withUnsafeBytes { HMACState(key: $0) }
    }

    /// Starts with the ASCII bytes of `name` as key.
    init(name: StaticString) {
        self.init(
            key: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    mutating func update(_ hash: Hash256) { inner.update(hash) }

    mutating func update(_ bytes: [UInt8]) { inner.update(bytes) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) { inner.update(bytes.bytes) }

    /// The code of what was added.
    consuming func finalize() -> Hash256 {
        outer.update(inner.finalize())
        return outer.finalize()
    }

    /// The code of `hash` alone.
    func code(of hash: Hash256) -> Hash256 {
        var copy = self
        copy.update(hash)
        return copy.finalize()
    }
}
