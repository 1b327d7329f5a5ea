import Bitcoin
import LightningCrypto
import LightningGraph
import LightningInvoice
import LightningPayment
import LightningWire
import RouteFixtures
import Testing

/// A network of nodes without channels: links carry HTLCs, whose every movement is one step of the test.
///
/// A step of a node becomes durable as a whole, with what it does to its links, or not at all.
struct PaymentNetwork {
    var nodes: [TestNode]
    var links: [TestLink] = []
    var htlcs: [TestHTLC] = []
    var time: UInt64 = 1_800_000_000_000
    var height = BlockHeight(800_000)
    var faults: [PaymentHash: [Int: TestFault]] = [:]
    /// What forwarders say that they have earned.
    var earned: [Int: MilliSatoshi] = [:]
    var paymentEvents: [Int: [PaymentEvent]] = [:]
    var invoiceEvents: [Int: [InvoiceEvent]] = [:]
    /// Whether the channels of a node refuse what it offers next, the last element first.
    var refusals: [Int: [Bool]] = [:]
    /// Loses what a node was about to offer or answer: it stops before its channels have it.
    var losesOffers = false
    var losesInvoiceAnswers = false
    /// What all nodes know of the network when they look for routes.
    var finder = TestFinder()
    private var restarts = 0
    var policy = ForwardingPolicy(
        relay: PaymentRelay(
            cltvExpiryDelta: 40, feeProportionalMillionths: 1000, feeBase: 1000),
        htlcMinimum: MilliSatoshi(1))

    static let balance = MilliSatoshi(1_000_000_000)

    /// `links` name the nodes at their ends.
    init(nodes count: Int, links ends: [(Int, Int)]) throws {
        nodes = try (0..<count).map { try TestNode(UInt8($0)) }
        for (number, pair) in ends.enumerated() {
            links.append(
                TestLink(
                    number: UInt32(number), ends: [pair.0, pair.1],
                    balances: [pair.0: Self.balance, pair.1: Self.balance]))
        }
    }

    /// A line of nodes, each with a link to the next.
    static func line(_ count: Int) throws -> PaymentNetwork {
        try PaymentNetwork(nodes: count, links: (1..<count).map { ($0 - 1, $0) })
    }

    var moment: PaymentMoment { PaymentMoment(time: time, height: height) }

    /// All that a node has, with what its HTLCs on the way hold.
    func wealth(_ node: Int) -> Int64 {
        links.reduce(0) { $0 + Int64($1.balances[node]?.value ?? 0) }
            + htlcs.filter { $0.from == node }.reduce(0) { $0 + Int64($1.amount.value) }
    }

    // MARK: - Routes

    /// A route along nodes that are linked one to the next, from the payer to the payee.
    func route(
        _ path: [Int], amount: MilliSatoshi, finalDelta: UInt32 = 80, missingFee: UInt64 = 0
    ) throws -> PaymentRoute {
        var amount = amount
        var expiry = height + finalDelta
        var hops: [LightningPayment.RouteHop] = []
        for (from, to) in zip(path, path.dropFirst()).reversed() {
            guard let link = links.first(where: { Set($0.ends) == [from, to] }) else {
                throw Missing()
            }
            if !hops.isEmpty {
                amount =
                    amount
                    + MilliSatoshi(
                        (policy.relay.fee(for: amount)?.value ?? 0) - missingFee)
                expiry = expiry + UInt32(policy.relay.cltvExpiryDelta)
            }
            hops.insert(
                LightningPayment.RouteHop(
                    node: nodes[to].id, channel: link.channel, amount: amount,
                    cltvExpiry: expiry),
                at: 0)
        }
        return PaymentRoute(hops: hops)
    }

    // MARK: - Steps of nodes

    mutating func pay(
        _ node: Int, _ order: PaymentOrder, along routes: [PaymentRoute] = []
    ) throws {
        try apply(node, nodes[node].payments.pay(order, along: routes, at: moment))
    }

    mutating func apply(_ node: Int, _ step: PaymentStep) throws {
        nodes[node].store.apply(step.writes)
        nodes[node].queries += step.queries
        nodes[node].searches += step.searches
        finder.learn(step.lessons, at: time / 1000)
        paymentEvents[node, default: []] += step.events
        if losesOffers, !step.offers.isEmpty {
            losesOffers = false
            try restart(node)
            return
        }
        for offer in step.offers {
            let link = links.first { $0.channel == offer.channel && $0.ends.contains(node) }
            guard let link else {
                try apply(
                    node,
                    nodes[node].payments.notSent(
                        offer.attempt, because: .unknownChannel, at: moment))
                continue
            }
            let isRefused = refusals[node]?.popLast() ?? false
            let isOffered =
                !isRefused
                && self.offer(
                    node, link.number, .payment(offer.attempt), offer.amount, offer.paymentHash,
                    offer.cltvExpiry, offer.onion)
            if !isOffered {
                try apply(
                    node,
                    nodes[node].payments.notSent(
                        offer.attempt, because: .refusedByChannel, at: moment))
            }
        }
        for hash in step.wants {
            try apply(
                node,
                nodes[node].payments.search(
                    hash, by: nodes[node].id, over: channels(of: node), at: moment))
        }
    }

