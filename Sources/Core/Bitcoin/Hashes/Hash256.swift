/// Thirty-two bytes held as four words, so that comparing and hashing them costs no loop and no allocation.
///
/// The words keep the bytes in memory order; their numeric values mean nothing.
public struct Hash256: Hashable, Sendable, BitwiseCopyable {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

    /// All bytes zero.
    public static let zero = Hash256()

    @inlinable
    init() {
        words = (0, 0, 0, 0)
    }

    /// Takes exactly 32 bytes in their order on the wire.
    ///
    /// Throws ``DecodeError/truncated(needed:available:)`` or ``DecodeError/trailingBytes(count:)``.
    @inlinable
    public init(_ bytes: some Collection<UInt8>) throws(DecodeError) {
        guard bytes.count >= 32 else { throw .truncated(needed: 32, available: bytes.count) }
        guard bytes.count == 32 else { throw .trailingBytes(count: bytes.count - 32) }
        self.init(unsafeFilling: { target in target.copyBytes(from: bytes) })
    }

    /// Lets `fill` write all 32 bytes in place, as a C function does.
    @inlinable
    public init(unsafeFilling fill: (UnsafeMutableRawBufferPointer) -> Void) {
        self.init()
        withUnsafeMutableBytes(of: &words) { fill($0) }
    }

    /// Parses 64 hexadecimal digits whose order is that of the bytes on the wire.
    public init(hex: some StringProtocol) throws(DecodeError) {
        try self.init(Hex.decode(hex))
    }

    /// The bytes in their order on the wire.
    @inlinable public var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// The bytes as lower-case hexadecimal digits, in their order on the wire.
    public var hex: String { Hex.encode(bytes) }

    /// The bytes in the opposite order, as Bitcoin prints identifiers.
    public var reversed: Hash256 {
        var result = Hash256()
        result.words = (
            words.3.byteSwapped, words.2.byteSwapped, words.1.byteSwapped, words.0.byteSwapped
        )
        return result
    }

    /// Calls `body` with the 32 bytes.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words) { body($0) }
    }

    @inlinable
    public static func == (left: Hash256, right: Hash256) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3) == 0
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Hash256: Comparable {
    /// Compares byte by byte from the first, as the order on the wire is.
    @inlinable
    public static func < (left: Hash256, right: Hash256) -> Bool {
        let leftWords = (
            left.words.0.bigEndian, left.words.1.bigEndian, left.words.2.bigEndian,
            left.words.3.bigEndian
        )
        let rightWords = (
            right.words.0.bigEndian, right.words.1.bigEndian, right.words.2.bigEndian,
            right.words.3.bigEndian
        )
        return leftWords < rightWords
    }
}

extension Hash256: CustomStringConvertible {
    public var description: String { hex }
}
