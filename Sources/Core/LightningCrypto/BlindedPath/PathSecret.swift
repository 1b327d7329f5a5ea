import Bitcoin
import LightningWire

/// Why a blinded path cannot be made or read.
public enum BlindedPathError: Error, Equatable, Sendable {
    /// A path has 1 to 255 hops.
    case wrongHopCount(Int)
    /// The path key is no point of the curve, or leads to none.
    case invalidPathKey
    /// The data was not encrypted for this node with this path key.
    case wrongTag
    /// The data is no `encrypted_data_tlv`.
    case malformedData(WireError)
    /// The data of a hop is longer than its two bytes of length can say.
    case dataTooLong(hop: Int, count: Int)
}

/// What a node of a blinded path shares with the path's creator (BOLT 4, "Route Blinding").
public struct PathSecret: Sendable {
    private let pathKey: PublicKey
    private let pathKeyBytes: [UInt8]
    private let secret: Hash256

    /// The secret of the node that holds `key` and was given `pathKey`.
    ///
    /// Throws ``BlindedPathError/invalidPathKey``.
    public init(pathKey: Point, key: some OnionNodeKey) throws(BlindedPathError) {
        do throws(KeyError) {
            self.pathKey = try pathKey.publicKey()
        } catch {
            throw .invalidPathKey
        }
        pathKeyBytes = pathKey.bytes
        secret = key.sharedSecret(with: self.pathKey)
    }

    /// What the node's key is multiplied by to be the key of its blinded id.
    public var keyFactor: Hash256 { OnionKey.blindedNodeID(secret) }

    /// The data for this node.
    ///
    /// Throws ``BlindedPathError/wrongTag`` or ``BlindedPathError/malformedData(_:)``.
    public func decrypt(_ data: [UInt8]) throws(BlindedPathError) -> RecipientData {
        guard let plain = ChaCha20Poly1305.decrypt(data, key: OnionKey.rho(secret), nonce: 0) else {
            throw .wrongTag
        }
        do throws(WireError) {
            return try RecipientData(decoding: plain)
        } catch {
            throw .malformedData(error)
        }
    }

    /// The path key for the next node, which `data` may replace.
    public func nextPathKey(after data: RecipientData) throws(BlindedPathError) -> Point {
        // BOLT 4: "If the `encrypted_data_tlv` contains a `next_path_key_override`: MUST use it as the next
        // `path_key`."
        if let override = data.nextPathKeyOverride { return override }
        do throws(KeyError) {
            let factor = OnionKey.blindingFactor(pathKeyBytes, secret)
            return Point(try pathKey.multiplying(by: factor))
        } catch {
            throw .invalidPathKey
        }
    }
}
