import Bitcoin
import LightningCrypto
import LightningGraph
import LightningInvoice
import LightningPayment
import LightningWire
import RouteFixtures
import TestSupport
import Testing

/// Random payments over a small network, with failures, restarts and lost steps in random order.
@Suite("Random payments")
struct RandomPaymentTests {
    @Test(
        "payers and payees agree, and no node on the way loses money", arguments: 1...12)
    func run(seed: UInt64) throws {
        var walk = try PaymentWalk(seed: seed)
        for _ in 0..<700 { try walk.step() }
        try walk.finish()
        try walk.check()
        // A walk in which nothing happened would prove nothing.
        #expect(walk.succeeded > 3)
        #expect(walk.failed > 5)
        #expect(walk.restarts > 8)
    }
}

/// One random history of a network.
struct PaymentWalk {
    private var network: PaymentNetwork
    private var random: SeededGenerator
    /// Held invoices by their hash.
    private var held: [PaymentHash: (node: Int, preimage: PaymentPreimage)] = [:]
    private var payers: [PaymentHash: Int] = [:]
    private var payees: [PaymentHash: Int] = [:]
    private var orders: [(node: Int, order: PaymentOrder)] = []
    /// What failures were made by hand, and at which nodes.
    private var injected: Set<Injected> = []
    private var paths: [PaymentHash: [Int]] = [:]
    private(set) var restarts = 0
    private(set) var succeeded = 0
    private(set) var failed = 0

    private struct Injected: Hashable {
        let hash: PaymentHash
        let node: NodeID
        let code: FailureCode
    }

    private static let ends = [
        (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 2), (1, 3), (2, 4),
    ]
    private static let failures: [Failure] = [
        .temporaryNodeFailure, .permanentNodeFailure, .requiredNodeFeatureMissing,
        .temporaryChannelFailure(), .permanentChannelFailure, .requiredChannelFeatureMissing,
        .unknownNextPeer, .amountBelowMinimum(amount: MilliSatoshi(7)),
        .feeInsufficient(amount: MilliSatoshi(7)), .incorrectCltvExpiry(BlockHeight(7)),
        .expiryTooSoon(), .channelDisabled(), .expiryTooFar,
        .unknown(FailureCode(rawValue: 0x1fff), data: [1, 2, 3]),
    ]

    init(seed: UInt64) throws {
        network = try PaymentNetwork(nodes: 6, links: Self.ends)
        random = SeededGenerator(seed: seed)
        network.finder = try lyingFinder()
    }

    /// A finder whose graph tells wrong fees and deltas of some channels, and of some that are not there.
    private mutating func lyingFinder() throws -> TestFinder {
        var finder = try network.trueFinder()
        for (index, link) in network.links.enumerated() where index % 4 == 3 {
            for side in UInt8(0)...1 {
                guard
                    let direction = finder.graph.direction(
                        DirectedChannel(link.channel, side: side)),
                    var policy = finder.graph.policy(direction)
                else { continue }
                if Bool.random(using: &random) {
                    policy.feeBase /= 2
                } else {
                    policy.cltvExpiryDelta -= 1
                }
                finder.graph.update(direction, policy)
            }
        }
        for number in 0..<3 {
            try finder.add(
                ShortChannelID(UInt64(900 + number)), network.nodes[number].id,
                network.nodes[number + 3].id, capacity: Satoshi(9_000_000), base: 1,
                millionths: 1, delta: 20)
        }
        return finder
    }

