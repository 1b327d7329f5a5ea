import Bitcoin
import CLinux
import Glibc

/// Bytes from the system's random generator.
public enum SystemEntropy {
    /// Fresh bytes. The kernel's generator does not fail once it is seeded, which the call waits for.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(buffer.prefixed(count)))
            filled = count
        }
    }

    /// 32 fresh bytes.
    public static func hash() -> Hash256 { Hash256(unsafeFilling: fill) }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < buffer.count {
            let count = getrandom(
                buffer.baseAddress?.advanced(by: filled), buffer.count - filled, 0)
            precondition(count > 0 || errno == EINTR, "the system gives no random bytes")
            filled += max(0, count)
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate func prefixed(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: self[..<count])
    }
}
