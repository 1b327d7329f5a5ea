import LightningNode
import NodeAPI
import NodeRuntime
import NodeServer

/// What the node is and how far it has come.
extension APIService {
    func getInfo(_ reply: Reply<GetInfoResponse>) {
        work(reply) { [self] in
            guard case .status(let status) = try host.perform(.status) else {
                throw UnexpectedReply()
            }
            var info = GetInfoResponse(status)
            info.version = VersionCommand.apiVersion
            info.alias = configuration["alias"] ?? ""
            info.color = configuration["color"] ?? ""
            info.setChain(host, status)
            info.count(try channelReports())
            info.syncedToGraph = host.graph?.isSynced ?? false
            info.numPeers = UInt32(clamping: host.peers.reports.count)
            return info
        }
    }
}

extension GetInfoResponse {
    fileprivate init(_ status: NodeStatus) {
        self.init()
        identityPubkey = status.nodeKey.description
        uris = status.identity.addresses.compactMap { address in
            PeerEndpoint(address).map { "\(status.nodeKey)@\($0)" }
        }
        features = [String: FeatureMessage](status.features)
    }

    fileprivate mutating func setChain(_ host: NodeHost, _ status: NodeStatus) {
        let health = host.chainHealth
        blockHeight = (health.tip?.height ?? status.tip?.height)?.value ?? 0
        blockHash = (health.tip?.hash ?? status.tip?.hash)?.description ?? ""
        bestHeaderTimestamp = Int64(health.tipTime)
        syncedToChain = health.isSynced && status.rescanHeight == nil
        walletSynced = syncedToChain
        chainBackendError = health.trouble ?? ""
        testnet = host.network != .mainnet
        var chain = ChainMessage()
        chain.chain = "bitcoin"
        chain.network = host.network.rawValue
        chains = [chain]
    }

    fileprivate mutating func count(_ reports: [ChannelReport]) {
        for report in reports {
            switch report.stage {
            case .opening: numPendingChannels += 1
            case .open where report.isActive: numActiveChannels += 1
            case .open: numInactiveChannels += 1
            case .talking, .waitingForClose, .closedByForce, .closed: break
            }
        }
    }
}
