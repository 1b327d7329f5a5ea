import Bitcoin
import LightningCommitment
import LightningWire

extension OpenChannel: OpeningMessage {
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
            keys: OpeningKeys(side.basepoints, firstPoint: firstPoint),
            channelFlags: request.isAnnounced ? .announceChannel : [],
            // BOLT 2: "if it includes `open_channel_tlvs`: MUST include `upfront_shutdown_script`."
            tlvs: OpenChannelTLVs(
                upfrontShutdownScript: side.upfrontShutdownScript ?? Script(),
                channelType: request.channelType))
    }

    var upfrontShutdownScript: Script? { tlvs.upfrontShutdownScript }
}

extension AcceptChannel: OpeningMessage {
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
            keys: OpeningKeys(side.basepoints, firstPoint: firstPoint),
            tlvs: AcceptChannelTLVs(
                upfrontShutdownScript: side.upfrontShutdownScript ?? Script(),
                channelType: channelType))
    }

    var upfrontShutdownScript: Script? { tlvs.upfrontShutdownScript }
}

/// A message in which a side tells its part: `open_channel` or `accept_channel`.
protocol OpeningMessage {
    var dustLimit: Satoshi { get }
    var maxHTLCValueInFlight: MilliSatoshi { get }
    var channelReserve: Satoshi { get }
    var htlcMinimum: MilliSatoshi { get }
    var toSelfDelay: UInt16 { get }
    var maxAcceptedHTLCs: UInt16 { get }
    var keys: OpeningKeys { get }
    var upfrontShutdownScript: Script? { get }
}

extension OpeningMessage {
    /// The sender's part. Throws where a key is not on the curve.
    func party(_ features: Features) throws(OpeningError) -> PartyParameters {
        PartyParameters(
            dustLimit: dustLimit, maximumInFlight: maxHTLCValueInFlight,
            reserveOfOther: channelReserve, htlcMinimum: htlcMinimum, delayOfOther: toSelfDelay,
            maximumAcceptedHTLCs: maxAcceptedHTLCs, basepoints: try keys.basepoints(),
            upfrontShutdownScript: upfrontShutdownScript.binding(features))
    }
}

extension OpeningKeys {
    /// The form of keys that are on the curve.
    init(_ basepoints: ChannelBasepoints, firstPoint: PublicKey) {
        self.init(
            fundingPublicKey: Point(basepoints.funding),
            revocationBasepoint: Point(basepoints.revocation),
            paymentBasepoint: Point(basepoints.payment),
            delayedPaymentBasepoint: Point(basepoints.delayedPayment),
            htlcBasepoint: Point(basepoints.htlc), firstPerCommitmentPoint: Point(firstPoint))
    }

    /// The keys that stay for the channel's life. Throws where one is not on the curve.
    func basepoints() throws(OpeningError) -> ChannelBasepoints {
        ChannelBasepoints(
            funding: try fundingPublicKey.key(.fundingKey),
            revocation: try revocationBasepoint.key(.revocationBasepoint),
            payment: try paymentBasepoint.key(.paymentBasepoint),
            delayedPayment: try delayedPaymentBasepoint.key(.delayedPaymentBasepoint),
            htlc: try htlcBasepoint.key(.htlcBasepoint))
    }

    /// The sender's point of commitment 0. Throws where it is not on the curve.
    func firstPoint() throws(OpeningError) -> PublicKey {
        try firstPerCommitmentPoint.key(.firstPoint)
    }
}

extension Point {
    /// The key of a field. Throws where it is not on the curve.
    fileprivate func key(_ field: OpeningField) throws(OpeningError) -> PublicKey {
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
