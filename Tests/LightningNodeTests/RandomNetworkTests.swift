import Bitcoin
import LightningChannel
import LightningCommitment
import LightningInvoice
@testable import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import TestSupport
import Testing

/// Whole nodes that do anything at random, with the records compared with memory after each batch.
struct RandomNetworkTests {
    @Test(
        "whatever happens, memory is what the records make, and nobody loses anything",
        arguments: [1, 2, 308, 311, 319] as [UInt64])
    func life(seed: UInt64) throws {
        var life = try RandomLife(seed: seed)
        for _ in 0..<80 { try life.step() }
        try life.finish()
    }
}

/// A network of three nodes in which anything may happen.
private struct RandomLife {
    var network: TestNetwork
    private var generator: SeededGenerator
    private let initial: Satoshi
    private var held: [PaymentPreimage] = []
    private var counter: UInt8 = 0

    init(seed: UInt64) throws {
        let funded = try TestNetwork.funded(3)
        network = funded
        generator = SeededGenerator(seed: seed)
        initial = funded.nodes.indices.reduce(.zero) { $0 + funded.balance($1) }
        for (left, right) in [(0, 1), (1, 2)] {
            try network.open(left, right, 2_000_000, pushed: 500_000_000)
        }
    }

    mutating func step() throws {
        let index = Int.random(in: 0..<3, using: &generator)
        if Int.random(in: 0..<6, using: &generator) == 0 {
            network.crash = (index, Int.random(in: 1...12, using: &generator))
        }
        switch Int.random(in: 0..<22, using: &generator) {
        case 0...6: try pay(holds: false)
        case 7...9: try pay(holds: true)
        case 10, 11: try endHeld()
        case 12: try network.mine(Int.random(in: 1...3, using: &generator))
        case 13: try network.restart(index)
        case 14, 15:
            let other = (index + 1) % 3
            if network.isConnected(index, other) {
                try network.disconnect(index, other)
            } else if index != 2 {
                try network.connect(index, other)
            }
        case 16:
            let depth = Int.random(in: 1...4, using: &generator)
            try network.reorganise(depth, empty: Bool.random(using: &generator))
        case 17: try close(index)
        case 18: try open(index)
        case 19: try changeFees()
        default: try network.seeMempool(index)
        }
    }

    private mutating func pay(holds: Bool) throws {
        let paths = [[0, 1], [1, 0], [1, 2], [2, 1], [0, 1, 2], [2, 1, 0]]
        guard let path = paths.randomElement(using: &generator), let payee = path.last else {
            return
        }
        let amount = UInt64.random(in: 1_000...300_000_000, using: &generator)
        counter += 1
        let preimage = PaymentPreimage(SHA256.hash([counter]))
        let lock: InvoiceOrder.Lock = holds ? .hold(preimage.paymentHash) : .derived
        let order = InvoiceOrder(
            amount: MilliSatoshi(amount), description: .text("random"), lock: lock)
        let id = network.nodes[payee].nextRequest()
        try network.take([.request(id, .payment(.addInvoice(order)))], at: payee)
        try network.settle()
        // The payee may have stopped before it answered.
        guard case .success(.invoice(let invoice, _))? = network.nodes[payee].answers[id] else {
            return
        }
        if holds { held.append(preimage) }
        do {
            _ = try network.startPayment(invoice, path)
        } catch is NoChannel {}
    }

    private mutating func endHeld() throws {
        guard let preimage = held.popLast() else { return }
        for index in network.nodes.indices {
            let request: PaymentRequest =
                Bool.random(using: &generator)
                ? .settleInvoice(preimage) : .cancelInvoice(preimage.paymentHash)
            let id = network.nodes[index].nextRequest()
            try network.take([.request(id, .payment(request))], at: index)
            try network.settle()
        }
    }

    /// Asks a neighbour for a further channel, with a gift in it.
    private mutating func open(_ index: Int) throws {
        let peer = index == 1 ? Int.random(in: 0...1, using: &generator) * 2 : 1
        let amount = Int64.random(in: 100_000...2_000_000, using: &generator)
        var opening = ChannelOpening(peer: network.nodes[peer].id, amount: Satoshi(amount))
        opening.pushed = MilliSatoshi(UInt64(amount) * 200)
        let request = ChannelRequest.open([opening], feerate: FeeratePerKw(1_000))
        let id = network.nodes[index].nextRequest()
        try network.take([.request(id, .channel(request))], at: index)
        try network.settle()
    }

    /// All nodes hear of other fee rates.
    private mutating func changeFees() throws {
        let rate = FeeratePerKw(UInt32.random(in: 253...5_000, using: &generator))
        for index in network.nodes.indices {
            let estimates = FeeEstimates(byTarget: [6: rate, 144: FeeratePerKw(253)])
            try network.take([.feeEstimates(estimates)], at: index)
        }
        try network.settle()
    }

    private mutating func close(_ index: Int) throws {
        guard let report = try network.channels(index).randomElement(using: &generator) else {
            return
        }
        let request: ChannelRequest =
            Bool.random(using: &generator)
            ? .forceClose(report.channelID)
            : .close(report.channelID, to: nil, feerate: nil)
        let id = network.nodes[index].nextRequest()
        try network.take([.request(id, .channel(request))], at: index)
        try network.settle()
    }

    /// Lets everything come to its end, and counts the money.
    mutating func finish() throws {
        network.crash = nil
        while !held.isEmpty { try endHeld() }
        for (left, right) in [(0, 1), (1, 2)] where !network.isConnected(left, right) {
            try network.connect(left, right)
        }
        for _ in 0..<120 {
            // Some are open only now, and what nobody funds is forgotten after 2016 blocks.
            for index in network.nodes.indices {
                for report in try network.channels(index) where report.state == .normal {
                    let id = network.nodes[index].nextRequest()
                    try network.take(
                        [.request(id, .channel(.forceClose(report.channelID)))], at: index)
                    try network.settle()
                }
            }
            let isDone = try network.nodes.indices.allSatisfy { try network.channels($0).isEmpty }
            if isDone { break }
            try network.mine(20)
        }
        for index in network.nodes.indices {
            #expect(try network.channels(index).isEmpty, "node \(index) still has channels")
            #expect(network.nodes[index].node.payments.openCount == 0)
        }
        let final = network.nodes.indices.reduce(Satoshi.zero) { $0 + network.balance($1) }
        // Fees, trimmed HTLCs and anchors nobody wants are all that may be gone.
        #expect(initial - final < Satoshi(200_000), "\(initial - final) are gone")
        #expect(final <= initial)
    }
}
