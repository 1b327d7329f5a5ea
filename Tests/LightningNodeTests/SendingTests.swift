import Bitcoin
import LightningGraph
import LightningInvoice
@_spi(Release) @testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import RouteFixtures
import Testing

/// Payments whose routes the node looks for itself.
@Suite("Sending")
struct SendingTests {
    /// Four nodes in a line, with the finder told of their channels.
    private static func line() throws -> TestNetwork {
        var network = try TestNetwork.funded(4)
        for index in 0..<3 { try network.open(index, index + 1) }
        try network.announceChannels()
        return network
    }

    private static func ended(_ network: TestNetwork, _ node: Int) -> [PastPayment] {
        network.nodes[node].news.compactMap {
            if case .paymentEnded(let past) = $0 { past } else { nil }
        }
    }

    @Test("an invoice of a node three hops away is paid by what the finder finds")
    func threeHops() throws {
        var network = try Self.line()
        let invoice = try network.invoice(3, 50_000_000)
        let past = try network.send(invoice, from: 0)
        #expect(past.hasSucceeded && past.attemptCount == 1)
        #expect(past.parts.first?.route.hops.count == 3)
        #expect(past.fee == MilliSatoshi(2 * 1_000 + 2 * 50))
        #expect(Self.ended(network, 0) == [past])
        // The last expiry hides how far away the payee is, and is never below what it asks for.
        let last = try #require(past.parts.first?.route.hops.last)
        let height = network.nodes[0].node.wallet.nextHeight.saturatingSubtract(1)
        #expect(last.cltvExpiry >= height + 80 + 3)
    }

    @Test("while a peer leaves a commitment unanswered, payments go by another")
    func silentPeer() throws {
        // Two ways from 0 to 3, by 1 and by 2, at the same price.
        var network = try TestNetwork.funded(4)
        for middle in [1, 2] {
            try network.open(0, middle)
            try network.open(middle, 3)
        }
        try network.announceChannels()
        // The one falls silent that is preferred.
        let usual = try network.send(try network.invoice(3, 20_000_000), from: 0)
        let silent = try #require(usual.parts.first?.route.hops.first?.node)
        let middle = NodeID(network.nodes[1].id) == silent ? 1 : 2
        let (stuck, other) = (
            try network.invoice(3, 10_000_000), try network.invoice(3, 20_000_000)
        )
        network.mute = [middle]
        let asked = try network.startPayment(stuck, [0, middle, 3])
        network.now += network.nodes[0].policy.answerWithin
        let past = try network.send(other, from: 0)
        #expect(past.hasSucceeded && past.attemptCount == 1)
        #expect(past.parts.allSatisfy { $0.route.hops.first?.node != silent })
        // It is asked for a sign of life long before the next ping is due.
        try network.take([.tick], at: 0)
        #expect(network.nodes[0].node.links[network.nodes[middle].id]?.ping != nil)
        #expect(network.nodes[0].answers[asked] == nil, "what was signed for is waited for")
        // When it is back, it is used again.
        network.mute = []
        try network.disconnect(0, middle)
        try network.connect(0, middle)
        #expect(network.nodes[0].answers[asked] != nil)
        #expect(network.nodes[0].node.unanswered.isEmpty)
    }

    @Test("a node on the way keeps what it has forwarded, and tells of it")
    func forwarded() throws {
        var network = try Self.line()
        _ = try network.send(try network.invoice(3, 50_000_000), from: 0)
        for node in 1...2 {
            let records = network.nodes[node].records(of: .forward)
            let past = try records.map {
                try PastForward(StoredRecord(key: $0.key, value: $0.value))
            }
            #expect(past.map(\.outgoingAmount.value) == [node == 1 ? 50_001_050 : 50_000_000])
            #expect(past.map(\.fee.value) == [1_050])
            #expect(past.first?.time == network.now * 1000)
            let names = try network.channels(node).compactMap(\.names.last)
            #expect(Set(past.flatMap { [$0.incomingChannel, $0.outgoingChannel] }) == Set(names))
        }
        let turns = network.nodes[1].news.compactMap { news -> ForwardNews.Turn? in
            if case .forward(let forward) = news { forward.turn } else { nil }
        }
        guard turns.count == 2, turns[0] == .offered, case .settled = turns[1] else {
            return #expect(Bool(false), "\(turns)")
        }
        #expect(network.nodes[0].records(of: .forward).isEmpty)
        // What this node refuses itself is told with the reason.
        let invoice = try network.invoice(3, 50_000_000)
        var route = try network.route([0, 1, 2, 3], 50_000_000)
        route.hops[0].amount = route.hops[1].amount
        let order = try #require(PaymentOrder(invoice))
        _ = try network.ask(0, .payment(.pay(order, along: [route])))
        guard case .forward(let news)? = network.nodes[1].news.last else {
            return #expect(Bool(false))
        }
        #expect(news.turn == .refused(.feeInsufficient))
        #expect(network.nodes[1].records(of: .forward).count == 1)
    }

