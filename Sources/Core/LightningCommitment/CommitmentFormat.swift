import Bitcoin

/// The form of a channel's commitment transactions (BOLT 3), fixed by the channel type.
///
/// A further form, such as zero-fee commitments (v3) or taproot, is a further case: every `switch` over this type then
/// says what it needs.
public enum CommitmentFormat: Hashable, Sendable, CaseIterable {
    /// `option_static_remotekey`: HTLC transactions pay the commitment's fee rate, and only the opener's fee bumps.
    case staticRemoteKey
    /// `option_anchors`: HTLC transactions pay no fee of their own, and either side can bump by its anchor.
    case anchors

    /// The weight of a commitment transaction without HTLCs, as fees are computed.
    /// BOLT 3: "Start with `weight` = 724 (1124 if `option_anchors` applies)."
    public var baseWeight: Weight {
        switch self {
        case .staticRemoteKey: Weight(724)
        case .anchors: Weight(1124)
        }
    }

    /// The weight that each HTLC output adds.
    public static let htlcOutputWeight = Weight(172)

    /// The weight of an HTLC-timeout transaction, as fees are computed.
    public var htlcTimeoutWeight: Weight {
        switch self {
        case .staticRemoteKey: Weight(663)
        case .anchors: Weight(666)
        }
    }

    /// The weight of an HTLC-success transaction, as fees are computed.
    public var htlcSuccessWeight: Weight {
        switch self {
        case .staticRemoteKey: Weight(703)
        case .anchors: Weight(706)
        }
    }

    /// What each anchor holds. BOLT 3: "The amount of the output is fixed at 330 sats, the default dust limit for P2WSH."
    public static let anchorAmount = Satoshi(330)

    /// What both anchors take from the opener's balance.
    public var anchorsAmount: Satoshi {
        switch self {
        case .staticRemoteKey: .zero
        case .anchors: CommitmentFormat.anchorAmount + CommitmentFormat.anchorAmount
        }
    }

    /// The fee of an HTLC-timeout transaction at the commitment's fee rate.
    public func htlcTimeoutFee(_ feerate: FeeratePerKw) -> Satoshi {
        switch self {
        case .staticRemoteKey: feerate.fee(for: htlcTimeoutWeight)
        case .anchors: .zero
        }
    }

    /// The fee of an HTLC-success transaction at the commitment's fee rate.
    public func htlcSuccessFee(_ feerate: FeeratePerKw) -> Satoshi {
        switch self {
        case .staticRemoteKey: feerate.fee(for: htlcSuccessWeight)
        case .anchors: .zero
        }
    }

    /// What the counterparty's signature of an HTLC transaction covers. With anchors, inputs and outputs can be added for
    /// the fee (BOLT 5).
    public var counterpartyHTLCSighash: SighashType {
        switch self {
        case .staticRemoteKey: .all
        case .anchors: .single.anyoneCanPay
        }
    }

    /// The sequence number with which HTLC outputs are spent. BOLT 3: "the nSequence field of the spending input must be
    /// `1`" where anchors apply.
    public var htlcSequence: InputSequence {
        switch self {
        case .staticRemoteKey: InputSequence(0)
        case .anchors: .relative(blocks: 1)
        }
    }
}
