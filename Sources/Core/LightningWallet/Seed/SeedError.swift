import Bitcoin
import LightningWire

/// Why a seed cannot be encrypted or opened.
public enum SeedError: Error, Equatable, Sendable {
    /// The password has fewer than ``EncryptedSeed/shortestPassword`` bytes.
    case passwordTooShort(Int)
    /// The password is not the one that the seed was encrypted with.
    case wrongPassword
    /// The stored record was changed since it was written, or cannot be read at all.
    case damagedRecord(RecordError?)
    /// The record needs a way of encryption that this release does not know.
    case unknownCipher(UInt64)
    /// The machine does not have the memory that opening the record takes, in bytes.
    case outOfMemory(UInt64)
    /// The seed was opened, and what is in it is no seed.
    case damagedContent
    /// libsodium does not start.
    case libraryUnavailable
}
