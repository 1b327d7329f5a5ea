import LightningCrypto
import LightningGraph
import LightningWire

/// What the failure of an attempt means for the payment and for payments to come.
struct AttemptVerdict: Hashable, Sendable {
    /// What is worth remembering beyond the payment.
    var lessons: [RouteLesson] = []
    /// What is not to be tried again for the payment.
    var excludedDirections: [DirectedChannel] = []
    var excludedNodes: [NodeID] = []
    /// Whether the blinded path of the route is not to be tried again.
    var excludesBlindedEnd = false
    /// A direction that did not hold an amount.
    var bound: Bound?
    /// Whether the first channel of the route, which is this node's own, is not to be tried again.
    var excludesFirst = false
    /// Whether a channel of this node did not take the HTLC.
    var isRefusedHere = false
    /// The payee's word that ends the payment.
    var rejection: FailureCode?

    struct Bound: Hashable {
        let amount: MilliSatoshi
        let direction: DirectedChannel
    }

    /// Judges the failure of an attempt.
    init(_ failure: AttemptFailure, on route: PaymentRoute) {
        let way = Way(route: route)
        if let hop = failure.hop { lessons = way.passed(upTo: hop) }
        switch failure.reason {
        case .reported(let reported):
            if let hop = failure.hop {
                judge(reported.code, at: hop, isPayee: failure.isPayee, way)
            }
        case .unreadable:
            if let hop = failure.hop { blame(hop, way) }
        case .unknownSource: blameSomebody(failure, way)
        case .notSent(.refusedByChannel): isRefusedHere = true
        case .notSent(.unknownChannel), .timedOutOnChain: excludesFirst = true
        case .notSent(.interrupted): break
        }
    }

    private mutating func judge(
        _ code: FailureCode, at hop: Int, isPayee: Bool, _ way: Way
    ) {
        if isPayee { return judgePayee(code, hop, way) }
        switch code {
        case .temporaryChannelFailure:
            guard let direction = way.direction(into: hop + 1).first else {
                excludesBlindedEnd = true
                return
            }
            let amount = way.route.hops[hop + 1].amount
            lessons.append(.failed(amount, at: direction))
            bound = Bound(amount: amount, direction: direction)
        case .invalidOnionBlinding: excludesBlindedEnd = true
        // The node tells what the next one could not read.
        case _ where code.isBadOnion: excludedDirections += way.direction(into: hop + 1)
        case _ where code.isNode, .invalidOnionPayload: blame(hop, way)
        // The channel behind the hop is not as it was thought to be.
        default:
            let behind = way.direction(into: hop + 1)
            excludedDirections += behind
            if behind.isEmpty { excludesBlindedEnd = true }
        }
    }

    private mutating func judgePayee(_ code: FailureCode, _ hop: Int, _ way: Way) {
        switch code {
        // Parts were missing: all of them may be sent again.
        case .mppTimeout: break
        // Whoever sent it there changed the HTLC, which is nobody else's fault where that is this node.
        case .finalIncorrectCltvExpiry, .finalIncorrectHTLCAmount:
            if hop == 0 {
                rejection = code
            } else {
                excludedDirections += way.direction(into: hop)
            }
        // BOLT 4: "if the _final node_ is returning the error: if the PERM bit is set: SHOULD fail the payment." What is
        // wrong at the payee for a while will hardly be right within a payment's time.
        default: rejection = code
        }
    }

    /// A node did not do what it has to.
    private mutating func blame(_ hop: Int, _ way: Way) {
        guard way.route.hops.indices.contains(hop) else {
            excludesBlindedEnd = true
            return
        }
        let node = way.route.hops[hop].node
        excludedNodes.append(node)
        lessons.append(.nodeFailed(node))
    }

    /// Somebody on the way changed the answer. Attribution data may tell who; else another way is taken altogether, as far
    /// as there is one.
    private mutating func blameSomebody(_ failure: AttemptFailure, _ way: Way) {
        if let first = failure.firstUnattributed {
            // It or the one behind it.
            for hop in first...first + 1 { excludedDirections += way.direction(into: hop) }
            if way.route.hops.indices.contains(first), way.route.hops.count > 1 {
                lessons.append(.nodeFailed(way.route.hops[first].node))
            }
        } else {
            for hop in way.route.hops.indices { excludedDirections += way.direction(into: hop) }
        }
        guard excludedDirections.isEmpty else { return }
        excludesBlindedEnd = way.route.blindedTail != nil
        // Between this node and a payee that is its peer there is nobody else to blame.
        if !excludesBlindedEnd { rejection = .temporaryNodeFailure }
    }
}

/// The directions of a route's channels.
private struct Way {
    let route: PaymentRoute

    /// The direction of the channel that leads to a hop. Nothing for the first hop, where the channel is this node's own, and
    /// where there is no such hop.
    func direction(into hop: Int) -> [DirectedChannel] {
        guard hop > 0, route.hops.indices.contains(hop) else { return [] }
        let (before, hop) = (route.hops[hop - 1], route.hops[hop])
        return [DirectedChannel(hop.channel, from: before.node, to: hop.node)]
    }

    /// The HTLC has reached a hop.
    func passed(upTo hop: Int) -> [RouteLesson] {
        route.hops.indices.filter { $0 <= hop }.flatMap { index in
            direction(into: index).map { .passed(route.hops[index].amount, through: $0) }
        }
    }
}

extension RouteLesson {
    /// What the success of an attempt teaches.
    static func settled(_ route: PaymentRoute) -> [RouteLesson] {
        zip(route.hops, route.hops.dropFirst()).map { before, hop in
            .settled(
                hop.amount,
                through: DirectedChannel(hop.channel, from: before.node, to: hop.node))
        }
    }
}
