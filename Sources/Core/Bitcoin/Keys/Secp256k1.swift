import CSecp256k1

/// The context of libsecp256k1 that all operations share.
public enum Secp256k1 {
    /// A pointer that is only written to by ``blind(with:)``.
    ///
    /// Unchecked because a C pointer carries no proof: the library documents that every function that takes the context
    /// as `const` may run on any number of threads at once, and only `secp256k1_context_randomize` does not take it so.
    struct Context: @unchecked Sendable {
        let pointer: OpaquePointer

        init() {
            let flags = UInt32(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY)
            guard let created = secp256k1_context_create(flags) else {
                preconditionFailure("no memory for the context of libsecp256k1")
            }
            pointer = created
        }
    }

    static let shared = Context()

    static var context: OpaquePointer { shared.pointer }

    /// Blinds signing against timing and power analysis with 32 random bytes.
    ///
    /// Call it once at start, before any other thread uses a key.
    public static func blind(with seed: Hash256) {
        seed.withUnsafeBytes { bytes in
            _ = secp256k1_context_randomize(
                context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }
}
