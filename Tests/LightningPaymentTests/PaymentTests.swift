import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// Payments of this node along routes that are given.
@Suite("Payments")
struct PaymentTests {
    private static let amount = MilliSatoshi(100_000)

    /// A line of nodes, of which the last has an invoice for the first.
    private static func line(
        _ count: Int, amount: MilliSatoshi? = amount
    ) throws -> (network: PaymentNetwork, order: PaymentOrder) {
        var network = try PaymentNetwork.line(count)
        let invoice = try network.nodes[count - 1].invoice(
            InvoiceOrder(amount: amount, description: .text("tea")), at: network.moment)
        let order = try #require(
            PaymentOrder(invoice, amount: amount ?? Self.amount))
        return (network, order)
    }

    private static func outcome(_ network: PaymentNetwork) -> PastPayment? {
        for event in network.paymentEvents[0] ?? [] {
            if case .succeeded(let past) = event { return past }
            if case .failed(let past) = event { return past }
        }
        return nil
    }

    private static func failures(_ network: PaymentNetwork) -> [AttemptFailure] {
        (network.paymentEvents[0] ?? []).compactMap {
            $0.failure
        }
    }

    @Test("a payment arrives over several hops, and every hop gets its fee", arguments: 2...5)
    func pay(count: Int) throws {
        var (network, order) = try Self.line(count)
        let route = try network.route(Array(0..<count), amount: Self.amount)
        try network.pay(0, order, along: [route])
        try network.settle()
        let past = try #require(Self.outcome(network))
        guard case .succeeded(let preimage) = past.outcome else { return #expect(Bool(false)) }
        #expect(preimage.paymentHash == order.paymentHash)
        #expect(past.amount == Self.amount && past.fee == route.fee)
        #expect(past.parts.map(\.route) == [route])
        #expect(past.request == order.request)
        #expect(network.earned.values.reduce(.zero, +) == route.fee)
        #expect(try network.nodes[0].pastPayments == [past.stored])
        #expect(network.nodes[0].payments.openCount == 0)
        #expect(network.nodes[0].store.records(.payment).isEmpty)
        #expect(network.nodes[0].store.records(.paymentAttempt).isEmpty)
        // All of them took part in attribution.
        let times = network.paymentEvents[0]?.compactMap {
            if case .attemptEnded(_, let attempt) = $0,
                case .succeeded(_, let times) = attempt.status
            {
                times
            } else {
                nil
            }
        }
        #expect(times == [Array(repeating: 0, count: count - 1)])
    }

    @Test(
        "a route is refused whose HTLC would expire too soon or too late",
        arguments: [(13, false), (14, true), (2_016, true), (2_017, false)])
    func expiry(blocks: UInt32, isTaken: Bool) throws {
        var (network, order) = try Self.line(2)
        var route = try network.route([0, 1], amount: Self.amount)
        route.hops[0].cltvExpiry = network.height + blocks
        guard !isTaken else {
            try network.pay(0, order, along: [route])
            return #expect(network.nodes[0].payments.isPending(order.paymentHash))
        }
        let problem: RouteProblem =
            blocks < 100
            ? .expiryTooSoon(least: network.height + 14, actual: network.height + blocks)
            : .expiryTooFar(most: network.height + 2_016, actual: network.height + blocks)
        #expect(throws: OrderRefusal.route(problem)) {
            try network.pay(0, order, along: [route])
        }
        #expect(!network.nodes[0].payments.isPending(order.paymentHash))
    }

    @Test("a hash that was paid is not paid again, before and after a start")
    func paidOnce() throws {
        var (network, order) = try Self.line(2)
        let route = try network.route([0, 1], amount: Self.amount)
        try network.pay(0, order, along: [route])
        try network.settle()
        for _ in 0..<2 {
            try network.pay(0, order, along: [route])
            #expect(network.nodes[0].payments.openCount == 0)
            try network.settle()
            let refusal = PaymentEvent.refused(
                order.paymentHash, .alreadyPaid(order.paymentHash))
            #expect(network.paymentEvents[0]?.last == refusal)
            #expect(network.htlcs.isEmpty)
            try network.restart(0)
        }
    }

    @Test("a hash is not paid twice at the same time, from the first moment on")
    func concurrently() throws {
        var (network, order) = try Self.line(2)
        network.finder = try network.trueFinder()
        let route = try network.route([0, 1], amount: Self.amount)
        try network.send(0, order)
        // The past is being asked.
        #expect(throws: OrderRefusal.inProgress(order.paymentHash)) {
            try network.pay(0, order, along: [route])
        }
        try network.load(0)
        #expect(network.htlcs.isEmpty)
        try network.find(0)
        #expect(network.htlcs.count == 1)
        #expect(throws: OrderRefusal.inProgress(order.paymentHash)) {
            try network.pay(0, order, along: [route])
        }
        try network.restart(0)
        #expect(throws: OrderRefusal.inProgress(order.paymentHash)) {
            try network.pay(0, order, along: [route])
        }
        let missing = MilliSatoshi(100_000)
        #expect(throws: OrderRefusal.tooMuch(needed: .zero, offered: missing)) {
            try network.nodes[0].payments.send(
                order.paymentHash, along: [route], at: network.moment)
        }
    }

    @Test("a payment that failed may be made again")
    func again() throws {
        var (network, order) = try Self.line(3)
        let route = try network.route([0, 1, 2], amount: Self.amount)
        network.faults[order.paymentHash] = [1: .refuse(.temporaryChannelFailure())]
        try network.pay(0, order, along: [route])
        try network.settle()
        guard case .failed(.routesFailed(let failed)) = Self.outcome(network)?.outcome else {
            return #expect(Bool(false))
        }
        #expect(failed.code == .temporaryChannelFailure && failed.hop == 0)
        #expect(failed.channel == route.hops[1].channel)
        try network.pay(0, order, along: [route])
        try network.settle()
        let states = try network.nodes[0].pastPayments.map { payment in
            if case .succeeded = payment.outcome { true } else { false }
        }
        #expect(states == [false, true])
    }

    @Test("parts may come with one order, or one after the other")
    func parts() throws {
        var (network, order) = try Self.line(2)
        let routes = try [50_000, 30_000, 20_000].map {
            try network.route([0, 1], amount: MilliSatoshi($0))
        }
        try network.pay(0, order, along: [routes[0]])
        try network.pay(0, order, along: [routes[1]])
        try network.settle()
        #expect(Self.outcome(network) == nil)
        // It must be the same order.
        var other = order
        other.amount = MilliSatoshi(120_000)
        #expect(throws: OrderRefusal.inProgress(order.paymentHash)) {
            try network.pay(0, other, along: [routes[2]])
        }
        try network.pay(0, order, along: [routes[2]])
        try network.settle()
        let past = try #require(Self.outcome(network))
        #expect(past.parts.map(\.amount.value) == [50_000, 30_000, 20_000])
        #expect(past.attemptCount == 3)
    }

    @Test("of parts no more is sent than the rest, nor without a payment secret")
    func tooMuch() throws {
        var (network, order) = try Self.line(2)
        let half = try network.route([0, 1], amount: MilliSatoshi(50_000))
        let more = try network.route([0, 1], amount: MilliSatoshi(50_001))
        let refusal = OrderRefusal.tooMuch(
            needed: Self.amount, offered: MilliSatoshi(150_001))
        #expect(throws: refusal) { try network.pay(0, order, along: [half, half, more]) }
        let most = try network.route([0, 1], amount: MilliSatoshi(99_999))
        let beyond = try network.route([0, 1], amount: Self.amount)
        #expect(
            throws: OrderRefusal.tooMuch(
                needed: Self.amount, offered: beyond.sentAmount + half.sentAmount)
        ) {
            try network.pay(0, order, along: [half, beyond])
        }
        var other = order
        other.paymentHash = PaymentHash(SHA256.hash([2]))
        try network.pay(0, other, along: [half, most])
        // A part may be rounded up, where it is needed.
        try network.pay(0, order, along: [half, more])
        try network.settle()
        other.paymentHash = PaymentHash(SHA256.hash([3]))
        try network.pay(0, other, along: [half])
        try network.load(0)
        let late = OrderRefusal.tooMuch(
            needed: half.sentAmount, offered: more.sentAmount)
        #expect(throws: late) { try network.pay(0, other, along: [more]) }
        order.paymentHash = PaymentHash(SHA256.hash([1]))
        order.paymentSecret = nil
        #expect(throws: OrderRefusal.needsPaymentSecret) {
            try network.pay(0, order, along: [half, half])
        }
    }

    @Test(
        "every code of every hop is reported with its place", arguments: 1...3,
        [
            Failure.temporaryNodeFailure, .permanentNodeFailure, .requiredNodeFeatureMissing,
            .temporaryChannelFailure(), .permanentChannelFailure,
            .requiredChannelFeatureMissing, .unknownNextPeer,
            .amountBelowMinimum(amount: MilliSatoshi(1)), .feeInsufficient(amount: amount),
            .incorrectCltvExpiry(BlockHeight(1)), .expiryTooSoon(), .channelDisabled(),
            .expiryTooFar, .unknown(FailureCode(rawValue: 0x1abc), data: [1]),
        ])
    func places(node: Int, failure: Failure) throws {
        var (network, order) = try Self.line(5)
        let route = try network.route(Array(0..<5), amount: Self.amount)
        network.faults[order.paymentHash] = [node: .refuse(failure)]
        try network.pay(0, order, along: [route])
        try network.settle()
        let reported = try #require(Self.failures(network).first)
        #expect(reported.reason == .reported(failure))
        #expect(reported.hop == node - 1)
        #expect(reported.node == network.nodes[node].id)
        #expect(reported.channel == route.hops[node].channel)
        #expect(!reported.isPayee && reported.firstUnattributed == nil)
        #expect(reported.holdTimes == Array(repeating: 0, count: node))
        #expect(reported.description.contains(failure.code.description))
    }

    @Test("an onion that cannot be read is reported by the node before", arguments: 1...3)
    func damaged(node: Int) throws {
        var (network, order) = try Self.line(5)
        network.faults[order.paymentHash] = [node: .damage]
        let route = try network.route(Array(0..<5), amount: Self.amount)
        try network.pay(0, order, along: [route])
        try network.settle()
        let failure = try #require(Self.failures(network).first)
        #expect(failure.hop == node - 1)
        guard case .reported(.invalidOnionHMAC) = failure.reason else {
            return #expect(Bool(false))
        }
    }

    @Test("a payment that is given up while parts are on their way may still succeed")
    func givenUp() throws {
        var (network, order) = try Self.line(2)
        try network.pay(0, order, along: [try network.route([0, 1], amount: Self.amount)])
        try network.load(0)
        try network.apply(
            0,
            try network.nodes[0].payments.giveUp(
                order.paymentHash, because: .cancelled, at: network.moment))
        #expect(Self.outcome(network) == nil)
        try network.settle()
        guard case .succeeded = Self.outcome(network)?.outcome else {
            return #expect(Bool(false))
        }
    }

    @Test("the amount is the invoice's, or where it has none the payer's")
    func amounts() throws {
        var network = try PaymentNetwork.line(2)
        let fixed = try network.nodes[1].invoice(
            InvoiceOrder(amount: Self.amount, description: .text("")), at: network.moment)
        let open = try network.nodes[1].invoice(
            InvoiceOrder(amount: nil, description: .text("")), at: network.moment)
        #expect(PaymentOrder(fixed)?.amount == Self.amount)
        #expect(PaymentOrder(fixed, amount: Self.amount)?.amount == Self.amount)
        #expect(PaymentOrder(fixed, amount: MilliSatoshi(1)) == nil)
        #expect(PaymentOrder(open, amount: MilliSatoshi(1))?.amount == MilliSatoshi(1))
        #expect(PaymentOrder(open) == nil)
    }
}
