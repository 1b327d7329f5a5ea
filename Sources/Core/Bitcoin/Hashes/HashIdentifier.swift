/// An identifier that is a hash of what it names, printed in the opposite order of its bytes.
public protocol HashIdentifier: Hashable, Comparable, Sendable, BinaryCodable,
    CustomStringConvertible, LosslessStringConvertible
{
    /// The hash, its bytes in their order on the wire.
    var hash: Hash256 { get }

    /// Names what `hash` is the hash of.
    init(_ hash: Hash256)
}

extension HashIdentifier {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        self.init(try reader.readHash256())
    }

    public func write(to writer: inout ByteWriter) {
        writer.write(hash)
    }

    /// Parses 64 hexadecimal digits in the order in which Bitcoin prints identifiers.
    public init(displayHex: some StringProtocol) throws(DecodeError) {
        self.init(try Hash256(hex: displayHex).reversed)
    }

    /// Parses what `description` gives; nil for anything else.
    public init?(_ description: String) {
        guard let hash = try? Hash256(hex: description) else { return nil }
        self.init(hash.reversed)
    }

    /// Hexadecimal digits in the order in which Bitcoin prints identifiers.
    public var description: String { hash.reversed.hex }

    public static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// The double SHA-256 of a transaction without its witnesses.
public struct TransactionID: HashIdentifier {
    public let hash: Hash256

    /// Names what `hash` is the hash of.
    public init(_ hash: Hash256) { self.hash = hash }
}

/// The double SHA-256 of a transaction with its witnesses (BIP 141).
public struct WitnessTransactionID: HashIdentifier {
    public let hash: Hash256

    /// Names what `hash` is the hash of.
    public init(_ hash: Hash256) { self.hash = hash }
}

/// The double SHA-256 of a block header.
public struct BlockHash: HashIdentifier {
    public let hash: Hash256

    /// Names what `hash` is the hash of.
    public init(_ hash: Hash256) { self.hash = hash }
}
