import LightningWire
import NodeAPI

extension [String: FeatureMessage] {
    /// The bits of a set under their numbers, with the names that lnd has for them.
    init(_ features: Features) {
        self.init()
        for bit in features.bits {
            let feature = Feature(rawValue: bit & ~1)
            var message = FeatureMessage()
            message.name = feature?.interfaceName ?? "unknown"
            message.isRequired = bit % 2 == 0
            message.isKnown = feature != nil
            self[String(bit)] = message
        }
    }
}

extension Feature {
    /// The name that lnd has for the feature, or its name in BOLT 9 where lnd has none.
    var interfaceName: String {
        switch self {
        case .dataLossProtect: "data-loss-protect"
        case .upfrontShutdownScript: "upfront-shutdown-script"
        case .gossipQueries: "gossip-queries"
        case .variableLengthOnion: "tlv-onion"
        case .gossipQueriesExtended: "gossip-queries-ex"
        case .staticRemoteKey: "static-remote-key"
        case .paymentSecret: "payment-addr"
        case .basicMultiPartPayment: "multi-path-payments"
        case .largeChannels: "wumbo-channels"
        case .anchors: "anchors-zero-fee-htlc-tx"
        case .routeBlinding: "route-blinding"
        case .shutdownAnySegwit: "shutdown-any-segwit"
        case .quiescence: "quiescence"
        case .onionMessages: "onion-messages"
        case .channelType: "explicit-commitment-type"
        case .shortChannelIDAlias: "scid-alias"
        case .paymentMetadata: "payment-metadata"
        case .zeroConfirmation: "zero-conf"
        case .simpleClose: "rbf-coop-close"
        case .dualFunding, .attributionData, .provideStorage, .splice: name
        }
    }
}
