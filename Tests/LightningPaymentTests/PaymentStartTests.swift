import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWire
import Testing

/// Payments over stops and starts of the payer, and routes that cannot be.
@Suite("Payments over starts")
struct PaymentStartTests {
    private static let amount = MilliSatoshi(100_000)

    private static func line(
        _ count: Int
    ) throws -> (network: PaymentNetwork, order: PaymentOrder, route: PaymentRoute) {
        var network = try PaymentNetwork.line(count)
        let invoice = try network.nodes[count - 1].invoice(
            InvoiceOrder(amount: amount, description: .text("tea")), at: network.moment)
        let order = try #require(PaymentOrder(invoice))
        return (network, order, try network.route(Array(0..<count), amount: amount))
    }

    @Test("an attempt whose HTLC was never signed has failed after a start")
    func interrupted() throws {
        var (network, order, route) = try Self.line(3)
        network.losesOffers = true
        try network.pay(0, order, along: [route])
        try network.settle()
        let failure = network.paymentEvents[0]?.compactMap {
            $0.failure
        }.first
        #expect(failure?.reason == .notSent(.interrupted))
        #expect(failure?.channel == route.hops[0].channel && failure?.hop == nil)
        guard case .failed = network.paymentEvents[0]?.last else { return #expect(Bool(false)) }
    }

    @Test("an attempt whose HTLC is out is awaited after a start, and read with the same keys")
    func awaited() throws {
        var (network, order, route) = try Self.line(4)
        network.faults[order.paymentHash] = [2: .refuse(.permanentChannelFailure)]
        try network.pay(0, order, along: [route])
        try network.load(0)
        try network.restart(0)
        #expect(network.nodes[0].payments.attemptCount == 1)
        let progress = try #require(network.nodes[0].payments.progress(order.paymentHash))
        #expect(progress.order == order && progress.inFlight.first?.route == route)
        try network.settle()
        guard case .failed(let past) = network.paymentEvents[0]?.last else {
            return #expect(Bool(false))
        }
        guard case .failed(.routesFailed(let failed)) = past.outcome else {
            return #expect(Bool(false))
        }
        #expect(failed.code == .permanentChannelFailure && failed.hop == 1)
        #expect(failed.channel == route.hops[2].channel)
        #expect(try network.nodes[0].pastPayments == [past.stored])
    }

    @Test("no onion is made twice, whatever crashes")
    func onions() throws {
        var (network, order, _) = try Self.line(2)
        let routes = try (1...100).map { _ in
            try network.route([0, 1], amount: MilliSatoshi(Self.amount.value / 100))
        }
        var onions: Set<[UInt8]> = []
        try network.pay(0, order, along: [routes[0]])
        try network.load(0)
        for round in 1..<81 {
            let step = try network.nodes[0].payments.send(
                order.paymentHash, along: [routes[round]], at: network.moment)
            for offer in step.offers { onions.insert(offer.onion) }
            // Every other time the node stops before it is durable that there was an attempt...
            if round % 2 == 0 { try network.apply(0, step) }
            network.htlcs.removeLast(network.htlcs.count - 1)
            try network.restart(0)
        }
        // ...and only then the same number may be given again, since nothing has left the node.
        #expect(onions.count >= 40)
    }

    @Test("of several parts one may fail while another brings the proof")
    func partial() throws {
        var (network, order, _) = try Self.line(2)
        let routes = try [60_000, 40_000].map {
            try network.route([0, 1], amount: MilliSatoshi($0))
        }
        try network.pay(0, order, along: routes)
        try network.load(0)
        for htlc in network.htlcs {
            guard case .payment(let attempt) = htlc.origin else { continue }
            if htlc.amount.value == 60_000 {
                let invoice = try #require(network.nodes[1].invoices.openInvoices.first)
                let preimage = try #require(invoice.preimage(network.nodes[1].secrets))
                try network.apply(
                    0,
                    network.nodes[0].payments.fulfilled(
                        attempt, preimage: preimage, at: network.moment))
                #expect(network.nodes[0].payments.progress(order.paymentHash)?.preimage == preimage)
                #expect(throws: OrderRefusal.unknownPayment(order.paymentHash)) {
                    try network.nodes[0].payments.send(
                        order.paymentHash, along: [routes[0]], at: network.moment)
                }
                try network.restart(0)
            } else {
                try network.apply(
                    0, network.nodes[0].payments.timedOutOnChain(attempt, at: network.moment))
            }
        }
        guard case .succeeded(let past) = network.paymentEvents[0]?.last else {
            return #expect(Bool(false))
        }
        #expect(past.parts.map(\.amount.value) == [60_000])
    }