    // MARK: - Steps

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<12: try startPayment()
        case 12..<14: try payAgain()
        case 14..<18:
            restarts += 1
            try network.restart(Int.random(in: network.nodes.indices, using: &random))
        case 18: network.losesOffers = true
        case 19: network.losesInvoiceAnswers = true
        case 20..<22: try network.advance(milliseconds: 5000, blocks: 0)
        case 22: try network.advance(milliseconds: 20_000, blocks: 1)
        case 23..<27: try network.load(Int.random(in: network.nodes.indices, using: &random))
        case 27..<30: try network.find(Int.random(in: network.nodes.indices, using: &random))
        case 30..<34: try decideHeld()
        default:
            guard !network.htlcs.isEmpty else { return }
            try network.move(Int.random(in: network.htlcs.indices, using: &random))
        }
    }

    private mutating func startPayment() throws {
        let path = randomPath()
        guard let payer = path.first, let payee = path.last, path.count > 1 else { return }
        let amount = MilliSatoshi(UInt64.random(in: 1000..<5_000_000, using: &random))
        var order: PaymentOrder
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let order = PaymentOrder(amount: amount, payee: network.nodes[payee].id)
            return try keysend(order, path)
        case 1:
            let preimage = PaymentPreimage(SHA256.hash(random.bytes(8)))
            let invoice = try network.nodes[payee].invoice(
                InvoiceOrder(
                    amount: amount, description: .text("held"),
                    lock: .hold(preimage.paymentHash)), at: network.moment)
            held[preimage.paymentHash] = (payee, preimage)
            order = try #require(PaymentOrder(invoice))
        default:
            let invoice = try network.nodes[payee].invoice(
                InvoiceOrder(amount: amount, description: .text("random")), at: network.moment)
            order = try #require(PaymentOrder(invoice))
        }
        if Int.random(in: 0..<12, using: &random) == 0 { order.paymentSecret = SHA256.hash([1]) }
        payers[order.paymentHash] = payer
        payees[order.paymentHash] = payee
        paths[order.paymentHash] = path
        orders.append((payer, order))
        injectFault(order.paymentHash, path)
        if Bool.random(using: &random) {
            try network.pay(payer, order, along: routes(path, order))
        } else {
            let options = SendOptions(
                feeLimit: amount, maximumParts: Int.random(in: 1...6, using: &random))
            try network.send(payer, order, options)
        }
    }

    private mutating func keysend(_ order: PaymentOrder, _ path: [Int]) throws {
        let route = try network.route(path, amount: order.amount)
        let step = try network.nodes[path[0]].payments.keysend(
            order, along: [route], at: network.moment)
        for case .started(let hash, _) in step.events {
            payers[hash] = path[0]
            payees[hash] = path[path.count - 1]
            paths[hash] = path
            let known = try #require(network.nodes[path[0]].payments.progress(hash))
            orders.append((path[0], known.order))
            injectFault(hash, path)
        }
        try network.apply(path[0], step)
    }

    /// One route, or several parts.
    private mutating func routes(_ path: [Int], _ order: PaymentOrder) throws -> [PaymentRoute] {
        var count = order.paymentSecret == nil ? 1 : UInt64.random(in: 1...3, using: &random)
        var rest = order.amount
        var routes: [PaymentRoute] = []
        while count > 0 {
            // Now and then a part is missing, and the payee must give the others back.
            if count == 1, !routes.isEmpty, Int.random(in: 0..<6, using: &random) == 0 { break }
            let amount = MilliSatoshi(count == 1 ? rest.value : rest.value / count)
            rest -= amount
            count -= 1
            let missingFee: UInt64 = Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0
            routes.append(try network.route(path, amount: amount, missingFee: missingFee))
        }
        return routes
    }

    private mutating func injectFault(_ hash: PaymentHash, _ path: [Int]) {
        guard path.count > 2, Int.random(in: 0..<3, using: &random) == 0 else { return }
        let node = path[Int.random(in: 1..<path.count - 1, using: &random)]
        let failure = Self.failures.randomElement(using: &random) ?? .unknownNextPeer
        let isDamaged = Int.random(in: 0..<4, using: &random) == 0
        network.faults[hash, default: [:]][node] = isDamaged ? .damage : .refuse(failure)
        injected.insert(
            Injected(
                hash: hash, node: network.nodes[node].id,
                code: isDamaged ? .invalidOnionHMAC : failure.code))
    }

    /// Asks for a payment that was asked for before: it must not be made twice.
    private mutating func payAgain() throws {
        guard let (node, order) = orders.randomElement(using: &random),
            let path = paths[order.paymentHash]
        else { return }
        let wasPaid = try network.nodes[node].pastPayments.contains {
            if case .succeeded = $0.outcome { $0.paymentHash == order.paymentHash } else { false }
        }
        do throws(OrderRefusal) {
            let route = try? network.route(path, amount: order.amount)
            let step = try network.nodes[node].payments.pay(
                order, along: route.map { [$0] } ?? [], at: network.moment)
            #expect(step.offers.isEmpty || !wasPaid)
            try? network.apply(node, step)
        } catch {
            switch error {
            case .inProgress, .tooMuch, .expired, .unknownPayment: break
            default: Issue.record("refused with \(error)")
            }
        }
    }

    private mutating func decideHeld() throws {
        guard
            let (hash, (node, preimage)) = held.sorted(by: { $0.key < $1.key })
                .randomElement(using: &random)
        else { return }
        guard network.nodes[node].invoices.heldAmount(hash) != nil else { return }
        held[hash] = nil
        if Bool.random(using: &random) {
            try network.apply(
                node, network.nodes[node].invoices.settle(preimage, at: network.moment))
        } else {
            try network.apply(
                node, network.nodes[node].invoices.cancel(hash, at: network.moment))
        }
    }

    private mutating func randomPath() -> [Int] {
        var path = [Int.random(in: network.nodes.indices, using: &random)]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let next = network.links.filter { $0.ends.contains(path[path.count - 1]) }
                .map { $0.other(path[path.count - 1]) }.filter { !path.contains($0) }
            guard let node = next.randomElement(using: &random) else { break }
            path.append(node)
        }
        return path
    }

    // MARK: - The end

    /// Lets everything come to its end.
    mutating func finish() throws {
        network.losesOffers = false
        network.losesInvoiceAnswers = false
        for _ in 0..<40 {
            try network.settle()
            for (hash, (node, preimage)) in held
            where network.nodes[node].invoices.heldAmount(hash) != nil {
                held[hash] = nil
                try network.apply(
                    node, network.nodes[node].invoices.settle(preimage, at: network.moment))
            }
            // What a node lost with its memory it tells again after the next start.
            for node in network.nodes.indices { try network.restart(node) }
            try network.advance(milliseconds: 61_000, blocks: 1)
        }
        try network.settle()
    }

    mutating func check() throws {
        #expect(network.htlcs.isEmpty)
        for node in network.nodes.indices {
            #expect(network.nodes[node].payments.openCount == 0)
            #expect(network.nodes[node].payments.attemptCount == 0)
            #expect(network.nodes[node].forwarding.count == 0)
            try checkBalance(node)
            try checkFailures(node)
        }
        try checkAgreement()
    }

    /// A node has what it had, less what it paid, more what it got and what it earned.
    private func checkBalance(_ node: Int) throws {
        let links = network.links.count { $0.ends.contains(node) }
        var expected = Int64(links) * Int64(PaymentNetwork.balance.value)
        for payment in try network.nodes[node].pastPayments {
            for part in payment.parts { expected -= Int64((part.amount + part.fee).value) }
        }
        for invoice in try network.nodes[node].pastInvoices {
            guard case .settled(let settlement) = invoice.state else { continue }
            expected += Int64(settlement.amount.value)
        }
        expected += Int64(network.earned[node]?.value ?? 0)
        #expect(network.wealth(node) == expected)
    }

    /// Every hash was paid at most once, by its payer, where its payee says so, and with the same amount.
    private mutating func checkAgreement() throws {
        var paid: [PaymentHash: MilliSatoshi] = [:]
        for (number, node) in network.nodes.enumerated() {
            for payment in try node.pastPayments {
                #expect(payers[payment.paymentHash] == number)
                guard case .succeeded(let preimage) = payment.outcome else {
                    failed += 1
                    #expect(payment.parts.isEmpty)
                    continue
                }
                succeeded += 1
                #expect(preimage.paymentHash == payment.paymentHash)
                #expect(paid[payment.paymentHash] == nil, "a hash is paid once")
                paid[payment.paymentHash] = payment.parts.reduce(.zero) { $0 + $1.amount }
            }
        }
        var settled: [PaymentHash: MilliSatoshi] = [:]
        for (number, node) in network.nodes.enumerated() {
            for invoice in try node.pastInvoices {
                guard case .settled(let settlement) = invoice.state else { continue }
                let hash = invoice.paymentHash(node.secrets)
                #expect(payees[hash] == number)
                settled[hash] = settlement.amount
            }
        }
        #expect(paid == settled)
    }

    /// What a failure says about where and why is what was done to the payment.
    private func checkFailures(_ node: Int) throws {
        let own: Set<FailureCode> = [
            .incorrectOrUnknownPaymentDetails, .mppTimeout, .feeInsufficient,
            .temporaryNodeFailure, .temporaryChannelFailure, .expiryTooSoon,
            .incorrectCltvExpiry, .unknownNextPeer,
        ]
        for event in network.paymentEvents[node] ?? [] {
            guard case .attemptEnded(let hash, let attempt) = event, let failure = event.failure
            else { continue }
            let route = attempt.route
            switch failure.reason {
            case .reported(let reported):
                let hop = try #require(failure.hop)
                #expect(failure.node == route.hops[hop].node)
                let isInjected = injected.contains(
                    Injected(
                        hash: hash, node: route.hops[hop].node, code: reported.code))
                #expect(isInjected || own.contains(reported.code))
                if reported.code == .feeInsufficient, !isInjected { #expect(!failure.isPayee) }
                #expect(failure.firstUnattributed == nil)
            case .notSent(.interrupted), .notSent(.refusedByChannel): break
            case .notSent(.unknownChannel), .unreadable, .unknownSource, .timedOutOnChain:
                Issue.record("failed with \(failure)")
            }
        }
    }
}
