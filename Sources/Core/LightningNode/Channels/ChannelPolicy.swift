import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// How the node opens, keeps and closes channels.
public struct ChannelPolicy: Sendable {
    /// What this side demands of channels.
    public var terms = ChannelTerms()
    /// What peers may demand.
    public var limits = PeerLimits()
    /// The least amount of a channel that a peer opens.
    public var minimumAmount = Satoshi(20_000)
    /// The most; nil for no limit.
    public var maximumAmount: Satoshi?
    /// The peers that may open channels which are used before they are mined.
    public var trustedPeers: Set<PublicKey> = []
    /// The confirmations to wait for; nil for 3 to 6, by the channel's size.
    public var minimumDepth: UInt32?
    /// How many channels of one peer may wait to be open at a time.
    public var pendingPerPeer = 5
    /// How many channels may be talked about at a time, over all peers, without either side having put anything in.
    public var openings = 200
    /// How many channels that peers have opened may wait for their funding to be mined, over all peers.
    public var unmined = 500
    /// How many channels one peer may begin to open within ``openingWindow``, and all together: each takes key numbers that
    /// are never used again.
    public var openingsPerPeer = 100
    /// The same over all peers.
    public var openingsInAll = 2_000
    /// In seconds.
    public var openingWindow: UInt64 = 600
    /// For how long the coins of a funding transaction are kept for it, in seconds.
    public var fundingTime: UInt64 = 600
    /// For how long whoever opens or closes channels waits for the chain's word about the transaction, in seconds.
    public var broadcastTime: UInt64 = 30
    /// The fee rate where the backend has no estimate.
    public var fallbackFeerate = FeeratePerKw(2_500)
    /// The most that the commitments of this node's channels with anchors pay: what is missing later an anchor adds.
    public var maximumAnchorFeerate = FeeratePerKw(2_500)

    /// How long what is to be signed may wait for company; nil for never, which suits whoever does not look at
    /// ``LightningNode/wakeTime``.
    public var patience: SigningPatience?

    /// The usual policy.
    public init() {}

    /// Which channels the node takes from `peer`.
    func acceptPolicy(of peer: PublicKey, chain: BlockHash) -> AcceptPolicy {
        var policy = AcceptPolicy(chain: chain)
        policy.terms = terms
        policy.limits = limits
        policy.minimumAmount = minimumAmount
        policy.maximumAmount = maximumAmount
        policy.trustsZeroConfirmation = trustedPeers.contains(peer)
        policy.minimumDepth = minimumDepth
        return policy
    }

    /// The fee rates of channels with these estimates.
    func feerates(_ estimates: FeeEstimates?) -> ChannelFeerates {
        func rate(_ blocks: UInt32) -> FeeratePerKw {
            max(estimates?.feerate(within: blocks) ?? fallbackFeerate, .minimumRelay)
        }
        let floor = max(estimates?.minimum ?? .minimumRelay, .minimumRelay)
        return ChannelFeerates(
            commitment: rate(6), anchorCommitment: max(min(rate(6), maximumAnchorFeerate), floor),
            closing: rate(144))
    }
}

extension ChannelOpening {
    /// What the channel with the keys `number` asks its peer for.
    func request(
        _ number: ChannelKeyNumber, chain: BlockHash, _ policy: ChannelPolicy
    ) -> OpenRequest {
        var request = OpenRequest(keys: number, peer: peer, chain: chain, amount: amount)
        request.pushed = pushed
        request.isAnnounced = isAnnounced
        request.format = format
        request.isZeroConfirmation = isZeroConfirmation
        request.isAliasOnly = isAliasOnly
        request.feerate = feerate
        request.terms = terms ?? policy.terms
        request.limits = limits ?? policy.limits
        return request
    }
}