    @Test("news of attempts that have ended change nothing")
    func late() throws {
        var (network, order, route) = try Self.line(2)
        try network.pay(0, order, along: [route])
        try network.settle()
        let preimage = PaymentPreimage(SHA256.hash([1]))
        let moment = network.moment
        let returned = ReturnedFailure(reason: [1, 2, 3])
        #expect(
            network.nodes[0].payments.fulfilled(0, preimage: preimage, at: moment)
                .isEmpty)
        #expect(
            network.nodes[0].payments.failed(0, with: returned, at: moment).isEmpty)
        #expect(
            network.nodes[0].payments.failedMalformed(
                0, code: .invalidOnionKey, onionHash: .zero, at: moment
            ).isEmpty)
        #expect(
            network.nodes[0].payments.timedOutOnChain(0, at: moment).isEmpty)
    }

    @Test("a wrong preimage is no proof of payment")
    func wrongPreimage() throws {
        var (network, order, route) = try Self.line(2)
        try network.pay(0, order, along: [route])
        try network.load(0)
        let preimage = PaymentPreimage(SHA256.hash([1]))
        let step = network.nodes[0].payments.fulfilled(0, preimage: preimage, at: network.moment)
        #expect(step.isEmpty)
        #expect(network.nodes[0].payments.openCount == 1)
    }

    @Test("an answer that was changed on its way tells where that may have been")
    func changed() throws {
        var (network, order, route) = try Self.line(4)
        network.faults[order.paymentHash] = [2: .refuse(.unknownNextPeer)]
        try network.pay(0, order, along: [route])
        try network.load(0)
        // Until the answer is between the second and the first hop.
        while network.htlcs.count < 2 { try network.move(network.htlcs.count - 1) }
        try network.move(1)
        guard case .answered(.fail(var failure)) = network.htlcs[1].state else {
            return #expect(Bool(false))
        }
        failure.reason[200] ^= 1
        network.htlcs[1].state = .answered(.fail(failure))
        try network.settle()
        let failures = network.paymentEvents[0]?.compactMap {
            $0.failure
        }
        let reported = try #require(failures?.first)
        #expect(reported.reason == .unknownSource && reported.hop == nil)
        #expect(reported.firstUnattributed == 1)
        #expect(reported.holdTimes.count == 1)
    }

    @Test("a keysend arrives, and each has its own preimage")
    func keysend() throws {
        var (network, _, route) = try Self.line(3)
        for _ in 0..<3 {
            let order = PaymentOrder(
                amount: Self.amount,
                customRecords: [TLVRecord(type: 7_629_169, value: [1])],
                payee: network.nodes[2].id)
            let step = try network.nodes[0].payments.keysend(
                order, along: [route], at: network.moment)
            try network.apply(0, step)
            try network.settle()
            guard case .succeeded(let past) = network.paymentEvents[0]?.last else {
                return #expect(Bool(false))
            }
            #expect(past.payee == network.nodes[2].id)
            try network.restart(0)
        }
        let hashes = Set(try network.nodes[0].pastPayments.map(\.paymentHash))
        #expect(hashes.count == 3)
        let records = network.invoiceEvents[2]?.compactMap {
            if case .settled(let entry, let records) = $0, entry.isKeysend { records } else { nil }
        }
        #expect(records?.allSatisfy { $0.first?.value == [1] } == true)
    }

    @Test("routes that cannot be are refused", arguments: 0..<7)
    func badRoutes(_ what: Int) throws {
        var (network, order, route) = try Self.line(3)
        let expected: RouteProblem
        switch what {
        case 0:
            route.hops = []
            expected = .wrongHopCount(maximum: 27, actual: 0)
        case 1:
            route.hops = Array(repeating: route.hops[0], count: 28)
            expected = .wrongHopCount(maximum: 27, actual: 28)
        case 2:
            route.hops[1].amount = route.hops[0].amount + MilliSatoshi(1)
            expected = .amountRises(hop: 1)
        case 3:
            route.hops[1].cltvExpiry = route.hops[0].cltvExpiry + 1
            expected = .expiryRises(hop: 1)
        case 4:
            route.hops[0].amount = MilliSatoshi(.max)
            expected = .amountRises(hop: 0)
        case 5:
            route.hops[1].amount = .zero
            expected = .noAmount
        default:
            order.metadata = [UInt8](repeating: 1, count: 1300)
            expected = .onion(.payloadsTooLong(count: 1452, limit: 1300))
        }
        if what < 6 {
            #expect(throws: OrderRefusal.route(expected)) {
                try network.pay(0, order, along: [route])
            }
        } else {
            try network.pay(0, order, along: [route])
            try network.settle()
            guard case .refused(_, .route(.onion)) = network.paymentEvents[0]?.last else {
                return #expect(Bool(false))
            }
        }
        #expect(network.nodes[0].payments.openCount == 0)
        #expect(network.nodes[0].store.records(.payment).isEmpty)
    }

    @Test("orders that cannot be are refused")
    func badOrders() throws {
        var (network, order, route) = try Self.line(2)
        var bad = order
        bad.amount = .zero
        #expect(throws: OrderRefusal.amountOutOfRange(.zero)) {
            try network.pay(0, bad, along: [route])
        }
        bad = order
        bad.customRecords = [TLVRecord(type: 65_535, value: [])]
        #expect(throws: OrderRefusal.invalidRecord(type: 65_535)) {
            try network.pay(0, bad, along: [route])
        }
        bad = order
        let preimage = PaymentPreimage(SHA256.hash([1]))
        bad.keysendPreimage = preimage
        let wrong = OrderRefusal.wrongPreimage(
            expected: order.paymentHash, actual: preimage.paymentHash)
        #expect(throws: wrong) { try network.pay(0, bad, along: [route]) }
        #expect(throws: OrderRefusal.noRoute) { try network.pay(0, order, along: []) }
    }
}
