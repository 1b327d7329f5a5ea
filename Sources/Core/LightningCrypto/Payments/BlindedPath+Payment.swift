import Bitcoin
import LightningWire

extension BlindedPath {
    /// The hops of a payment's onion along this path, from its introduction node on (BOLT 4, "Route Blinding").
    ///
    /// - Parameters:
    ///   - introduction: the key of ``firstNode``, which is not hidden.
    ///   - amount: what the receiver gets with this HTLC.
    ///   - total: what the receiver gets with all HTLCs of the payment.
    ///   - cltvExpiry: of the HTLC at the receiver, as the sender counts it: without what the path's own delta adds.
    ///
    /// Throws ``KeyError/invalidPublicKey`` where a blinded key is no point of the curve.
    public func paymentHops(
        introduction: PublicKey, amount: MilliSatoshi, total: MilliSatoshi,
        cltvExpiry: BlockHeight
    ) throws(KeyError) -> [OnionHop] {
        var result: [OnionHop] = []
        for (index, hop) in hops.enumerated() {
            var payload = PaymentPayload(encryptedRecipientData: hop.encryptedRecipientData)
            if index == 0 { payload.currentPathKey = firstPathKey }
            if index == hops.count - 1 {
                payload.amountToForward = amount
                payload.outgoingCltvValue = cltvExpiry
                payload.totalAmount = total
            }
            let key = index == 0 ? introduction : try hop.blindedNodeID.publicKey()
            result.append(OnionHop(key: key, payload: payload.encoded))
        }
        return result
    }
}
