import Bitcoin
import LightningCrypto
import LightningGraph
import LightningPayment
import LightningWire
import Testing

/// Payments whose routes are looked for, over two ways to the payee: by node 1 and by node 2.
@Suite("Payments that look for routes")
struct SearchTests {
    private static let amount = MilliSatoshi(100_000)

    /// Node 0 pays node 3. The way over node 1 is the cheaper one.
    private static func diamond(
        amount: MilliSatoshi = amount
    ) throws -> (network: PaymentNetwork, order: PaymentOrder) {
        var network = try PaymentNetwork(nodes: 4, links: [(0, 1), (1, 3), (0, 2), (2, 3)])
        network.finder = try network.trueFinder()
        try network.makeDearer(link: 3)
        let invoice = try network.nodes[3].invoice(
            InvoiceOrder(amount: amount, description: .text("tea")), at: network.moment)
        return (network, try #require(PaymentOrder(invoice)))
    }

    private static func past(_ network: PaymentNetwork) throws -> PastPayment {
        let all = try network.nodes[0].pastPayments
        try #require(all.count == 1)
        return all[0]
    }

    /// The channels that each attempt took.
    private static func ways(_ network: PaymentNetwork) -> [[ShortChannelID]] {
        (network.paymentEvents[0] ?? []).compactMap {
            guard case .attemptStarted(_, let attempt) = $0 else { return nil }
            return attempt.route.hops.map(\.channel)
        }
    }

    @Test("nothing is durable or sent before the past and the search have answered")
    func begin() throws {
        for answersFirst in [true, false] {
            var (network, order) = try Self.diamond()
            try network.send(0, order)
            #expect(network.nodes[0].queries.count == 1 && network.nodes[0].searches.count == 1)
            if answersFirst { try network.load(0) } else { try network.find(0) }
            #expect(network.htlcs.isEmpty && network.nodes[0].store.isEmpty)
            if answersFirst { try network.find(0) } else { try network.load(0) }
            #expect(network.htlcs.count == 1)
            #expect(network.nodes[0].store.records(.payment).count == 1)
            try network.settle()
            guard case .succeeded = try Self.past(network).outcome else {
                return #expect(Bool(false))
            }
        }
    }

    @Test("a hash that was paid is not paid again, whatever the search finds")
    func paidBefore() throws {
        var (network, order) = try Self.diamond()
        try network.send(0, order)
        try network.settle()
        try network.send(0, order)
        try network.find(0)
        #expect(network.htlcs.isEmpty)
        try network.load(0)
        #expect(network.htlcs.isEmpty)
        #expect(
            network.paymentEvents[0]?.last
                == .refused(order.paymentHash, .alreadyPaid(order.paymentHash)))
        #expect(try network.nodes[0].pastPayments.count == 1)
    }

    @Test(
        "after a failure of the first way the second one is taken",
        arguments: [
            Failure.temporaryNodeFailure, .permanentNodeFailure, .requiredNodeFeatureMissing,
            .temporaryChannelFailure(), .permanentChannelFailure,
            .requiredChannelFeatureMissing, .unknownNextPeer,
            .amountBelowMinimum(amount: MilliSatoshi(1)), .feeInsufficient(amount: amount),
            .incorrectCltvExpiry(BlockHeight(1)), .expiryTooSoon(), .channelDisabled(),
            .expiryTooFar, .unknown(FailureCode(rawValue: 0x1abc), data: [1]),
        ])
    func secondWay(failure: Failure) throws {
        var (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(failure)]
        try network.send(0, order)
        try network.settle()
        let past = try Self.past(network)
        guard case .succeeded = past.outcome else { return #expect(Bool(false), "\(past.outcome)") }
        #expect(past.attemptCount == 2)
        let links = network.links.map(\.channel)
        #expect(Self.ways(network) == [[links[0], links[1]], [links[2], links[3]]])
    }

    @Test("an onion that was damaged, and an answer that was changed, lead to the second way, too")
    func damage() throws {
        var (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .damage]
        try network.send(0, order)
        try network.settle()
        guard case .succeeded = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
        (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(.channelDisabled())]
        try network.send(0, order)
        try network.load(0)
        try network.find(0)
        try network.move(0)
        guard case .answered(.fail(var failure)) = network.htlcs[0].state else {
            return #expect(Bool(false))
        }
        failure.reason[200] ^= 1
        network.htlcs[0].state = .answered(.fail(failure))
        try network.settle()
        guard case .succeeded = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
        #expect(network.paymentEvents[0]?.compactMap(\.failure).map(\.reason) == [.unknownSource])
    }

    @Test("what was learnt is told once, with the amounts that the hops had to hold")
    func lessons() throws {
        var (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(.temporaryChannelFailure())]
        try network.send(0, order)
        try network.settle()
        func direction(_ link: Int, _ from: Int, _ to: Int) -> DirectedChannel {
            DirectedChannel(
                network.links[link].channel,
                side: network.nodes[from].id < network.nodes[to].id ? 0 : 1)
        }
        #expect(
            network.finder.lessons == [
                .failed(Self.amount, at: direction(1, 1, 3)),
                .settled(Self.amount, through: direction(3, 2, 3)),
            ])
    }

