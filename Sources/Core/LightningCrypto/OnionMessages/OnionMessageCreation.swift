import Bitcoin
import LightningWire

/// Why an onion message cannot be made.
public enum OnionMessageBuildError: Error, Equatable, Sendable {
    /// A blinded key of the path is no point of the curve.
    case invalidBlindedKey(hop: Int)
    /// The way to the path cannot be made.
    case path(BlindedPathError)
    /// The content does not fit the largest packet, or a key is degenerate.
    case onion(OnionBuildError)
}

extension OnionMessage {
    /// Makes a message to the end of a blinded path (BOLT 4, "Onion Messages").
    ///
    /// To a node that is known by its key goes a path of that node alone, with empty data.
    ///
    /// - Parameters:
    ///   - content: for the receiver; its encrypted data is filled in.
    ///   - path: the receiver's.
    ///   - relays: the nodes that carry the message to the path's first node, each a peer of the next. The message is sent
    ///     to the first of them, or without any to the path's first node.
    ///   - introduction: the key of the path's first node.
    ///   - sessionKey: fresh and random, for the packet.
    ///   - pathSessionKey: fresh and random, for the keys of the relays.
    public static func create(
        _ content: OnionMessagePayload, along path: BlindedPath, introduction: PublicKey,
        relays: [PublicKey] = [], sessionKey: PrivateKey, pathSessionKey: PrivateKey
    ) throws(OnionMessageBuildError) -> OnionMessage {
        var whole = path
        if !relays.isEmpty {
            do throws(BlindedPathError) {
                whole = try .create(
                    relayNodes(relays, to: introduction, path), sessionKey: pathSessionKey)
            } catch {
                throw .path(error)
            }
            whole.hops += path.hops
        }
        var hops: [OnionHop] = []
        for (index, hop) in whole.hops.enumerated() {
            guard let key = try? hop.blindedNodeID.publicKey() else {
                throw .invalidBlindedKey(hop: index)
            }
            // BOLT 4: "For the non-final nodes' `onionmsg_tlv`: MUST NOT set fields other than
            // `encrypted_recipient_data`."
            var payload = index == whole.hops.count - 1 ? content : OnionMessagePayload()
            payload.encryptedRecipientData = hop.encryptedRecipientData
            hops.append(OnionHop(key: key, payload: payload.encoded))
        }
        return try OnionMessage(
            pathKey: whole.firstPathKey, packet: packet(hops, sessionKey: sessionKey))
    }

    /// What the relays are told: who comes next, and with the last one, where the other path begins.
    private static func relayNodes(
        _ relays: [PublicKey], to introduction: PublicKey, _ path: BlindedPath
    ) -> [PathNode] {
        zip(relays, relays.dropFirst() + [introduction]).enumerated().map { index, pair in
            let isLast = index == relays.count - 1
            return PathNode(
                key: pair.0,
                data: RecipientData(
                    nextNodeID: NodeID(pair.1),
                    nextPathKeyOverride: isLast ? path.firstPathKey : nil))
        }
    }

    /// The packet in the smaller of the two usual sizes that holds the hops.
    private static func packet(
        _ hops: [OnionHop], sessionKey: PrivateKey
    ) throws(OnionMessageBuildError) -> [UInt8] {
        let size = hops.reduce(0) { $0 + $1.size }
        let capacity =
            size <= OnionPacket.paymentCapacity
            ? OnionPacket.paymentCapacity : OnionPacket.largeMessageCapacity
        do throws(OnionBuildError) {
            return try OnionPacket.build(
                hops, sessionKey: sessionKey, associatedData: [], capacity: capacity
            ).packet.bytes
        } catch {
            throw .onion(error)
        }
    }
}