    @Test("an invoice leads over the private channels that can bring the amount")
    func hints() throws {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1)
        try network.open(1, 2, pushed: 0) { $0.isAnnounced = false }
        try network.open(1, 2, 200_000) { $0.isAnnounced = false }
        try network.announceChannels()
        var order = InvoiceOrder(amount: MilliSatoshi(300_000_000), description: .text("hints"))
        order.privateHints = 20
        func invoice() throws -> Invoice {
            guard
                case .invoice(let invoice, _) = try network.ask(2, .payment(.addInvoice(order)))
            else { throw UnexpectedReply() }
            return invoice
        }
        let peer = NodeID(network.nodes[1].id)
        let hints = try invoice().content.routeHints
        #expect(hints.map(\.count) == [1])
        #expect(hints.first?.first?.nodeID == peer && hints.first?.first?.feeBase == 1_000)
        // Over it a payer finds the way, whose graph does not have the channel.
        network.finder = TestFinder()
        let public1 = try #require(try network.channels(0).first?.names.last)
        try network.finder.add(
            public1, NodeID(network.nodes[0].id), peer, capacity: Satoshi(1_000_000), base: 1_000,
            millionths: 1, delta: 80)
        let past = try network.send(try invoice(), from: 0)
        #expect(past.hasSucceeded && past.parts.first?.route.hops.count == 2)
        // Where no channel can bring it alone, several do together.
        order.amount = MilliSatoshi(900_000_000)
        #expect(try invoice().content.routeHints.count == 2)
    }

    @Test("nothing is written before routes are there, and then all of it in one batch")
    func oneCommit() throws {
        var network = try Self.line()
        let invoice = try network.invoice(3, 1_000_000)
        let order = try #require(PaymentOrder(invoice))
        let request = NodeRequest.payment(
            .send(order, SendOptions(feeLimit: MilliSatoshi(100_000))))
        let id = network.nodes[0].nextRequest()
        let moment = network.moment()
        let first = network.nodes[0].take([.request(id, request)]) { moment }
        #expect(network.nodes[0].records(of: .payment).isEmpty)
        #expect(!network.nodes[0].hasWritten)
        var inputs: [NodeInput] = []
        for effect in first {
            switch effect {
            case .load(let id, let table, let prefix):
                inputs.append(.loaded(id, network.nodes[0].records(of: table, prefix: prefix)))
            case .findRoutes(let id, let query):
                inputs.append(.routesFound(id, network.finder.find(query, at: network.now)))
            default: break
            }
        }
        #expect(inputs.count == 2)
        let second = network.nodes[0].take(inputs) { moment }
        #expect(network.nodes[0].records(of: .payment).count == 1)
        #expect(network.nodes[0].records(of: .paymentAttempt).count == 1)
        let sent = second.flatMap { effect -> [Message] in
            if case .send(_, let messages) = effect { messages } else { [] }
        }
        let kinds = sent.map { message -> Int in
            switch message {
            case .updateAddHTLC: 1
            case .commitmentSigned: 2
            default: 3
            }
        }
        #expect(kinds == [1, 2])
    }

    @Test(
        "a payment of one satoshi arrives, and so does one of a millisatoshi less",
        arguments: [1_000, 999])
    func tiny(amount: UInt64) throws {
        var network = try TestNetwork.funded(3)
        for index in 0..<2 { try network.open(index, index + 1) }
        try network.announceChannels()
        let invoice = try network.invoice(2, amount)
        let past = try network.send(invoice, from: 0)
        // Nodes forward no less than a satoshi.
        #expect(past.hasSucceeded == (amount == 1_000))
        let direct = try network.send(try network.invoice(1, amount), from: 0)
        #expect(direct.hasSucceeded)
    }

    @Test("what one channel cannot carry goes over two")
    func parts() throws {
        var network = try TestNetwork.funded(4)
        for (from, to) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
            try network.open(from, to, 500_000)
        }
        try network.announceChannels()
        let past = try network.send(try network.invoice(3, 700_000_000), from: 0)
        #expect(past.hasSucceeded && past.parts.count > 1)
        #expect(past.parts.reduce(.zero) { $0 + $1.amount } == MilliSatoshi(700_000_000))
        let single = try network.send(
            try network.invoice(0, 600_000_000), from: 3,
            SendOptions(feeLimit: MilliSatoshi(1_000_000), maximumParts: 1))
        guard case .failed(.insufficientBalance) = single.outcome else {
            return #expect(Bool(false), "\(single.outcome)")
        }
    }

    @Test("a way that has no money is left for another one, and learnt from")
    func learns() throws {
        var network = try TestNetwork.funded(4)
        try network.open(0, 1)
        try network.open(1, 3)
        try network.open(0, 2)
        try network.open(2, 3, 3_000_000)
        try network.announceChannels()
        // All of it goes to the other end, so that nothing is left on this side.
        _ = try network.send(
            try network.invoice(3, 950_000_000), from: 1, SendOptions(feeLimit: .zero))
        let past = try network.send(try network.invoice(3, 400_000_000), from: 0)
        #expect(past.hasSucceeded)
        if past.attemptCount > 1 {
            guard case .failed(let failure, _)? = past.failures.first?.status else {
                return #expect(Bool(false))
            }
            #expect(failure.hop == 0 && !failure.isPayee)
        }
        #expect(!network.finder.lessons.isEmpty)
    }

    @Test("a payment is refused to this node itself, unless it is meant; then it goes round")
    func toItself() throws {
        var network = try TestNetwork.funded(3)
        for (from, to) in [(0, 1), (1, 2), (2, 0)] { try network.open(from, to) }
        try network.announceChannels()
        let invoice = try network.invoice(0, 10_000_000)
        #expect(throws: NodeFailure.payment(.selfPayment)) {
            try network.send(invoice, from: 0)
        }
        let past = try network.send(
            invoice, from: 0,
            SendOptions(feeLimit: MilliSatoshi(1_000_000), allowsSelf: true))
        #expect(past.hasSucceeded && past.parts.first?.route.hops.count == 3)
    }

    @Test("a keysend arrives at a node that takes them")
    func keysend() throws {
        var network = try Self.line()
        let order = PaymentOrder(
            amount: MilliSatoshi(5_000_000),
            customRecords: [TLVRecord(type: 7_629_169, value: [1])],
            payee: NodeID(network.nodes[3].id))
        let options = SendOptions(feeLimit: MilliSatoshi(100_000))
        guard
            case .payment(let past) = try network.ask(0, .payment(.keysend(order, options)))
        else { return #expect(Bool(false)) }
        #expect(past.hasSucceeded && past.payee == NodeID(network.nodes[3].id))
        #expect(past.parts.count == 1)
    }

    @Test("a part along a given route is answered by itself")
    func toRoute() throws {
        var network = try Self.line()
        let invoice = try network.invoice(3, 2_000_000)
        let order = try #require(PaymentOrder(invoice))
        var routes = [try network.route([0, 1, 2, 3], 1_200_000)]
        routes.append(try network.route([0, 1, 2, 3], 800_000))
        var ids: [RequestID] = []
        for route in routes {
            ids.append(network.nodes[0].nextRequest())
            try network.take(
                [.request(ids[ids.count - 1], .payment(.sendToRoute(order, route)))], at: 0)
        }
        try network.settle()
        for (id, route) in zip(ids, routes) {
            guard case .attempt(let attempt) = try #require(network.nodes[0].answers[id]).get()
            else { return #expect(Bool(false)) }
            guard case .succeeded = attempt.status else { return #expect(Bool(false)) }
            #expect(attempt.route == route)
        }
        let again = try network.ask(0, .payment(.track(order.paymentHash)))
        guard case .payments(let open) = again else { return #expect(Bool(false)) }
        #expect(open.isEmpty)
    }

    @Test("where a part that does not leave ends a payment, those behind it do not leave either")
    func firstWave() throws {
        var network = try TestNetwork.funded(4)
        for (from, to, amount) in [
            (0, 1, 500_000), (0, 2, 300_000), (1, 3, 500_000), (2, 3, 500_000),
        ] as [(Int, Int, Int64)] {
            try network.open(from, to, amount)
        }
        try network.announceChannels()
        let order = try #require(PaymentOrder(try network.invoice(3, 700_000_000)))
        let request = NodeRequest.payment(
            .send(order, SendOptions(feeLimit: MilliSatoshi(1_000_000))))
        let id = network.nodes[0].nextRequest()
        let moment = network.moment()
        var inputs: [NodeInput] = []
        for effect in network.nodes[0].take([.request(id, request)], at: { moment }) {
            switch effect {
            case .load(let id, let table, let prefix):
                inputs.append(.loaded(id, network.nodes[0].records(of: table, prefix: prefix)))
            case .findRoutes(let id, let query):
                let found = network.finder.find(query, at: network.now)
                #expect(try found.get().count == 2)
                #expect(try found.get().first?.hops.first?.nodeID == NodeID(network.nodes[1].id))
                inputs.append(.routesFound(id, found))
            default: break
            }
        }
        // Without the peer of the greater part the rest has no way.
        try network.disconnect(0, 1)
        try network.take(inputs, at: 0)
        try network.settle()
        guard case .payment(let past) = try #require(network.nodes[0].answers[id]).get() else {
            throw UnexpectedReply()
        }
        let reasons = past.failures.map { attempt -> AttemptFailure.Reason? in
            if case .failed(let failure, _) = attempt.status { failure.reason } else { nil }
        }
        #expect(reasons == [.notSent(.refusedByChannel), .notSent(.interrupted)])
        guard case .failed(.insufficientBalance) = past.outcome else {
            return #expect(Bool(false), "\(past.outcome)")
        }
    }

    @Test("parts are no larger than they may be, and several go over one channel")
    func largestPart() throws {
        var network = try Self.line()
        var options = SendOptions(feeLimit: MilliSatoshi(1_000_000))
        options.largestPart = MilliSatoshi(30_000_000)
        let past = try network.send(try network.invoice(3, 100_000_000), from: 0, options)
        #expect(past.hasSucceeded && past.parts.count >= 4)
        #expect(past.parts.allSatisfy { $0.amount <= MilliSatoshi(30_000_000) })
        options.maximumParts = 3
        let tooMany = try network.send(try network.invoice(3, 100_000_000), from: 0, options)
        guard case .failed(.noRoute) = tooMany.outcome else {
            return #expect(Bool(false), "\(tooMany.outcome)")
        }
    }

    @Test("who withdraws an order that was refused leaves the payment of the same hash alone")
    func withdrawing() throws {
        var network = try Self.line()
        let preimage = PaymentPreimage(SHA256.hash([4]))
        let invoice = try network.invoice(3, 2_000_000, lock: .hold(preimage.paymentHash))
        let order = try #require(PaymentOrder(invoice))
        let request = NodeRequest.payment(
            .send(order, SendOptions(feeLimit: MilliSatoshi(100_000))))
        let ids = (network.nodes[0].nextRequest(), network.nodes[0].nextRequest())
        try network.take([.request(ids.0, request)], at: 0)
        try network.take([.request(ids.1, request)], at: 0)
        try network.settle()
        #expect(network.nodes[0].answers[ids.0] == nil && network.nodes[0].answers[ids.1] != nil)
        func ending() throws -> PaymentFailure? {
            guard
                case .payments(let open) = try network.ask(0, .payment(.track(order.paymentHash)))
            else { throw UnexpectedReply() }
            return try #require(open.first).ending
        }
        _ = try network.ask(0, .payment(.withdraw(ids.1)))
        #expect(try ending() == nil)
        _ = try network.ask(0, .payment(.withdraw(ids.0)))
        #expect(try ending() == .cancelled)
        // What is on its way may arrive all the same.
        _ = try network.ask(3, .payment(.settleInvoice(preimage)))
        #expect(Self.ended(network, 0).map(\.hasSucceeded) == [true])
        _ = try network.ask(0, .payment(.withdraw(ids.0)))
    }

    @Test("a payment from before a start is taken up once the peers are back")
    func restart() throws {
        var network = try Self.line()
        let preimage = PaymentPreimage(SHA256.hash([3]))
        let invoice = try network.invoice(3, 2_000_000, lock: .hold(preimage.paymentHash))
        let order = try #require(PaymentOrder(invoice))
        let options = SendOptions(feeLimit: MilliSatoshi(100_000))
        let id = network.nodes[0].nextRequest()
        try network.take([.request(id, .payment(.send(order, options)))], at: 0)
        try network.settle()
        try network.restart(0)
        guard case .payments(let open) = try network.ask(0, .payment(.track(order.paymentHash)))
        else { return #expect(Bool(false)) }
        #expect(open.first?.inFlight.count == 1)
        #expect(throws: NodeFailure.payment(.inProgress(order.paymentHash))) {
            try network.send(invoice, from: 0)
        }
        _ = try network.ask(3, .payment(.settleInvoice(preimage)))
        #expect(Self.ended(network, 0).map(\.hasSucceeded) == [true])
        #expect(throws: NodeFailure.payment(.alreadyPaid(order.paymentHash))) {
            try network.send(invoice, from: 0)
        }
    }
}
