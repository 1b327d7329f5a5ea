import Bitcoin
import LightningCrypto
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime

/// What is known of the network, as messages of the interface.
extension LightningNodeMessage {
    init(_ node: GraphNode) {
        self.init()
        pubKey = "\(node.id)"
        alias = node.alias
        guard let announcement = node.announcement else { return }
        lastUpdate = announcement.timestamp
        color = "#" + Hex.encode(announcement.color)
        features = [String: FeatureMessage](announcement.features)
        addresses = node.addresses.compactMap { NodeAddressMessage($0) }
    }
}

extension NodeAddressMessage {
    init?(_ address: AddressDescriptor) {
        guard let endpoint = PeerEndpoint(address) else { return nil }
        self.init()
        network = "tcp"
        addr = "\(endpoint)"
    }
}

extension ChannelAuthProofMessage {
    /// The signatures of an announcement, as DER; nil where one is none.
    init?(_ announcement: ChannelAnnouncement) {
        self.init()
        do throws(KeyError) {
            nodeSig1 = try announcement.nodeSignature1.ecdsa().der
            nodeSig2 = try announcement.nodeSignature2.ecdsa().der
            bitcoinSig1 = try announcement.bitcoinSignature1.ecdsa().der
            bitcoinSig2 = try announcement.bitcoinSignature2.ecdsa().der
        } catch {
            return nil
        }
    }
}

extension ChannelEdgeMessage {
    /// A channel, with the signatures of its nodes where that is asked for.
    init(_ edge: GraphEdge, withProof: Bool = false) {
        self.init()
        channelId = edge.id.value
        chanPoint = edge.funding?.description ?? ""
        lastUpdate = edge.lastUpdate
        node1Pub = "\(edge.node1)"
        node2Pub = "\(edge.node2)"
        capacity = edge.capacity.value
        node1Policy = edge.terms1.map { RoutingPolicyMessage($0) }
        node2Policy = edge.terms2.map { RoutingPolicyMessage($0) }
        if withProof { authProof = edge.announcement.flatMap { ChannelAuthProofMessage($0) } }
    }

    /// A channel of this node, of which the network may not know.
    init?(_ report: ChannelReport, of node: PublicKey) {
        guard let funding = report.funding else { return nil }
        self.init()
        channelId = report.interfaceName.value
        chanPoint = funding.outPoint.description
        capacity = funding.amount.value
        let most = MilliSatoshi(funding.amount)
        let ours =
            report.terms.map { RoutingPolicyMessage($0, report.policy.inboundFee) }
            ?? RoutingPolicyMessage(report.policy, most, isUsable: report.isActive)
        // What the peer takes for what comes in is not told in the fields of its update.
        let theirs = report.peerTerms.map { RoutingPolicyMessage($0, .none) }
        lastUpdate = max(ours.lastUpdate, theirs?.lastUpdate ?? 0)
        let isFirst = node.compressed.lexicographicallyPrecedes(report.peer.compressed)
        (node1Pub, node2Pub) =
            isFirst
            ? (node.description, report.peer.description)
            : (report.peer.description, node.description)
        (node1Policy, node2Policy) = isFirst ? (ours, theirs) : (theirs, ours)
    }
}

extension GraphTopologyUpdate {
    /// What has changed; `graph` knows the funding outputs. Blocks for a moment.
    init(_ news: GraphNews, _ graph: GraphService) {
        self.init()
        nodeUpdates = news.nodes.map { node in
            var message = NodeUpdateMessage()
            message.identityKey = "\(node.nodeID)"
            message.alias = node.aliasText
            message.color = "#" + Hex.encode(node.color)
            message.nodeAddresses = node.usableAddresses.compactMap { NodeAddressMessage($0) }
            message.addresses = message.nodeAddresses.map(\.addr)
            message.features = [String: FeatureMessage](node.features)
            return message
        }
        channelUpdates = news.terms.map { terms in
            var message = ChannelEdgeUpdate()
            let edge = graph.channel(terms.update.shortChannelID)
            message.chanId = terms.update.shortChannelID.value
            message.chanPoint = edge?.funding.map { ChannelPoint($0) }
            message.capacity = terms.capacity.value
            message.routingPolicy = RoutingPolicyMessage(terms.update, .none)
            message.advertisingNode = "\(terms.sender)"
            message.connectingNode = "\(terms.receiver)"
            return message
        }
        closedChans = news.removals.map { removal in
            var message = ClosedChannelUpdate()
            message.chanId = removal.id.value
            message.capacity = removal.capacity.value
            message.closedHeight = removal.height.value
            return message
        }
    }
}

extension RoutingPolicyMessage {
    init(_ terms: GraphEdge.Terms) {
        self.init(terms.policy)
        inboundFeeBaseMsat = terms.inboundFee?.base ?? 0
        inboundFeeRateMilliMsat = terms.inboundFee?.proportionalMillionths ?? 0
    }

    init(_ update: ChannelUpdate, _ inbound: LightningCrypto.InboundFee) {
        self.init(DirectionPolicy(update))
        inboundFeeBaseMsat = inbound.base
        inboundFeeRateMilliMsat = inbound.proportionalMillionths
    }

    /// What this node has not told anybody yet.
    init(_ policy: ForwardingPolicy, _ most: MilliSatoshi, isUsable: Bool) {
        self.init()
        timeLockDelta = UInt32(policy.relay.cltvExpiryDelta)
        minHtlc = Int64(clamping: policy.htlcMinimum.value)
        maxHtlcMsat = (policy.htlcMaximum ?? most).value
        feeBaseMsat = Int64(policy.relay.feeBase)
        feeRateMilliMsat = Int64(policy.relay.feeProportionalMillionths)
        disabled = !isUsable || !policy.isEnabled
        inboundFeeBaseMsat = policy.inboundFee.base
        inboundFeeRateMilliMsat = policy.inboundFee.proportionalMillionths
    }

    private init(_ policy: DirectionPolicy) {
        self.init()
        timeLockDelta = UInt32(policy.cltvExpiryDelta)
        minHtlc = Int64(clamping: policy.htlcMinimum.value)
        maxHtlcMsat = policy.htlcMaximum.value
        feeBaseMsat = Int64(policy.feeBase)
        feeRateMilliMsat = Int64(policy.feeProportionalMillionths)
        disabled = policy.isDisabled
        lastUpdate = policy.timestamp
    }
}

extension NetworkInfo {
    init(_ info: GraphInfo) {
        self.init()
        numNodes = UInt32(clamping: info.nodes)
        numChannels = UInt32(clamping: info.channels)
        totalNetworkCapacity = info.totalCapacity.value
        minChannelSize = info.leastCapacity.value
        maxChannelSize = info.greatestCapacity.value
        medianChannelSizeSat = info.medianCapacity.value
        maxOutDegree = UInt32(clamping: info.greatestDegree)
        numZombieChans = UInt64(clamping: info.refused)
        // Averages for people to read: nothing is computed from them.
        if info.nodes > 0 { avgOutDegree = Double(2 * info.channels) / Double(info.nodes) }
        if info.channels > 0 {
            avgChannelSize = Double(info.totalCapacity.value) / Double(info.channels)
        }
    }
}
