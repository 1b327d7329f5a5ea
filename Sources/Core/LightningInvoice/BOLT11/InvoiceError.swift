import Bitcoin
import LightningWire

/// Why a text is not an invoice that can be paid (BOLT 11). Positions count characters of the text from 0.
public enum InvoiceError: Error, Equatable, Sendable {
    /// The text is not bech32.
    case bech32(Bech32Error)
    /// The checksum is that of bech32m, which invoices do not use.
    case wrongChecksum
    /// The text does not begin with `ln` and the prefix of a network.
    case unknownPrefix(String)
    /// The amount has a character where a digit or one of the multipliers `m`, `u`, `n`, `p` was expected.
    case invalidAmount(String, position: Int)
    /// The amount begins with a zero or is more than all bitcoin.
    case amountOutOfRange(String)
    /// The amount is no whole number of millisatoshi: with `p` its last digit must be 0.
    case amountTooPrecise(String)
    /// Between prefix and checksum there is no room for a time and a signature.
    case tooShort(count: Int, minimum: Int)
    /// A field is longer than what is left of the data.
    case truncatedField(Character, position: Int, length: Int, available: Int)
    /// A field's content is not of its form; `expected` says what the form is.
    case malformedField(Character, position: Int, expected: String)
    /// A field that every invoice has is not there, or not in its right length.
    case missingField(Character, name: String)
    /// There is both a description and the hash of one.
    case twoDescriptions(position: Int)
    /// The invoice demands a feature that this node does not have, or leaves out one that another depends on.
    case features(Features.Problem)
    /// No key made the signature, or not the key of the `n` field.
    case invalidSignature
    /// The `n` field is there and the signature's s is in the upper half.
    case highS
}
