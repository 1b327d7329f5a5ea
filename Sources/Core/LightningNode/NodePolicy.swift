import LightningWire

/// What the operator wants of the node, and the bounds within which it lets others use it.
public struct NodePolicy: Sendable {
    /// The features that `init` tells peers of.
    public var features: Features
    /// After so many seconds without a message from a peer it is asked for a `pong`.
    public var pingAfter: UInt64
    /// After so many seconds without the `pong` that was asked for, the connection counts as dead.
    public var pongWithin: UInt64

    /// The policy of a node that is not told otherwise.
    public init(
        features: Features = .standard, pingAfter: UInt64 = 60, pongWithin: UInt64 = 30
    ) {
        self.features = features
        self.pingAfter = pingAfter
        self.pongWithin = pongWithin
    }
}

extension Features {
    /// What this release does. What BOLT 9 assumes of everybody is demanded, the rest offered.
    public static let standard: Features = {
        var features = Features()
        for feature: Feature in [
            .dataLossProtect, .variableLengthOnion, .staticRemoteKey, .paymentSecret, .channelType,
        ] {
            features.add(feature, required: true)
        }
        for feature: Feature in [
            .upfrontShutdownScript, .basicMultiPartPayment, .largeChannels, .anchors,
            .shutdownAnySegwit, .shortChannelIDAlias, .zeroConfirmation, .simpleClose,
        ] {
            features.add(feature)
        }
        return features
    }()

    /// The features that both sides of a connection can count on.
    ///
    /// BOLT 1: "A feature is *negotiated* if either both peers offered it, or the local node offered it as even: it can
    /// assume the peer supports it, as it did not disconnect as it would be required to do."
    func negotiated(with remote: Features) -> Features {
        var result = Features()
        for feature in Feature.allCases
        where requires(feature) || supports(feature) && remote.supports(feature) {
            result.add(feature)
        }
        return result
    }
}
