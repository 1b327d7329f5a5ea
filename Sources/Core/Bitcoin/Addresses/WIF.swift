/// A private key in wallet import format: base58check, with a mark where its public key is compressed.
///
/// The text form is an ordinary string, which is not wiped: keep it no longer than needed.
public struct WIF: Sendable, Equatable {
    /// Why a text is not a private key of the network at hand.
    public enum Failure: Error, Equatable, Sendable {
        /// The text is not base58check.
        case base58(Base58Error)
        /// The first byte is not the one of the network's private keys.
        case wrongVersion(expected: UInt8, actual: UInt8)
        /// The payload has neither 33 bytes, nor 34 with 1 as the last.
        case invalidPayload(count: Int)
        /// The number is zero or not below the order of the group.
        case key(KeyError)
    }

    /// The key.
    public let key: PrivateKey
    /// Whether addresses are made of the compressed public key.
    public let isCompressed: Bool

    /// Takes a key.
    public init(_ key: PrivateKey, isCompressed: Bool = true) {
        self.key = key
        self.isCompressed = isCompressed
    }

    /// Reads a key, which has to be one of `network`; the test networks share their form.
    public init(_ text: some StringProtocol, network: Network) throws(Failure) {
        var payload: [UInt8]
        do {
            payload = try Base58Check.decode(text)
        } catch {
            throw .base58(error)
        }
        defer { payload.wipe() }
        guard let version = payload.first else { throw .invalidPayload(count: 0) }
        guard version == network.privateKeyVersion else {
            throw .wrongVersion(expected: network.privateKeyVersion, actual: version)
        }
        isCompressed = payload.count == 34 && payload[33] == 1
        guard payload.count == 33 || isCompressed else {
            throw .invalidPayload(count: payload.count)
        }
        do {
            key = try PrivateKey(payload[1..<33])
        } catch {
            throw .key(error)
        }
    }

    /// The text for `network`.
    public func text(network: Network) -> String {
        var payload: [UInt8] = []
        defer { payload.wipe() }
        payload.reserveCapacity(34)
        payload.append(network.privateKeyVersion)
        key.secret.append(to: &payload)
        if isCompressed { payload.append(1) }
        return Base58Check.encode(payload)
    }
}
