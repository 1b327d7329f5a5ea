import Bitcoin
import LightningWire

/// The bytes of `attribution_data`: hold times and truncated codes of up to 20 hops (BOLT 4).
///
/// The codes form a triangle. Row `x` holds those of the hop `x` places further on, one for each number of hops `y`
/// that may be between it and the end, the greatest first: `hmac_x_y`.
struct AttributionBlock {
    static let maximumHops = 20
    private static let holdTimesLength = maximumHops * 4
    private static let codeLength = 4
    static let length = holdTimesLength + maximumHops * (maximumHops + 1) / 2 * codeLength

    private var bytes: [UInt8]

    /// A block of zeros.
    init() { bytes = [UInt8](repeating: 0, count: Self.length) }

    init(_ data: AttributionData) {
        var writer = ByteWriter(capacity: Self.length)
        for time in data.holdTimes { writer.writeBigEndian(time) }
        for code in data.truncatedHMACs { writer.writeBigEndian(code.value) }
        bytes = writer.bytes
        precondition(bytes.count == Self.length, "20 hold times and 210 codes")
    }

    var attributionData: AttributionData {
        let words = stride(from: 0, to: Self.length, by: 4).map { word(at: $0) }
        return AttributionData(
            holdTimes: Array(words[..<Self.maximumHops]),
            truncatedHMACs: words[Self.maximumHops...].map { TruncatedHMAC($0) })
    }

    private func word(at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func put(_ word: UInt32, at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: word >> (24 - 8 * index))
        }
    }

    /// Where row `x` begins; it has `20 - x` codes.
    private static func row(_ x: Int) -> Int {
        holdTimesLength + (x * maximumHops - x * (x - 1) / 2) * codeLength
    }

    /// Where `hmac_x_y` begins.
    private static func position(_ x: Int, _ y: Int) -> Int {
        row(x) + (maximumHops - 1 - x - y) * codeLength
    }

    /// The hold time of the nearest hop.
    var holdTime: UInt32 { word(at: 0) }

    /// Adds the stream of the hop that shares `secret`.
    mutating func applyStream(secret: OnionSharedSecret) {
        ChaCha20Stream.apply(OnionKey.ammagExtension(secret.hash), to: &bytes)
    }

    /// Puts in the time and codes of a hop and encrypts with its key. The first row is free.
    mutating func add(holdTime: UInt32, covering packet: [UInt8], secret: OnionSharedSecret) {
        put(holdTime, at: 0)
        var covered = HMACState(key: OnionKey.um(secret.hash))
        covered.update(packet)
        for y in 0..<Self.maximumHops {
            let code = self.code(distance: y, covered)
            put(code, at: Self.position(0, y))
        }
        applyStream(secret: secret)
    }

    /// Whether the nearest hop's code is right if it is `distance` hops away from the end.
    func isAuthentic(distance: Int, covering packet: [UInt8], secret: OnionSharedSecret) -> Bool {
        var covered = HMACState(key: OnionKey.um(secret.hash))
        covered.update(packet)
        return code(distance: distance, covered) == word(at: Self.position(0, distance))
    }

    /// `hmac_0_y`: over the packet, the first `y + 1` hold times and the codes of the `y` hops behind.
    private func code(distance y: Int, _ covered: HMACState) -> UInt32 {
        var state = covered
        bytes.withUnsafeBytes { bytes in
            state.update(UnsafeRawBufferPointer(rebasing: bytes[..<((y + 1) * 4)]))
            for x in 1..<max(1, y + 1) {
                let start = Self.position(x, y - x)
                state.update(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4]))
            }
        }
        return state.finalize().withUnsafeBytes {
            UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self))
        }
    }

    /// The block with room for the hop before: what was hop `x` becomes hop `x + 1` and loses the code for the greatest
    /// distance.
    func shiftedForNextHop() -> AttributionBlock {
        var shifted = AttributionBlock()
        shifted.bytes.replaceSubrange(
            4..<Self.holdTimesLength, with: bytes[..<(Self.holdTimesLength - 4)])
        for x in 0..<Self.maximumHops - 1 {
            shifted.bytes.replaceSubrange(
                Self.row(x + 1)..<Self.row(x + 2),
                with: bytes[(Self.row(x) + Self.codeLength)..<Self.row(x + 1)])
        }
        return shifted
    }

    /// Undoes ``shiftedForNextHop()``: takes out the nearest hop. What was lost is zero.
    mutating func shiftBack() {
        var shifted = AttributionBlock()
        shifted.bytes.replaceSubrange(
            ..<(Self.holdTimesLength - 4), with: bytes[4..<Self.holdTimesLength])
        for x in 0..<Self.maximumHops - 1 {
            shifted.bytes.replaceSubrange(
                (Self.row(x) + Self.codeLength)..<Self.row(x + 1),
                with: bytes[Self.row(x + 1)..<Self.row(x + 2)])
        }
        self = shifted
    }
}
