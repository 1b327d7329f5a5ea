import Bitcoin

/// A wire type that is 32 bytes of one meaning, so that none is taken for another.
public protocol Hash256Wrapper: WireValue, Comparable, CustomStringConvertible {
    /// The 32 bytes.
    var hash: Hash256 { get }

    /// Gives `hash` its meaning.
    init(_ hash: Hash256)
}

extension Hash256Wrapper {
    public static var blank: Self { Self(.zero) }

    public init(fromWire reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readHash256())
    }

    public func write(toWire writer: inout ByteWriter) { writer.write(hash) }

    /// Parses 64 hexadecimal digits in the order of the bytes.
    public init(hex: some StringProtocol) throws(DecodeError) {
        self.init(try Hash256(hex: hex))
    }

    /// Hexadecimal digits in the order of the bytes.
    public var description: String { hash.hex }

    public static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// Names a channel between its two nodes (BOLT 2).
public struct ChannelID: Hash256Wrapper {
    public static var wireName: StaticString { "channel_id" }
    public let hash: Hash256

    public init(_ hash: Hash256) { self.hash = hash }

    /// All zero: in an error or warning it speaks of all channels with the peer.
    public static let all = ChannelID(.zero)

    /// The id of the channel whose funding output is at `outPoint`.
    ///
    /// BOLT 2: "derived from the funding transaction by combining the `funding_txid` and the
    /// `funding_output_index`, using big-endian exclusive-OR (i.e. `funding_output_index` alters the last 2
    /// bytes)."
    public init(funding outPoint: OutPoint) {
        var bytes = outPoint.transactionID.hash.bytes
        bytes[30] ^= UInt8(truncatingIfNeeded: outPoint.index >> 8)
        bytes[31] ^= UInt8(truncatingIfNeeded: outPoint.index)
        hash = Hash256(unsafeFilling: { $0.copyBytes(from: bytes) })
    }
}

/// The SHA-256 of a preimage, which locks an HTLC.
public struct PaymentHash: Hash256Wrapper {
    public static var wireName: StaticString { "sha256" }
    public let hash: Hash256

    public init(_ hash: Hash256) { self.hash = hash }
}

/// What unlocks an HTLC; worth the HTLC's amount to whoever learns it first. Not printed by accident.
public struct PaymentPreimage: Hash256Wrapper {
    public static var wireName: StaticString { "32*byte" }
    public let hash: Hash256

    public init(_ hash: Hash256) { self.hash = hash }

    /// The hash that this preimage unlocks.
    public var paymentHash: PaymentHash { PaymentHash(SHA256.hash(of: hash)) }

    /// The hash of the preimage; ``hash`` has the preimage itself.
    public var description: String { "preimage of \(paymentHash)" }
}

/// The secret of one commitment transaction, given away when it is revoked (BOLT 3). Not printed by accident.
public struct PerCommitmentSecret: Hash256Wrapper {
    public static var wireName: StaticString { "32*byte" }
    public let hash: Hash256

    public init(_ hash: Hash256) { self.hash = hash }

    public var description: String { "per-commitment secret" }
}
