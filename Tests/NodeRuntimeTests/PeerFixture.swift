import Bitcoin
import ChainBackend
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeRuntime
import NodeStorage

extension PeerSettings {
    /// Listens on this machine at a port of the system's choice, and tries again without long pauses.
    static var local: PeerSettings {
        var settings = PeerSettings()
        settings.listen = [PeerEndpoint(host: "127.0.0.1", port: 0)]
        settings.backoff = 20...200
        return settings
    }
}

// What two nodes do with each other.
extension NodeFixture {
    var key: PublicKey {
        get throws {
            guard case .status(let status) = try service.perform(.status) else {
                throw FixtureError.unexpectedReply
            }
            return status.nodeKey
        }
    }

    /// Where others reach the node.
    var peerAddress: PeerAddress {
        get throws {
            guard let endpoint = service.peers.listening.first else {
                throw FixtureError.unexpectedReply
            }
            return PeerAddress(key: try key, endpoint: endpoint)
        }
    }

    func connect(to other: NodeFixture, permanent: Bool = false) throws {
        try service.peers.connect(other.peerAddress, permanent: permanent)
    }

    func isConnected(to other: NodeFixture) throws -> Bool {
        let key = try other.key
        return service.peers.reports.contains { $0.key == key }
    }

    func channels() throws -> [ChannelReport] {
        guard case .channels(let reports) = try service.perform(.channel(.list)) else {
            throw FixtureError.unexpectedReply
        }
        return reports
    }

    /// Opens a channel and waits until both sides can use it.
    func open(
        to other: NodeFixture, _ amount: Int64 = 1_000_000, pushed: UInt64 = 0,
        isAnnounced: Bool = true
    ) throws {
        var opening = ChannelOpening(peer: try other.key, amount: Satoshi(amount))
        opening.pushed = MilliSatoshi(pushed)
        opening.isAnnounced = isAnnounced
        var answer: NodeReply?
        try eventually {
            do throws(NodeFailure) {
                answer = try service.perform(
                    .channel(.open([opening], feerate: FeeratePerKw(1_000))))
            } catch .channel(.notNow) {
                // The wallet knows of a block a moment before the node has caught up with the chain.
                return false
            } catch .channel(.forgotten) {
                // And so it is with the peer.
                return false
            }
            return true
        }
        guard case .opened(_, let funding) = answer else { throw FixtureError.unexpectedReply }
        try eventually { chain.mempool().contains(funding.id) }
        try chain.mine(6, to: Self.nobody)
        try eventually {
            try channels().allSatisfy { $0.state == .normal }
                && other.channels().allSatisfy { $0.state == .normal }
        }
    }

    /// Pays an invoice of a neighbour over the channel with it; answers whether that succeeded.
    func pay(_ amount: UInt64, to other: NodeFixture) throws -> Bool {
        let wanted = InvoiceOrder(amount: MilliSatoshi(amount), description: .text("test"))
        let peer = try other.key
        guard
            case .invoice(let invoice, _) = try other.service.perform(.payment(.addInvoice(wanted))),
            let order = PaymentOrder(invoice),
            let channel = try channels().first(where: { $0.peer == peer }),
            let name = channel.names.last, case .status(let status) = try service.perform(.status)
        else { throw FixtureError.unexpectedReply }
        let hop = RouteHop(
            node: NodeID(peer), channel: name, amount: order.amount,
            cltvExpiry: status.nextHeight + 100)
        let request = PaymentRequest.pay(order, along: [PaymentRoute(hops: [hop])])
        guard case .payment(let past) = try service.perform(.payment(request)) else {
            throw FixtureError.unexpectedReply
        }
        if case .succeeded = past.outcome { return true }
        return false
    }

    /// What the node has in its channels, in millisatoshi.
    func channelBalance() throws -> UInt64 {
        try channels().reduce(0) { $0 + ($1.balances?.local.value ?? 0) }
    }
}
