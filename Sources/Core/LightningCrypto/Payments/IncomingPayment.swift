import Bitcoin
import LightningWire

/// An HTLC that came in, as far as its onion is concerned.
public struct IncomingPayment: Hashable, Sendable {
    public var amount: MilliSatoshi
    public var paymentHash: PaymentHash
    public var cltvExpiry: BlockHeight
    /// The packet as it came.
    public var onion: [UInt8]
    /// The key that a node inside a blinded path is given beside the packet.
    public var pathKey: Point?

    /// An HTLC of these parts.
    public init(
        amount: MilliSatoshi, paymentHash: PaymentHash, cltvExpiry: BlockHeight, onion: [UInt8],
        pathKey: Point? = nil
    ) {
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
        self.onion = onion
        self.pathKey = pathKey
    }

    /// What the message offers.
    public init(_ message: UpdateAddHTLC) {
        self.init(
            amount: message.amount, paymentHash: message.paymentHash,
            cltvExpiry: message.cltvExpiry, onion: message.onionPacket,
            pathKey: message.tlvs.pathKey)
    }

    /// Reads the onion and checks all that the HTLC itself shows (BOLT 4, "Packet Structure").
    ///
    /// What depends on this node's channels or invoices is left to ``PaymentForward/problem(terms:height:)`` and
    /// ``PaymentReceipt/problem(expecting:)``; whether the onion was seen before, to who holds the HTLCs.
    ///
    /// - Parameter height: that of the best block, which failures tell.
    public func open(with key: some OnionNodeKey, height: BlockHeight) -> OpenedPayment {
        let onionHash = SHA256.hash(onion)
        let path: PathSecret?
        let peeled: PeeledOnion
        do throws(OnionError) {
            guard onion.count == OnionPacket.paymentSize else {
                throw .wrongSize(expected: OnionPacket.paymentSize, actual: onion.count)
            }
            path = try pathSecret(key)
            peeled = try OnionPacket(onion).peel(
                with: key, associatedData: paymentHash.hash.bytes, inside: path)
        } catch {
            return .refuse(refusal(error, onionHash))
        }
        let reading = PayloadReading(
            payment: self, peeled: peeled, path: path, onionHash: onionHash, height: height)
        return reading.open(with: key)
    }

    private func pathSecret(_ key: some OnionNodeKey) throws(OnionError) -> PathSecret? {
        guard let pathKey else { return nil }
        do throws(BlindedPathError) {
            return try PathSecret(pathKey: pathKey, key: key)
        } catch {
            throw .invalidKey
        }
    }

    private func refusal(_ error: OnionError, _ onionHash: Hash256) -> PaymentRefusal {
        // BOLT 4: "if `path_key` is set in the incoming `update_add_htlc`: MUST return an `invalid_onion_blinding`
        // error."
        if pathKey != nil { return .malformed(.invalidOnionBlinding, onionHash: onionHash) }
        let failure = error.failure(onionHash: onionHash)
        if case .malformedLength(let secret) = error { return .failed(failure, secret) }
        return .malformed(failure.code, onionHash: onionHash)
    }
}

/// What is to become of an HTLC by its onion.
public enum OpenedPayment: Hashable, Sendable {
    /// Goes on to another node.
    case forward(PaymentForward)
    /// Ends here.
    case receive(PaymentReceipt)
    /// Goes back.
    case refuse(PaymentRefusal)

    /// What this node shares with the origin; nil where the onion could not be read.
    public var sharedSecret: OnionSharedSecret? {
        switch self {
        case .forward(let forward): forward.reporter.sharedSecret
        case .receive(let receipt): receipt.reporter.sharedSecret
        case .refuse(.failed(_, let secret)): secret
        case .refuse(.malformed): nil
        }
    }
}
