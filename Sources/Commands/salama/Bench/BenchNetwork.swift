import Bitcoin
import LightningChannel
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire
import RegtestChain

/// Nodes with databases that talk to each other over one chain, in one process and without threads.
final class BenchNetwork {
    private(set) var nodes: [BenchNode]
    private var chain = RegtestChain()
    private var now: UInt64 = 1_700_000_000
    private var queue: [(receiver: Int, input: NodeInput)] = []
    private var moments: UInt64 = 0
    private let folder = try? BenchFolder()

    /// `count` nodes, each with a channel to the next one.
    init(_ count: Int) throws {
        guard let folder else { throw CommandFailure("no folder can be made here") }
        nodes = try (0..<count).map {
            try BenchNode(number: UInt8($0 + 1), path: "\(folder.path)/\($0).db")
        }
        for (left, right) in zip(0..<count, 1..<count) {
            try mine(1, to: script(left))
            try take([.peerConnected(nodes[right].id)], at: left)
            try take([.peerConnected(nodes[left].id)], at: right)
        }
        try mine(100)
        for (left, right) in zip(0..<count, 1..<count) {
            let opening = ChannelOpening(peer: nodes[right].id, amount: Satoshi(100_000_000))
            _ = try ask(
                left, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
            try mine(6)
        }
    }

    // MARK: - Payments

    /// Pays from the first node of `path` to the last one, `count` times at once; what the payer keeps of the invoices is
    /// their text, or nothing.
    func pay(_ amount: MilliSatoshi, along path: ClosedRange<Int>, count: Int, keepsText: Bool)
        throws
    {
        now += 1
        let route = try route(path, amount)
        var orders: [PaymentOrder] = []
        for _ in 0..<count {
            let order = InvoiceOrder(amount: amount, description: .text("coffee"))
            guard
                case .invoice(let invoice, _) = try ask(
                    path.upperBound, .payment(.addInvoice(order))),
                var payment = PaymentOrder(invoice)
            else { throw CommandFailure("no invoice was made") }
            if !keepsText { (payment.request, payment.payee) = (nil, nil) }
            orders.append(payment)
        }
        let asked = orders.map { order in
            let id = nodes[path.lowerBound].nextRequest()
            queue.append(
                (path.lowerBound, .request(id, .payment(.pay(order, along: [route])))))
            return id
        }
        try settle()
        for id in asked {
            guard case .payment(let past) = try nodes[path.lowerBound].reply(to: id),
                case .succeeded = past.outcome
            else { throw CommandFailure("a payment of the measurement failed") }
        }
    }

    private func route(_ path: ClosedRange<Int>, _ amount: MilliSatoshi) throws -> PaymentRoute {
        var hops: [RouteHop] = []
        var value = amount
        var expiry = nodes[path.lowerBound].core.wallet.nextHeight + 100
        for to in path.dropFirst().reversed() {
            guard case .channels(let reports) = try ask(to - 1, .channel(.list)),
                let report = reports.first(where: { $0.peer == nodes[to].id }),
                let name = report.names.last
            else { throw CommandFailure("two nodes of the measurement have no channel") }
            hops.insert(
                RouteHop(
                    node: NodeID(nodes[to].id), channel: name, amount: value, cltvExpiry: expiry),
                at: 0)
            let relay = ForwardingPolicy.standard.relay
            value += MilliSatoshi(
                UInt64(relay.feeBase)
                    + value.value * UInt64(relay.feeProportionalMillionths) / 1_000_000)
            expiry = expiry + UInt32(relay.cltvExpiryDelta)
        }
        return PaymentRoute(hops: hops)
    }

    // MARK: - Chain

    private func script(_ index: Int) throws -> Script {
        guard
            case .address(let address, _) = try ask(
                index, .books(.newAddress(.taproot, reuse: false)))
        else { throw CommandFailure("no address was made") }
        return address.script
    }

    private func mine(
        _ count: Int, to script: Script = .payToWitnessScriptHash(SHA256.hash([7]))
    ) throws {
        for _ in 0..<count {
            now += 600
            _ = try chain.mine(to: script, now: UInt32(now))
            for index in nodes.indices { try follow(index) }
            try settle()
        }
    }

    private func follow(_ index: Int) throws {
        let height = nodes[index].core.wallet.nextHeight
        guard case .position(let position) = try move(.positionWanted, at: index),
            let hash = chain.blockHash(at: height), let block = chain.block(hash)?.block
        else { throw CommandFailure("the chain has no block at height \(height)") }
        var scanner = position.scanner
        _ = try move(.blocksConnected([scanner.scan(block, at: height)]), at: index)
        _ = try move(.caughtUp, at: index)
    }

    private func move(_ input: ChainInput, at index: Int) throws -> NodeReply {
        let id = nodes[index].nextRequest()
        try take([.chain(id, input)], at: index)
        return try nodes[index].reply(to: id)
    }

    // MARK: - Batches

    private func ask(_ index: Int, _ request: NodeRequest) throws -> NodeReply {
        let id = nodes[index].nextRequest()
        try take([.request(id, request)], at: index)
        try settle()
        return try nodes[index].reply(to: id)
    }

    /// Delivers what is on its way until nothing is, one batch to a node at a time.
    private func settle() throws {
        while let first = queue.first {
            let batch = queue.filter { $0.receiver == first.receiver }
            queue.removeAll { $0.receiver == first.receiver }
            try take(batch.map(\.input), at: first.receiver)
        }
    }

    private func take(_ inputs: [NodeInput], at index: Int) throws {
        for effect in try nodes[index].take(inputs, at: moment) {
            switch effect {
            case .broadcast(let transaction): offer([transaction], for: index)
            case .broadcastPackage(let transactions): offer(transactions, for: index)
            case .send(let peer, let messages):
                guard let receiver = nodes.firstIndex(where: { $0.id == peer }) else { continue }
                for message in messages {
                    queue.append((receiver, .peerMessage(nodes[index].id, message.encoded)))
                }
            case .load(let id, let table, let prefix):
                let records = try nodes[index].records(of: table, prefix: prefix)
                queue.append((index, .loaded(id, records)))
            case .reply(let id, let result): nodes[index].note(result, to: id)
            case .disconnect: throw CommandFailure("a node of the measurement hung up")
            case .findRoutes: throw CommandFailure("a node of the measurement asks for routes")
            case .learn, .gossip, .localChannels, .keepPeers, .watchGrew, .scanAgain, .tell,
                .notify:
                break
            }
        }
    }

    private func moment() -> Moment {
        moments += 1
        var writer = ByteWriter()
        writer.writeBigEndian(moments)
        return Moment(time: now, entropy: SHA256.hash(writer.bytes))
    }

    private func offer(_ transactions: [Transaction], for index: Int) {
        for transaction in transactions {
            let outcome: BroadcastOutcome
            do throws(TransactionRejection) {
                _ = try chain.submit(transaction, now: UInt32(now))
                outcome = .accepted
            } catch {
                outcome = .rejected(reason: error.reason)
            }
            queue.append((index, .broadcastAnswered(transaction.id, outcome)))
        }
    }
}
