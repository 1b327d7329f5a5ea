import Bitcoin
import LightningWire

/// A node of a blinded path that is to be made.
public struct PathNode: Sendable {
    /// The node's own key.
    public var key: PublicKey
    /// What only this node is to read.
    public var data: RecipientData

    /// A node and its data.
    public init(key: PublicKey, data: RecipientData) {
        self.key = key
        self.data = data
    }
}

extension BlindedPath {
    /// Makes a path of which its user learns the first node alone (BOLT 4, "Route Blinding").
    ///
    /// `sessionKey` is fresh and random. `firstNode` replaces the key of the first node by a shorter name, if any.
    public static func create(
        _ nodes: [PathNode], sessionKey: PrivateKey, firstNode: NodeReference? = nil
    ) throws(BlindedPathError) -> BlindedPath {
        guard let first = nodes.first, nodes.count <= 255 else {
            throw .wrongHopCount(nodes.count)
        }
        var hops: [BlindedHop] = []
        var pathPrivateKey = sessionKey
        for (index, node) in nodes.enumerated() {
            let secret = pathPrivateKey.sharedSecret(with: node.key)
            let data = ChaCha20Poly1305.encrypt(
                node.data.encoded, key: OnionKey.rho(secret), nonce: 0)
            guard data.count <= UInt16.max else {
                throw .dataTooLong(hop: index, count: data.count)
            }
            do throws(KeyError) {
                let blinded = try node.key.multiplying(by: OnionKey.blindedNodeID(secret))
                hops.append(
                    BlindedHop(blindedNodeID: Point(blinded), encryptedRecipientData: data))
                guard index < nodes.count - 1 else { break }
                pathPrivateKey = try pathPrivateKey.multiplying(
                    by: OnionKey.blindingFactor(pathPrivateKey.publicKey.compressed, secret))
            } catch {
                throw .invalidPathKey
            }
        }
        return BlindedPath(
            firstNode: firstNode ?? .nodeID(NodeID(first.key)),
            firstPathKey: Point(sessionKey.publicKey), hops: hops)
    }
}

extension [RecipientData] {
    /// The same data with zeros added, so that all are equally long and the last node does not stand out (BOLT 4).
    public func paddedAlike() -> [RecipientData] {
        let bare = map { data in
            var data = data
            data.padding = nil
            return data
        }
        let lengths = bare.map(\.encoded.count)
        guard var target = lengths.max() else { return [] }
        while !lengths.allSatisfy({ Self.padding(filling: target - $0) != nil }) { target += 1 }
        return zip(bare, lengths).map { data, length in
            var data = data
            let count = Self.padding(filling: target - length) ?? 0
            data.padding = target == length ? nil : [UInt8](repeating: 0, count: count)
            return data
        }
    }

    /// How many zeros make a record of `count` bytes, or no record; nil where none has that size.
    private static func padding(filling count: Int) -> Int? {
        switch count {
        case 0: 0
        case 2..<255: count - 2
        case 257...: count - 4
        default: nil
        }
    }
}