    @Test("what both ways carry only together goes in parts, and a part that fails is planned anew")
    func parts() throws {
        let amount = MilliSatoshi(1_500_000_000)
        var (network, order) = try Self.diamond(amount: amount)
        network.refusals[0] = [false, true]
        try network.send(0, order)
        try network.settle()
        let past = try Self.past(network)
        guard case .succeeded = past.outcome else { return #expect(Bool(false), "\(past.outcome)") }
        #expect(past.parts.count > 1 && past.attemptCount > UInt64(past.parts.count))
        #expect(past.parts.reduce(.zero) { $0 + $1.amount } == amount)
    }

    @Test("more than all channels hold is refused without a search")
    func balance() throws {
        var (network, order) = try Self.diamond(amount: MilliSatoshi(2_100_000_000))
        try network.send(0, order)
        try network.settle()
        let available = MilliSatoshi(2 * PaymentNetwork.balance.value)
        let past = try Self.past(network)
        #expect(past.outcome == .failed(.insufficientBalance(available: available)))
        #expect(past.attemptCount == 0 && network.finder.count == 0)
        let reason = PaymentFailure.insufficientBalance(available: available)
        #expect(reason.kind == .insufficientBalance)
    }

    @Test("the fee limit holds for all parts together, and the failure tells the least fee")
    func feeLimit() throws {
        var (network, order) = try Self.diamond()
        try network.send(0, order, SendOptions(feeLimit: MilliSatoshi(1_099)))
        try network.settle()
        let least = MilliSatoshi(1_100)
        #expect(try Self.past(network).outcome == .failed(.feeAboveLimit(least: least)))
        network.nodes[0].store = TestStore()
        try network.send(0, order, SendOptions(feeLimit: least))
        try network.settle()
        guard case .succeeded = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
        // The dearer way is beyond the limit once the cheaper one has failed.
        (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(.channelDisabled())]
        try network.send(0, order, SendOptions(feeLimit: least))
        try network.settle()
        guard case .failed(.feeAboveLimit(let other)) = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
        #expect(other > least)
    }

    @Test("nothing is sent once the time is over, and what is on its way is waited for")
    func timeout() throws {
        var (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(.temporaryNodeFailure)]
        try network.send(0, order, SendOptions(feeLimit: .maximumMoney, timeout: 30))
        try network.load(0)
        try network.find(0)
        #expect(network.nodes[0].payments.nextDeadline == network.time + 30_000)
        try network.advance(milliseconds: 30_000)
        #expect(network.nodes[0].payments.openCount == 1)
        try network.settle()
        let past = try Self.past(network)
        #expect(past.outcome == .failed(.timedOut) && past.attemptCount == 1)
        #expect(PaymentFailure.timedOut.kind == .timeout)
        // The same where the answer of the search comes too late.
        (network, order) = try Self.diamond()
        try network.send(0, order, SendOptions(feeLimit: .maximumMoney, timeout: 30))
        try network.load(0)
        network.time += 30_000
        try network.settle()
        #expect(try Self.past(network).outcome == .failed(.timedOut))
        #expect(try Self.past(network).attemptCount == 0)
    }

    @Test("nothing is sent for an invoice that has expired")
    func expired() throws {
        var (network, order) = try Self.diamond()
        let end = try #require(order.end)
        network.faults[order.paymentHash] = [1: .refuse(.temporaryNodeFailure)]
        try network.send(0, order, SendOptions(feeLimit: .maximumMoney, timeout: .max))
        try network.load(0)
        try network.find(0)
        network.time = (end + 1) * 1000
        try network.settle()
        #expect(try Self.past(network).outcome == .failed(.timedOut))
        #expect(throws: OrderRefusal.expired(end: end)) { try network.send(0, order) }
    }

    @Test("what the payee refuses ends the payment at once")
    func rejected() throws {
        var (network, order) = try Self.diamond()
        order.paymentSecret = SHA256.hash([1])
        try network.send(0, order)
        try network.settle()
        let past = try Self.past(network)
        let failure = PaymentFailure.rejected(.incorrectOrUnknownPaymentDetails)
        #expect(past.outcome == .failed(failure) && past.attemptCount == 1)
        #expect(failure.kind == .incorrectDetails)
    }

    @Test("parts that the payee gives back for want of the rest are sent again")
    func mppTimeout() throws {
        var (network, order) = try Self.diamond(amount: MilliSatoshi(1_500_000_000))
        // Parts over the second way are held up until the payee gives the others back.
        let options = SendOptions(feeLimit: .maximumMoney, timeout: 600)
        try network.send(0, order, options)
        try network.load(0)
        try network.find(0)
        let held = network.htlcs.filter { $0.to == 2 }
        network.htlcs.removeAll { $0.to == 2 }
        try network.settle()
        try network.advance(milliseconds: 61_000)
        network.htlcs += held
        try network.settle()
        try network.advance(milliseconds: 61_000)
        try network.settle()
        guard case .succeeded = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
    }

    @Test("only the channels and the last hop that were asked for are taken")
    func constraints() throws {
        var (network, order) = try Self.diamond()
        var options = SendOptions(feeLimit: .maximumMoney)
        options.outgoingChannels = [network.links[2].channel]
        try network.send(0, order, options)
        try network.settle()
        #expect(Self.ways(network).map(\.first) == [network.links[2].channel])
        (network, order) = try Self.diamond()
        options = SendOptions(feeLimit: .maximumMoney, lastHop: network.nodes[2].id)
        try network.send(0, order, options)
        try network.settle()
        #expect(Self.ways(network).map(\.last) == [network.links[3].channel])
        options = SendOptions(feeLimit: .maximumMoney, cltvLimit: 80)
        #expect(throws: OrderRefusal.cltvLimitTooLow(needed: 80, limit: 80)) {
            try network.send(0, order, options)
        }
    }

