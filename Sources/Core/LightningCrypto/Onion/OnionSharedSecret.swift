import Bitcoin
import LightningWire

/// What the origin of an onion shares with one of its hops, kept by the hop until its HTLC is removed (BOLT 4). Not
/// printed by accident.
public struct OnionSharedSecret: Hash256Wrapper {
    public static var wireName: StaticString { "32*byte" }
    public let hash: Hash256

    public init(_ hash: Hash256) { self.hash = hash }

    public var description: String { "shared secret of an onion" }
}

/// The keys that follow from a shared secret (BOLT 4, "Key Generation").
enum OnionKey {
    // The names are hashed once; a key then costs one pass over the secret.
    private static let rho = HMACState(name: "rho")
    private static let mu = HMACState(name: "mu")
    private static let um = HMACState(name: "um")
    private static let pad = HMACState(name: "pad")
    private static let ammag = HMACState(name: "ammag")
    private static let ammagExtension = HMACState(name: "ammagext")
    private static let blindedNodeID = HMACState(name: "blinded_node_id")

    /// Encrypts payloads, and the data of blinded paths.
    static func rho(_ secret: Hash256) -> Hash256 { rho.code(of: secret) }

    /// Authenticates the packet on its way to the receiver.
    static func mu(_ secret: Hash256) -> Hash256 { mu.code(of: secret) }

    /// Authenticates failures on their way back.
    static func um(_ secret: Hash256) -> Hash256 { um.code(of: secret) }

    /// Fills the packet at first, from the session key.
    static func pad(_ sessionKey: Hash256) -> Hash256 { pad.code(of: sessionKey) }

    /// Encrypts failures on their way back.
    static func ammag(_ secret: Hash256) -> Hash256 { ammag.code(of: secret) }

    /// Encrypts attribution data on its way back.
    static func ammagExtension(_ secret: Hash256) -> Hash256 { ammagExtension.code(of: secret) }

    /// Hides a node's key inside a blinded path.
    static func blindedNodeID(_ secret: Hash256) -> Hash256 { blindedNodeID.code(of: secret) }

    /// What turns one hop's ephemeral key into the next one's: BOLT 4: "the `SHA256` hash value of the concatenation of
    /// the public key serialized in its compressed format and the shared secret."
    static func blindingFactor(_ publicKey: [UInt8], _ secret: Hash256) -> Hash256 {
        var hasher = SHA256()
        hasher.update(publicKey)
        hasher.update(secret)
        return hasher.finalize()
    }
}
