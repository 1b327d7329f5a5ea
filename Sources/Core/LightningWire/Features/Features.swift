import Bitcoin

/// A set of feature bits as a node sends it (BOLT 9). Bit 0 is the least significant bit of the last byte.
public struct Features: Hashable, Sendable {
    /// The bytes on the wire, most significant first. Leading zero bytes are kept as they came and mean nothing.
    public var bytes: [UInt8]

    /// The set whose bytes are `bytes`.
    public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// The set of exactly these bits.
    public init(bits: some Sequence<Int>) {
        self.init()
        for bit in bits { set(bit) }
    }

    /// Whether bit `bit` is set.
    public func contains(bit: Int) -> Bool {
        let index = bytes.count - 1 - bit / 8
        return index >= 0 && bytes[index] >> (bit % 8) & 1 == 1
    }

    /// Sets bit `bit`, in as few bytes as it needs.
    public mutating func set(_ bit: Int) {
        let missing = bit / 8 + 1 - bytes.count
        if missing > 0 { bytes.insert(contentsOf: repeatElement(0, count: missing), at: 0) }
        bytes[bytes.count - 1 - bit / 8] |= 1 << (bit % 8)
    }

    /// Clears bit `bit` and drops bytes that are then not needed.
    public mutating func clear(_ bit: Int) {
        let index = bytes.count - 1 - bit / 8
        guard index >= 0 else { return }
        bytes[index] &= ~(1 << (bit % 8))
        self = trimmed
    }

    /// The same set without leading zero bytes.
    public var trimmed: Features { Features(Array(bytes.drop { $0 == 0 })) }

    /// The positions of all set bits, ascending.
    public var bits: [Int] {
        (0..<bytes.count * 8).filter { contains(bit: $0) }
    }

    /// The bits of both sets.
    public func union(_ other: Features) -> Features {
        let (longer, shorter) =
            bytes.count >= other.bytes.count ? (bytes, other.bytes) : (other.bytes, bytes)
        var result = longer
        let offset = longer.count - shorter.count
        for (index, byte) in shorter.enumerated() { result[offset + index] |= byte }
        return Features(result)
    }

    /// Whether the sets have the same bits, leading zero bytes aside.
    public func isSameSet(as other: Features) -> Bool { trimmed == other.trimmed }

    /// Whether the sender offers `feature`, optionally or as a demand.
    public func supports(_ feature: Feature) -> Bool {
        contains(bit: feature.evenBit) || contains(bit: feature.evenBit + 1)
    }

    /// Whether the sender demands `feature`. BOLT 9: "if both the optional and the mandatory feature bits in a pair are
    /// set, the feature should be treated as mandatory."
    public func requires(_ feature: Feature) -> Bool { contains(bit: feature.evenBit) }

    /// Offers `feature`, as a demand or not.
    public mutating func add(_ feature: Feature, required: Bool = false) {
        set(required ? feature.evenBit : feature.evenBit + 1)
    }
}