    @Test("the last expiry is at least what the payee wants, and different for different payments")
    func shadow() throws {
        var (network, _) = try Self.diamond()
        var expiries: Set<UInt32> = []
        for number in 0..<40 {
            let invoice = try network.nodes[3].invoice(
                InvoiceOrder(amount: Self.amount, description: .text("\(number)")),
                at: network.moment)
            let order = try #require(PaymentOrder(invoice))
            try network.send(0, order)
            try network.settle()
            let past = try #require(try network.nodes[0].pastPayments.last)
            let expiry = try #require(past.parts.first?.route.hops.last?.cltvExpiry)
            #expect(expiry - network.height >= 83 && expiry - network.height <= 83 + 288)
            #expect(past.parts.first?.amount == Self.amount)
            expiries.insert(expiry.value)
        }
        #expect(expiries.count > 5)
    }

    @Test("after a start what is missing is looked for again, within the same limits")
    func restart() throws {
        var (network, order) = try Self.diamond()
        network.faults[order.paymentHash] = [1: .refuse(.temporaryNodeFailure)]
        let options = SendOptions(feeLimit: MilliSatoshi(5_000), timeout: 100, maximumParts: 3)
        try network.send(0, order, options)
        try network.load(0)
        try network.find(0)
        try network.restart(0)
        #expect(network.nodes[0].searches.isEmpty)
        while network.nodes[0].searches.isEmpty { try network.move(network.htlcs.count - 1) }
        let query = try #require(network.nodes[0].searches.first?.query)
        #expect(query.request.limits.fee == MilliSatoshi(5_000) && query.maximumParts == 3)
        #expect(query.request.excludedNodes == [network.nodes[1].id])
        try network.settle()
        guard case .succeeded = try Self.past(network).outcome else {
            return #expect(Bool(false))
        }
    }
}

extension PaymentNetwork {
    /// Has the finder think that a link costs more than it does, so that the ways over others are preferred.
    fileprivate mutating func makeDearer(link: Int) throws {
        for side in UInt8(0)...1 {
            let name = DirectedChannel(links[link].channel, side: side)
            guard let direction = finder.graph.direction(name),
                var policy = finder.graph.policy(direction)
            else { throw Missing() }
            policy.feeBase += 1_000
            finder.graph.update(direction, policy)
        }
    }
}
