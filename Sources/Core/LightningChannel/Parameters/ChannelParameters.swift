import Bitcoin
import LightningCommitment
import LightningWire

/// What one side said of itself in `open_channel` or `accept_channel` (BOLT 2): its keys, and what it demands.
public struct PartyParameters: Hashable, Sendable {
    /// Below it, the side's own commitment has no output.
    public var dustLimit: Satoshi
    /// The most that may be on its way to this side: `max_htlc_value_in_flight_msat`.
    public var maximumInFlight: MilliSatoshi
    /// What the *other* side must keep of its balance: `channel_reserve_satoshis`.
    public var reserveOfOther: Satoshi
    /// The least HTLC that this side takes: `htlc_minimum_msat`.
    public var htlcMinimum: MilliSatoshi
    /// The blocks for which the *other* side must wait for its own money: `to_self_delay`.
    public var delayOfOther: UInt16
    /// The most HTLCs that may be offered to this side, at most ``PartyParameters/mostAcceptedHTLCs``.
    public var maximumAcceptedHTLCs: UInt16
    /// The side's keys with that of the first funding.
    public var basepoints: ChannelBasepoints
    /// The only script to which the side may be paid by a mutual close, if it has committed itself to one.
    public var upfrontShutdownScript: Script?

    /// The most that a side may accept. BOLT 2: "`max_accepted_htlcs` is limited to 483 to ensure that, even if both
    /// sides send the maximum number of HTLCs, the `commitment_signed` message will still be under the maximum message
    /// size."
    public static let mostAcceptedHTLCs: UInt16 = 483

    /// The demands and keys of one side.
    public init(
        dustLimit: Satoshi, maximumInFlight: MilliSatoshi, reserveOfOther: Satoshi,
        htlcMinimum: MilliSatoshi, delayOfOther: UInt16, maximumAcceptedHTLCs: UInt16,
        basepoints: ChannelBasepoints, upfrontShutdownScript: Script? = nil
    ) {
        self.dustLimit = dustLimit
        self.maximumInFlight = maximumInFlight
        self.reserveOfOther = reserveOfOther
        self.htlcMinimum = htlcMinimum
        self.delayOfOther = delayOfOther
        self.maximumAcceptedHTLCs = maximumAcceptedHTLCs
        self.basepoints = basepoints
        self.upfrontShutdownScript = upfrontShutdownScript
    }
}

/// What is fixed when a channel opens.
public struct ChannelParameters: Hashable, Sendable {
    /// The channel's keys, which also name its records.
    public var keys: ChannelKeyNumber
    public var channelID: ChannelID
    /// The features that both sides agreed on as the channel's type.
    public var channelType: Features
    /// The side that pays for fees and anchors.
    public var opener: Party
    public var local: PartyParameters
    public var remote: PartyParameters
    /// The most that this node lets both sides have in HTLCs too small for an output: `max_dust_htlc_exposure_msat`.
    public var maximumDustExposure: MilliSatoshi

    /// The parameters of one channel; nil where its type has no commitment format that is known.
    public init?(
        keys: ChannelKeyNumber, channelID: ChannelID, channelType: Features, opener: Party,
        local: PartyParameters, remote: PartyParameters, maximumDustExposure: MilliSatoshi
    ) {
        guard let format = CommitmentFormat(channelType: channelType) else { return nil }
        self.keys = keys
        self.channelID = channelID
        self.channelType = channelType
        self.format = format
        self.opener = opener
        self.local = local
        self.remote = remote
        self.maximumDustExposure = maximumDustExposure
        obscurer = CommitmentNumberObscurer(
            openerPaymentBasepoint: (opener == .local ? local : remote).basepoints.payment,
            accepterPaymentBasepoint: (opener == .local ? remote : local).basepoints.payment)
    }

    /// The form of the commitment transactions, as the channel's type has it.
    public let format: CommitmentFormat
    let obscurer: CommitmentNumberObscurer

    /// The parameters of one side.
    public subscript(party: Party) -> PartyParameters {
        switch party {
        case .local: local
        case .remote: remote
        }
    }

    /// What `party` must keep of its balance, because the other side demands it.
    public func reserve(of party: Party) -> MilliSatoshi {
        MilliSatoshi(self[party.other].reserveOfOther)
    }
}

extension CommitmentFormat {
    /// The format that a channel's type stands for (BOLT 2, "Defined Channel Types"); nil where none is known.
    public init?(channelType: Features) {
        if channelType.supports(.anchors) {
            self = .anchors
        } else if channelType.supports(.staticRemoteKey) {
            self = .staticRemoteKey
        } else {
            return nil
        }
    }
}
