import Bitcoin
import LightningWire

/// Why an offer, invoice request or invoice is not to be used (BOLT 12).
public enum Bolt12Error: Error, Equatable, Sendable {
    /// The text is not bech32 without a checksum.
    case bech32(Bech32Error)
    /// A `+` joins what is not characters of bech32, or white space stands elsewhere; `position` counts from 0.
    case misplacedJoin(position: Int)
    /// The text is another kind of thing.
    case wrongPrefix(expected: String, actual: String)
    /// The bytes are not a TLV stream with known fields.
    case stream(WireError)
    /// A field of that type does not belong into this kind of thing.
    case fieldOutOfRange(type: UInt64)
    /// A field without which the thing cannot be used is not there.
    case missingField(String)
    /// A field is there that may not be, given the others.
    case unexpectedField(String)
    /// A field has a value that the specification forbids.
    case invalidField(String)
    /// A feature is demanded that this release does not have: the bit.
    case unknownRequiredFeature(bit: Int)
    /// None of the chains is one of the caller's.
    case unsupportedChain
    /// It can no longer be used.
    case expired(at: UInt64)
    /// The signature is not that of the key which should have made it.
    case invalidSignature
    /// A field of an answer differs from the one in the question: the type.
    case mismatch(type: UInt64)
}
