/// A feature of the protocol. The raw value is its even bit; the odd bit behind it offers the feature without demanding it.
public enum Feature: Int, CaseIterable, Sendable {
    case dataLossProtect = 0
    case upfrontShutdownScript = 4
    case gossipQueries = 6
    case variableLengthOnion = 8
    case gossipQueriesExtended = 10
    case staticRemoteKey = 12
    case paymentSecret = 14
    case basicMultiPartPayment = 16
    case largeChannels = 18
    case anchors = 22
    case routeBlinding = 24
    case shutdownAnySegwit = 26
    case dualFunding = 28
    case quiescence = 34
    case attributionData = 36
    case onionMessages = 38
    case provideStorage = 42
    case channelType = 44
    case shortChannelIDAlias = 46
    case paymentMetadata = 48
    case zeroConfirmation = 50
    case simpleClose = 60
    case splice = 62

    /// The bit that demands the feature.
    public var evenBit: Int { rawValue }

    /// The name in BOLT 9.
    public var name: String {
        switch self {
        case .dataLossProtect: "option_data_loss_protect"
        case .upfrontShutdownScript: "option_upfront_shutdown_script"
        case .gossipQueries: "gossip_queries"
        case .variableLengthOnion: "var_onion_optin"
        case .gossipQueriesExtended: "gossip_queries_ex"
        case .staticRemoteKey: "option_static_remotekey"
        case .paymentSecret: "payment_secret"
        case .basicMultiPartPayment: "basic_mpp"
        case .largeChannels: "option_support_large_channel"
        case .anchors: "option_anchors"
        case .routeBlinding: "option_route_blinding"
        case .shutdownAnySegwit: "option_shutdown_anysegwit"
        case .dualFunding: "option_dual_fund"
        case .quiescence: "option_quiesce"
        case .attributionData: "option_attribution_data"
        case .onionMessages: "option_onion_messages"
        case .provideStorage: "option_provide_storage"
        case .channelType: "option_channel_type"
        case .shortChannelIDAlias: "option_scid_alias"
        case .paymentMetadata: "option_payment_metadata"
        case .zeroConfirmation: "option_zeroconf"
        case .simpleClose: "option_simple_close"
        case .splice: "option_splice"
        }
    }

    /// The features without which this one means nothing (BOLT 9). A feature that the specification assumes is not
    /// listed as a dependency of others, except where its table says so.
    public var dependencies: [Feature] {
        switch self {
        case .basicMultiPartPayment: [.paymentSecret]
        case .zeroConfirmation: [.shortChannelIDAlias]
        case .simpleClose: [.shutdownAnySegwit]
        case .dataLossProtect, .upfrontShutdownScript, .gossipQueries, .variableLengthOnion,
            .gossipQueriesExtended, .staticRemoteKey, .paymentSecret, .largeChannels, .anchors,
            .routeBlinding, .shutdownAnySegwit, .dualFunding, .quiescence, .attributionData,
            .onionMessages, .provideStorage, .channelType, .shortChannelIDAlias,
            .paymentMetadata, .splice:
            []
        }
    }

    /// Where a feature may be presented (BOLT 9's column "Context").
    public struct Context: OptionSet, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `I`: in the `init` message.
        public static let initMessage = Context(rawValue: 1)
        /// `N`: in `node_announcement`.
        public static let nodeAnnouncement = Context(rawValue: 2)
        /// `9`: in BOLT 11 invoices.
        public static let invoice = Context(rawValue: 4)
        /// `T`: in a channel type.
        public static let channelType = Context(rawValue: 8)
    }

    /// Where the feature may be presented. Those that BOLT 9 assumes are presented wherever older nodes look for them.
    public var contexts: Context {
        switch self {
        case .dataLossProtect, .gossipQueries, .channelType: [.initMessage, .nodeAnnouncement]
        case .staticRemoteKey: [.initMessage, .nodeAnnouncement, .channelType]
        case .variableLengthOnion, .paymentSecret, .basicMultiPartPayment, .routeBlinding,
            .attributionData:
            [.initMessage, .nodeAnnouncement, .invoice]
        case .anchors, .shortChannelIDAlias, .zeroConfirmation:
            [.initMessage, .nodeAnnouncement, .channelType]
        case .paymentMetadata: [.invoice]
        case .upfrontShutdownScript, .gossipQueriesExtended, .largeChannels,
            .shutdownAnySegwit, .dualFunding, .quiescence, .onionMessages, .provideStorage,
            .simpleClose, .splice:
            [.initMessage, .nodeAnnouncement]
        }
    }
}

extension Features {
    /// Why a set of features is not acceptable.
    public enum Problem: Error, Equatable, Sendable {
        /// The sender demands a feature that this node does not have: the bit.
        case unknownRequiredBit(Int)
        /// A feature is there without one that it depends on.
        case missingDependency(of: Feature, dependency: Feature)
    }

    /// Throws where the sender demands what `known` does not support, or leaves out a dependency.
    ///
    /// BOLT 1: "upon receiving unknown _even_ feature bits that are non-zero: MUST close the connection." BOLT 9: "MUST set
    /// all transitive feature dependencies."
    public func check(known: Features) throws(Problem) {
        for bit in bits where bit % 2 == 0 {
            guard known.contains(bit: bit) || known.contains(bit: bit + 1) else {
                throw .unknownRequiredBit(bit)
            }
        }
        for feature in Feature.allCases where supports(feature) {
            for dependency in feature.dependencies where !supports(dependency) {
                throw .missingDependency(of: feature, dependency: dependency)
            }
        }
    }
}
