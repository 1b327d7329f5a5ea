import Bitcoin
import LightningWire

/// What is to become of an onion message.
public enum OpenedOnionMessage: Hashable, Sendable {
    /// Goes on to a peer.
    case forward(OnionMessage, to: NextPeer)
    /// Is for this node; `pathID` is what it put into the path that the sender used.
    case receive(OnionMessagePayload, pathID: [UInt8]?)
}

/// Why an onion message is to be ignored, without an answer.
public enum OnionMessageError: Error, Equatable, Sendable {
    case onion(OnionError)
    case path(BlindedPathError)
    case malformedPayload(WireError)
    /// The layer has no data of the path's creator.
    case noRecipientData
    /// A layer on the way has more than data of the path's creator.
    case fieldsForReceiver
    /// The path's creator demands features that this node does not know.
    case unknownFeatures(Features)
    /// A layer on the way has the receiver's `path_id`, names no next node, or names two.
    case invalidRelayData
    /// The layer has more than one of the records that are contents.
    case severalContents
}

extension OnionMessage {
    /// The records from here on are contents for the receiver.
    private static var firstContentType: UInt64 { 64 }

    /// Takes off this node's layer (BOLT 4, "Onion Messages").
    ///
    /// Whether `pathID` fits what the message is about is for the receiver to check: an answer has to use the path that
    /// was given for it, and nothing else may.
    public func open(
        with key: some OnionNodeKey
    ) throws(OnionMessageError) -> OpenedOnionMessage {
        let secret: PathSecret
        do throws(BlindedPathError) {
            secret = try PathSecret(pathKey: pathKey, key: key)
        } catch {
            throw .path(error)
        }
        let peeled: PeeledOnion
        do throws(OnionError) {
            peeled = try OnionPacket(packet).peel(with: key, associatedData: [], inside: secret)
        } catch {
            throw .onion(error)
        }
        let (payload, data) = try Self.read(peeled.payload, secret)
        if let packet = peeled.next {
            return try Self.forward(payload, data, secret, packet)
        }
        let contents = [payload.invoiceRequest, payload.invoice, payload.invoiceError]
        let unknown = payload.unknownRecords.count { $0.type >= Self.firstContentType }
        // BOLT 4: "if the `onionmsg_tlv` contains more than one payload field: MUST ignore the message."
        guard contents.count(where: { $0 != nil }) + unknown <= 1 else { throw .severalContents }
        return .receive(payload, pathID: data.pathID)
    }

    private static func read(
        _ bytes: [UInt8], _ secret: PathSecret
    ) throws(OnionMessageError) -> (OnionMessagePayload, RecipientData) {
        let payload: OnionMessagePayload
        do throws(WireError) {
            payload = try OnionMessagePayload(decoding: bytes)
        } catch {
            throw .malformedPayload(error)
        }
        guard let encrypted = payload.encryptedRecipientData else { throw .noRecipientData }
        let data: RecipientData
        do throws(BlindedPathError) {
            data = try secret.decrypt(encrypted)
        } catch {
            throw .path(error)
        }
        // No feature is defined for `allowed_features`, so that every bit is one that is not known.
        if let features = data.allowedFeatures, !features.bits.isEmpty {
            throw .unknownFeatures(features)
        }
        return (payload, data)
    }

    private static func forward(
        _ payload: OnionMessagePayload, _ data: RecipientData, _ secret: PathSecret,
        _ packet: OnionPacket
    ) throws(OnionMessageError) -> OpenedOnionMessage {
        let allowed = OnionMessagePayload(
            encryptedRecipientData: payload.encryptedRecipientData)
        guard payload == allowed else { throw .fieldsForReceiver }
        let next: NextPeer
        switch (data.nextNodeID, data.shortChannelID) {
        case (let node?, nil): next = .node(node)
        case (nil, let channel?): next = .channel(channel)
        case (nil, nil), (_?, _?): throw .invalidRelayData
        }
        guard data.pathID == nil else { throw .invalidRelayData }
        do throws(BlindedPathError) {
            let message = OnionMessage(
                pathKey: try secret.nextPathKey(after: data), packet: packet.bytes)
            return .forward(message, to: next)
        } catch {
            throw .path(error)
        }
    }
}
