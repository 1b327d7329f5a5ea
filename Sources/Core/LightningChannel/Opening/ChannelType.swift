import LightningCommitment
import LightningWire

extension Features {
    /// The type of a channel (BOLT 2, "Defined Channel Types"), in as few bytes as it needs.
    public static func channelType(
        _ format: CommitmentFormat, isAliasOnly: Bool = false, isZeroConfirmation: Bool = false
    ) -> Features {
        var type = Features()
        type.add(.staticRemoteKey, required: true)
        switch format {
        case .staticRemoteKey: break
        case .anchors: type.add(.anchors, required: true)
        }
        if isAliasOnly { type.add(.shortChannelIDAlias, required: true) }
        if isZeroConfirmation { type.add(.zeroConfirmation, required: true) }
        return type
    }

    /// Whether this is one of the types that BOLT 2 defines: "they are not an arbitrary combination".
    var isDefinedChannelType: Bool {
        guard let format = CommitmentFormat(channelType: self) else { return false }
        return isSameSet(
            as: .channelType(
                format, isAliasOnly: supports(.shortChannelIDAlias),
                isZeroConfirmation: supports(.zeroConfirmation)))
    }

    /// The features that both sides offer, each as its odd bit.
    public func negotiated(with other: Features) -> Features {
        var both = Features()
        for feature in Feature.allCases where supports(feature) && other.supports(feature) {
            both.add(feature)
        }
        return both
    }
}
