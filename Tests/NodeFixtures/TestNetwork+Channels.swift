import Bitcoin
import LightningChannel
import LightningCommitment
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire
import Testing

// Channels and payments in a line each.
extension NodeNetwork {
    /// Opens a channel from one node to another and mines it.
    @discardableResult
    mutating func open(
        _ opener: Int, _ accepter: Int, _ amount: Int64 = 1_000_000, pushed: UInt64 = 0,
        feerate: FeeratePerKw = FeeratePerKw(1_000),
        change: (inout ChannelOpening) -> Void = { _ in }
    ) throws -> ChannelID {
        if !isConnected(opener, accepter) { try connect(opener, accepter) }
        var opening = ChannelOpening(peer: nodes[accepter].id, amount: Satoshi(amount))
        opening.pushed = MilliSatoshi(pushed)
        change(&opening)
        let request = ChannelRequest.open([opening], feerate: feerate)
        guard case .opened(let ids, _) = try ask(opener, .channel(request)) else {
            throw UnexpectedReply()
        }
        try mine(6)
        return try #require(ids.first)
    }

    /// Asks for a channel that somebody else will pay for; answers which output that takes.
    mutating func askForFunding(
        _ opener: Int, _ accepter: Int, _ amount: Int64 = 500_000
    ) throws -> (funding: FundingID, outputs: [TransactionOutput]) {
        if !isConnected(opener, accepter) { try connect(opener, accepter) }
        let opening = ChannelOpening(peer: nodes[accepter].id, amount: Satoshi(amount))
        guard
            case .fundingWanted(let id, let outputs) = try ask(
                opener, .channel(.openFromOutside([opening])))
        else { throw UnexpectedReply() }
        return (id, outputs)
    }

    /// Has the wallet of a node make a transaction with these outputs, not signed, and signed.
    mutating func makeFunding(
        _ payer: Int, _ outputs: [TransactionOutput], coins: CoinChoice = CoinChoice()
    ) throws -> (psbt: PSBT, transaction: Transaction) {
        let spend = SpendRequest(outputs: outputs, feeRate: FeeratePerKw(500), coins: coins)
        guard
            case .funded(let funded) = try ask(
                payer, .spend(.fund(spend, leaseID: .zero, until: now + 600)))
        else { throw UnexpectedReply() }
        guard case .signed(let signed, _) = try ask(payer, .spend(.sign(funded.psbt))) else {
            throw UnexpectedReply()
        }
        var final = signed
        try final.finalize()
        return (funded.psbt, try final.extractVerifiedTransaction())
    }

    /// Opens a channel from node 0 to node 1 with a transaction of node 2's, which is not finalised yet.
    mutating func fundFromOutside() throws -> (funding: FundingID, transaction: Transaction) {
        let (id, outputs) = try askForFunding(0, 1)
        let (psbt, transaction) = try makeFunding(2, outputs)
        _ = try ask(0, .channel(.verifyFunding(id, psbt)))
        return (id, transaction)
    }

    func channels(_ index: Int) throws -> [ChannelReport] {
        var copy = self
        copy.crash = nil
        guard case .channels(let reports) = try copy.ask(index, .channel(.list)) else {
            throw UnexpectedReply()
        }
        return reports
    }

    func channel(_ index: Int, _ id: ChannelID) throws -> ChannelReport {
        try #require(try channels(index).first { $0.channelID == id })
    }

    /// An invoice of a node.
    mutating func invoice(
        _ payee: Int, _ amount: UInt64, lock: InvoiceOrder.Lock = .derived
    ) throws -> Invoice {
        let order = InvoiceOrder(
            amount: MilliSatoshi(amount), description: .text("test"), lock: lock)
        guard case .invoice(let invoice, _) = try ask(payee, .payment(.addInvoice(order))) else {
            throw UnexpectedReply()
        }
        return invoice
    }

    /// The route along nodes that are connected by channels, with the fees that they ask.
    func route(_ path: [Int], _ amount: UInt64) throws -> PaymentRoute {
        var hops: [RouteHop] = []
        var value = MilliSatoshi(amount)
        var expiry = nodes[path[0]].node.wallet.nextHeight + 100
        for (from, to) in zip(path, path.dropFirst()).reversed() {
            guard
                let report = try channels(from).first(where: {
                    $0.peer == nodes[to].id && $0.state == .normal
                })
            else { throw NoChannel() }
            hops.insert(
                RouteHop(
                    node: NodeID(Point(nodes[to].id)), channel: try #require(report.names.last),
                    amount: value, cltvExpiry: expiry), at: 0)
            // One satoshi and a millionth, as all nodes here ask.
            value = MilliSatoshi(value.value + 1_000 + value.value / 1_000_000)
            expiry = expiry + 80
        }
        return PaymentRoute(hops: hops)
    }

    /// Tells the finder of all channels that are open, as gossip would.
    mutating func announceChannels() throws {
        for index in nodes.indices {
            for report in try channels(index) where report.isOpener && report.state == .normal {
                guard let name = report.names.last, let funding = report.funding,
                    finder.graph.channel(name) == nil
                else { continue }
                try finder.add(
                    name, NodeID(Point(nodes[index].id)), NodeID(Point(report.peer)),
                    capacity: funding.amount, base: 1_000, millionths: 1, delta: 80)
            }
        }
    }

    /// Pays an invoice by routes that the payer looks for; answers how the payment ended.
    mutating func send(
        _ invoice: Invoice, from payer: Int,
        _ options: SendOptions = SendOptions(feeLimit: MilliSatoshi(1_000_000))
    ) throws -> PastPayment {
        let order = try #require(PaymentOrder(invoice))
        guard case .payment(let past) = try ask(payer, .payment(.send(order, options))) else {
            throw UnexpectedReply()
        }
        return past
    }

    /// Pays an invoice of the last node of the path; answers how it ended.
    mutating func pay(_ path: [Int], _ amount: UInt64) throws -> PastPayment {
        let invoice = try invoice(try #require(path.last), amount)
        return try pay(invoice, path)
    }

    mutating func pay(_ invoice: Invoice, _ path: [Int]) throws -> PastPayment {
        let id = try startPayment(invoice, path)
        guard case .payment(let past) = try #require(nodes[path[0]].answers[id]).get() else {
            throw UnexpectedReply()
        }
        return past
    }

    /// Starts a payment whose answer may come later.
    mutating func startPayment(_ invoice: Invoice, _ path: [Int]) throws -> RequestID {
        let order = try #require(PaymentOrder(invoice))
        let route = try route(path, order.amount.value)
        let id = nodes[path[0]].nextRequest()
        try take([.request(id, .payment(.pay(order, along: [route])))], at: path[0])
        try settle()
        return id
    }
}

extension PastPayment {
    var hasSucceeded: Bool {
        if case .succeeded = outcome { true } else { false }
    }
}

/// There is no channel to pay over.
struct NoChannel: Error {}
