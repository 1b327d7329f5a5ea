import COpenSSL

/// Bytes that are wiped when the last reference to them goes.
///
/// Unchecked sendability: the buffer is written only before `init` returns and in `deinit`, when nobody else has it.
public final class SecretBytes: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer

    /// Copies `bytes`. The caller's copy is the caller's to wipe.
    public init(_ bytes: some Collection<UInt8>) {
        buffer = .allocate(byteCount: bytes.count, alignment: 8)
        buffer.copyBytes(from: bytes)
    }

    /// Lets `fill` write `count` bytes in place, so that no other copy exists.
    public init(count: Int, unsafeFilling fill: (UnsafeMutableRawBufferPointer) -> Void) {
        buffer = .allocate(byteCount: count, alignment: 8)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        fill(buffer)
    }

    deinit {
        OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        buffer.deallocate()
    }

    /// The number of bytes.
    public var count: Int { buffer.count }

    /// Calls `body` with the bytes, which must not outlive the call.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        body(UnsafeRawBufferPointer(buffer))
    }

    /// A copy that is not wiped: for encodings that leave the process, encrypted or on the user's demand.
    public func exposedCopy() -> [UInt8] {
        withUnsafeBytes { Array($0) }
    }
}

extension SecretBytes: Equatable {
    /// Compares in a time that depends on the lengths alone.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        return CRYPTO_memcmp(
            left.buffer.baseAddress, right.buffer.baseAddress, left.count) == 0
    }
}

/// Compares in a time that depends on the lengths alone, for authentication tags and the like.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