    mutating func apply(_ node: Int, _ step: InvoiceStep) throws {
        nodes[node].store.apply(step.writes)
        nodes[node].queries += step.queries
        invoiceEvents[node, default: []] += step.events
        if losesInvoiceAnswers, !step.answers.isEmpty {
            losesInvoiceAnswers = false
            try restart(node)
            return
        }
        for answer in step.answers { self.answer(answer) }
    }

    mutating func answer(_ answered: AnsweredHTLC) {
        guard let index = htlcs.firstIndex(where: { $0.name == answered.name }) else { return }
        let isOpen = htlcs[index].state == .delivered
        #expect(isOpen, "an HTLC is answered once")
        htlcs[index].state = .answered(answered.answer)
    }

    private mutating func offer(
        _ from: Int, _ link: UInt32, _ origin: TestHTLC.Origin, _ amount: MilliSatoshi,
        _ hash: PaymentHash, _ expiry: BlockHeight, _ onion: [UInt8], pathKey: Point? = nil
    ) -> Bool {
        let number = Int(link)
        guard let rest = links[number].balances[from]?.subtracting(amount) else { return false }
        links[number].balances[from] = rest
        htlcs.append(
            TestHTLC(
                name: HTLCName(channel: link, id: links[number].nextID), from: from,
                to: links[number].other(from), origin: origin, amount: amount,
                paymentHash: hash, cltvExpiry: expiry, onion: onion, pathKey: pathKey))
        links[number].nextID += 1
        return true
    }

    /// Answers one question to the past.
    mutating func load(_ node: Int) throws {
        guard !nodes[node].queries.isEmpty else { return }
        let query = nodes[node].queries.removeFirst()
        let records = nodes[node].store.answer(query)
        if query.table == .paymentHash {
            try apply(node, nodes[node].payments.loaded(query, records, at: moment))
        } else {
            try apply(node, try nodes[node].invoices.loaded(query, records, at: moment))
        }
    }

    // MARK: - Routes that are looked for

    /// A finder that knows all links as they are, but not their balances.
    func trueFinder() throws -> TestFinder {
        var finder = TestFinder()
        for link in links {
            try finder.add(
                link.channel, nodes[link.ends[0]].id, nodes[link.ends[1]].id,
                capacity: Satoshi(Int64(2 * Self.balance.value / 1000)),
                base: policy.relay.feeBase,
                millionths: policy.relay.feeProportionalMillionths,
                delta: policy.relay.cltvExpiryDelta)
        }
        return finder
    }

    /// The channels of a node, with what they can send.
    func channels(of node: Int) -> [PayerChannel] {
        links.filter { $0.ends.contains(node) }.map {
            PayerChannel(
                names: [$0.channel], peer: nodes[$0.other(node)].id,
                available: $0.balances[node] ?? .zero, htlcMinimum: MilliSatoshi(1))
        }
    }

    /// Pays by routes that are looked for.
    mutating func send(
        _ node: Int, _ order: PaymentOrder,
        _ options: SendOptions = SendOptions(feeLimit: .maximumMoney)
    ) throws {
        try apply(node, nodes[node].payments.send(order, options, at: moment))
    }

    /// Finds routes that a node has asked for.
    mutating func find(_ node: Int) throws {
        guard !nodes[node].searches.isEmpty else { return }
        let search = nodes[node].searches.removeFirst()
        let found = finder.find(search.query, at: time / 1000)
        try apply(node, nodes[node].payments.routesFound(search.id, found, at: moment))
    }

    // MARK: - Steps of HTLCs

    /// Moves an HTLC on by one step.
    mutating func move(_ index: Int) throws {
        switch htlcs[index].state {
        case .offered:
            htlcs[index].state = .delivered
            try deliver(htlcs[index], isRepeated: false)
        case .delivered: break
        case .answered(let answer): try end(index, answer)
        case .fulfilled:
            let htlc = htlcs.remove(at: index)
            links[Int(htlc.name.channel)].balances[htlc.to]! += htlc.amount
        }
    }

    private mutating func deliver(_ htlc: TestHTLC, isRepeated: Bool) throws {
        let node = htlc.to
        let opened = htlc.received(isRepeated: isRepeated)
            .opened(with: nodes[node].key, height: height)
        let candidates = links.filter {
            opened.next == .channel($0.channel) && $0.ends.contains(node)
        }.map {
            OutgoingChannel(
                number: $0.number, policy: policy, available: $0.balances[node] ?? .zero)
        }
        let decision = nodes[node].forwarding.receive(
            opened, channels: candidates, at: moment)
        switch decision {
        case .forward(let forward): try self.forward(node, forward)
        case .receive(let part):
            try apply(node, nodes[node].invoices.receive(part, at: moment))
        case .answer(let answer, _): self.answer(answer)
        case .wait: break
        }
    }

