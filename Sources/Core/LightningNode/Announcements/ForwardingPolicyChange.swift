import LightningCrypto
import LightningPayment
import LightningWire

/// Which channels a change of terms concerns.
public enum PolicyScope: Hashable, Sendable {
    /// All channels, and those that are opened later.
    case all
    /// One channel.
    case channel(ChannelID)
}

/// What is to be different in the terms for forwarding; nil leaves a term as it is.
public struct ForwardingPolicyChange: Hashable, Sendable {
    /// In millisatoshi.
    public var feeBase: UInt32?
    /// In millionths of the amount.
    public var feeProportionalMillionths: UInt32?
    /// What is taken, or where negative given, for what comes in.
    public var inboundFee: InboundFee?
    /// The blocks between the expiries of the two HTLCs.
    public var cltvExpiryDelta: UInt16?
    public var htlcMinimum: MilliSatoshi?
    public var htlcMaximum: MilliSatoshi?
    /// Whether anything is forwarded.
    public var isEnabled: Bool?

    /// The least ``cltvExpiryDelta``: BOLT 2's recommendation for the last node of a way, less is never safe.
    public static let leastDelta: UInt16 = 18

    /// A change of nothing.
    public init() {}

    /// The terms `policy` with this change.
    func applied(to policy: ForwardingPolicy) throws(PolicyProblem) -> ForwardingPolicy {
        var new = policy
        new.relay.feeBase = feeBase ?? policy.relay.feeBase
        new.relay.feeProportionalMillionths =
            feeProportionalMillionths ?? policy.relay.feeProportionalMillionths
        new.inboundFee = inboundFee ?? policy.inboundFee
        new.relay.cltvExpiryDelta = cltvExpiryDelta ?? policy.relay.cltvExpiryDelta
        new.htlcMinimum = htlcMinimum ?? policy.htlcMinimum
        new.htlcMaximum = htlcMaximum ?? policy.htlcMaximum
        new.isEnabled = isEnabled ?? policy.isEnabled
        guard new.relay.cltvExpiryDelta >= Self.leastDelta else {
            throw .deltaTooSmall(new.relay.cltvExpiryDelta, least: Self.leastDelta)
        }
        if let maximum = new.htlcMaximum {
            guard maximum > .zero, new.htlcMinimum <= maximum else {
                throw .maximumBelowMinimum(minimum: new.htlcMinimum, maximum: maximum)
            }
        }
        return new
    }
}

/// Why terms for forwarding are refused.
public enum PolicyProblem: Error, Equatable, Sendable {
    /// There would not be time to take an HTLC on the chain.
    case deltaTooSmall(UInt16, least: UInt16)
    /// No HTLC would fit.
    case maximumBelowMinimum(minimum: MilliSatoshi, maximum: MilliSatoshi)
    /// The channel never holds that much.
    case maximumAboveCapacity(MilliSatoshi, capacity: MilliSatoshi)
}

extension PolicyProblem: CustomStringConvertible {
    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .deltaTooSmall(let delta, let least):
            "time lock delta of \(delta) is too small, minimum supported is \(least)"
        case .maximumBelowMinimum(let minimum, let maximum):
            "the maximum of \(maximum) for an HTLC is below its minimum of \(minimum)"
        case .maximumAboveCapacity(let maximum, let capacity):
            "the maximum of \(maximum) for an HTLC is above the channel's capacity of \(capacity)"
        }
    }
}

/// Whether the network knows of a channel.
public enum AnnouncementState: Hashable, Sendable {
    /// It is between the two nodes alone.
    case unannounced
    /// It is to be announced once it is deep enough in the chain and both sides have signed for that.
    case waiting
    /// Both sides have signed; the network may know.
    case announced
}
