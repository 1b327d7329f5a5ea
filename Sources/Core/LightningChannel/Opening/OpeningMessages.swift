import Bitcoin
import LightningCommitment
import LightningWire

/// The two messages in which each side tells its part.
extension OpenChannel {
    /// `open_channel` for `request`, with the opener's part `side`.
    init(
        _ request: OpenRequest, temporaryID: ChannelID, feerate: FeeratePerKw,
        _ side: PartyParameters, firstPoint: PublicKey
    ) {
        self.init(
            chainHash: request.chain, temporaryChannelID: temporaryID,
            fundingAmount: request.amount, pushAmount: request.pushed, dustLimit: side.dustLimit,
            maxHTLCValueInFlight: side.maximumInFlight, channelReserve: side.reserveOfOther,
            htlcMinimum: side.htlcMinimum, feerate: feerate, toSelfDelay: side.delayOfOther,
            maxAcceptedHTLCs: side.maximumAcceptedHTLCs,
            fundingPublicKey: Point(side.basepoints.funding),
            revocationBasepoint: Point(side.basepoints.revocation),
            paymentBasepoint: Point(side.basepoints.payment),
            delayedPaymentBasepoint: Point(side.basepoints.delayedPayment),
            htlcBasepoint: Point(side.basepoints.htlc), firstPerCommitmentPoint: Point(firstPoint),
            channelFlags: request.isAnnounced ? .announceChannel : [],
            // BOLT 2: "if it includes `open_channel_tlvs`: MUST include `upfront_shutdown_script`."
            tlvs: OpenChannelTLVs(
                upfrontShutdownScript: side.upfrontShutdownScript ?? Script(),
                channelType: request.channelType))
    }

    /// The opener's part. Throws where a key is not on the curve.
    func party(_ features: Features) throws(OpeningError) -> PartyParameters {
        PartyParameters(
            dustLimit: dustLimit, maximumInFlight: maxHTLCValueInFlight,
            reserveOfOther: channelReserve, htlcMinimum: htlcMinimum, delayOfOther: toSelfDelay,
            maximumAcceptedHTLCs: maxAcceptedHTLCs,
            basepoints: ChannelBasepoints(
                funding: try fundingPublicKey.key(.fundingKey),
                revocation: try revocationBasepoint.key(.revocationBasepoint),
                payment: try paymentBasepoint.key(.paymentBasepoint),
                delayedPayment: try delayedPaymentBasepoint.key(.delayedPaymentBasepoint),
                htlc: try htlcBasepoint.key(.htlcBasepoint)),
            upfrontShutdownScript: tlvs.upfrontShutdownScript.binding(features))
    }
}

extension AcceptChannel {
    /// `accept_channel` with the accepter's part `side`.
    init(
        temporaryID: ChannelID, _ side: PartyParameters, minimumDepth: UInt32,
        firstPoint: PublicKey, channelType: Features
    ) {
        self.init(
            temporaryChannelID: temporaryID, dustLimit: side.dustLimit,
            maxHTLCValueInFlight: side.maximumInFlight, channelReserve: side.reserveOfOther,
            htlcMinimum: side.htlcMinimum, minimumDepth: minimumDepth,
            toSelfDelay: side.delayOfOther, maxAcceptedHTLCs: side.maximumAcceptedHTLCs,
            fundingPublicKey: Point(side.basepoints.funding),
            revocationBasepoint: Point(side.basepoints.revocation),
            paymentBasepoint: Point(side.basepoints.payment),
            delayedPaymentBasepoint: Point(side.basepoints.delayedPayment),
            htlcBasepoint: Point(side.basepoints.htlc), firstPerCommitmentPoint: Point(firstPoint),
            tlvs: AcceptChannelTLVs(
                upfrontShutdownScript: side.upfrontShutdownScript ?? Script(),
                channelType: channelType))
    }

    /// The accepter's part. Throws where a key is not on the curve.
    func party(_ features: Features) throws(OpeningError) -> PartyParameters {
        PartyParameters(
            dustLimit: dustLimit, maximumInFlight: maxHTLCValueInFlight,
            reserveOfOther: channelReserve, htlcMinimum: htlcMinimum, delayOfOther: toSelfDelay,
            maximumAcceptedHTLCs: maxAcceptedHTLCs,
            basepoints: ChannelBasepoints(
                funding: try fundingPublicKey.key(.fundingKey),
                revocation: try revocationBasepoint.key(.revocationBasepoint),
                payment: try paymentBasepoint.key(.paymentBasepoint),
                delayedPayment: try delayedPaymentBasepoint.key(.delayedPaymentBasepoint),
                htlc: try htlcBasepoint.key(.htlcBasepoint)),
            upfrontShutdownScript: tlvs.upfrontShutdownScript.binding(features))
    }
}

extension Point {
    /// The key of a field. Throws where it is not on the curve.
    func key(_ field: OpeningField) throws(OpeningError) -> PublicKey {
        do {
            return try publicKey()
        } catch {
            throw .invalidPoint(field)
        }
    }
}

extension Script? {
    /// The script to which a peer has committed itself; nil where it has not.
    ///
    /// BOLT 2: "if both nodes advertised the `option_upfront_shutdown_script` feature, and the receiving node received a
    /// non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`"
    fileprivate func binding(_ features: Features) -> Script? {
        guard let self, !self.bytes.isEmpty, features.supports(.upfrontShutdownScript) else {
            return nil
        }
        return self
    }
}