    private mutating func forward(_ node: Int, _ forward: ForwardedHTLC) throws {
        if losesOffers {
            losesOffers = false
            try restart(node)
            return
        }
        var onion = forward.onion
        if let fault = faults[forward.paymentHash]?.removeValue(forKey: node) {
            switch fault {
            case .refuse(let failure):
                let answer = nodes[node].forwarding.fail(
                    forward.incoming, with: failure, at: moment)
                if let answer { self.answer(answer) }
                return
            case .damage: onion[700] ^= 1
            }
        }
        for channel in forward.channels {
            let isOffered = offer(
                node, channel, .forward(forward.incoming), forward.amount, forward.paymentHash,
                forward.cltvExpiry, onion, pathKey: forward.pathKey)
            if isOffered { return }
        }
        let answer = nodes[node].forwarding.fail(
            forward.incoming, with: .temporaryChannelFailure(), at: moment)
        if let answer { self.answer(answer) }
    }

    /// Tells the offerer how an HTLC ended.
    private mutating func end(_ index: Int, _ answer: HTLCAnswer) throws {
        let htlc = htlcs[index]
        if case .fulfill(let preimage, let attribution) = answer {
            #expect(preimage.paymentHash == htlc.paymentHash)
            htlcs[index].state = .fulfilled
            try fulfilled(htlc, preimage, attribution)
            return
        }
        htlcs.remove(at: index)
        links[Int(htlc.name.channel)].balances[htlc.from]! += htlc.amount
        try failed(htlc, answer)
    }

    private mutating func fulfilled(
        _ htlc: TestHTLC, _ preimage: PaymentPreimage, _ attribution: AttributionData?
    ) throws {
        switch htlc.origin {
        case .payment(let attempt):
            try apply(
                htlc.from,
                nodes[htlc.from].payments.fulfilled(
                    attempt, preimage: preimage, attribution: attribution, at: moment))
        case .forward(let name):
            let result = nodes[htlc.from].forwarding.fulfill(
                name, preimage: preimage, attribution: attribution, at: moment)
            guard let result else { throw Missing() }
            earned[htlc.from, default: .zero] += result.payment.fee
            self.answer(result.answer)
        }
    }

    private mutating func failed(_ htlc: TestHTLC, _ answer: HTLCAnswer) throws {
        let node = htlc.from
        switch (htlc.origin, answer) {
        case (_, .fulfill): break
        case (.payment(let attempt), .fail(let failure)):
            try apply(node, nodes[node].payments.failed(attempt, with: failure, at: moment))
        case (.payment(let attempt), .failMalformed(let code, let onionHash)):
            try apply(
                node,
                nodes[node].payments.failedMalformed(
                    attempt, code: code, onionHash: onionHash, at: moment))
        case (.forward(let name), .fail(let failure)):
            let answer = nodes[node].forwarding.fail(name, with: failure, at: moment)
            if let answer { self.answer(answer) }
        case (.forward(let name), .failMalformed(let code, let onionHash)):
            let answer = nodes[node].forwarding.failMalformed(
                name, code: code, onionHash: onionHash, at: moment)
            if let answer { self.answer(answer) }
        }
    }

    // MARK: - Time and restarts

    /// Lets time and blocks pass.
    mutating func advance(milliseconds: UInt64, blocks: UInt32 = 0) throws {
        time += milliseconds
        height = height + blocks
        for node in nodes.indices {
            try apply(node, nodes[node].invoices.advance(to: moment))
            for answer in nodes[node].forwarding.advance(to: moment) { self.answer(answer) }
            try apply(node, nodes[node].payments.advance(to: moment))
        }
    }

    /// Stops a node and starts it from its records, with the HTLCs that its links hold.
    mutating func restart(_ node: Int) throws {
        try nodes[node].restart()
        restarts += 1
        let run = restarts
        for htlc in htlcs where htlc.to == node && htlc.state == .delivered {
            let isOut = htlcs.contains { $0.from == node && $0.origin == .forward(htlc.name) }
            if isOut {
                let opened = htlc.received(isRepeated: true)
                    .opened(with: nodes[node].key, height: height)
                nodes[node].forwarding.resume(opened, at: moment)
            } else {
                try deliver(htlc, isRepeated: true)
                // It may have stopped again.
                guard run == restarts else { return }
            }
        }
        var live: Set<UInt64> = []
        for htlc in htlcs where htlc.from == node {
            if case .payment(let attempt) = htlc.origin { live.insert(attempt) }
        }
        try apply(node, nodes[node].payments.resume(live: live, at: moment))
    }

    /// Moves everything on until nothing moves any more.
    mutating func settle() throws {
        var isMoving = true
        while isMoving {
            isMoving = false
            for node in nodes.indices where !nodes[node].queries.isEmpty {
                try load(node)
                isMoving = true
            }
            for node in nodes.indices where !nodes[node].searches.isEmpty {
                try find(node)
                isMoving = true
            }
            if let index = htlcs.firstIndex(where: { $0.state != .delivered }) {
                try move(index)
                isMoving = true
            }
        }
    }
}
