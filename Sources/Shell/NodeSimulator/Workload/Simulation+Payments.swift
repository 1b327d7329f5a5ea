import Bitcoin
import LightningChannel
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire

/// Payments that users make. Nobody announces anything here: the world knows all channels and gives the routes.
extension Simulation {
    /// Pays somebody over up to four hops; with `holding` the payee waits with its word.
    func pay(holding: Bool) {
        guard let payer = workingNode() else { return }
        let amount = paymentAmount()
        guard let path = findPath(from: payer.index, carrying: amount) else { return }
        let payee = nodes[path[path.count - 1]]
        // Who has gone back to an old state would give the same invoice, and the same preimage, to somebody else.
        guard payee.isRunning, !payee.isOutlaw else { return }
        var lock = InvoiceOrder.Lock.derived
        var hold: Workload.Hold?
        if holding, let preimage = try? Hash256(workload.random.bytes(32)) {
            let secret = PaymentPreimage(preimage)
            lock = .hold(secret.paymentHash)
            let wait =
                payee.isHonest || workload.random.chance(50)
                ? workload.random.number(in: 0...8)
                // To the last blocks before the HTLC expires.
                : Int(InvoiceOrder.defaultMinFinalCLTVExpiryDelta)
            hold = Workload.Hold(
                payee: payee.index, preimage: secret, decision: world.height + UInt32(wait),
                isTaken: workload.random.chance(70))
        }
        let order = InvoiceOrder(
            amount: amount, description: .text("a payment"),
            minFinalCLTVExpiryDelta: SimulatedNode.finalDelta, lock: lock)
        ask(payee, .payment(.addInvoice(order)), for: .invoice(path: path, hold: hold))
    }

    private func paymentAmount() -> MilliSatoshi {
        // Some are too small for an output of their own.
        let satoshis =
            workload.random.chance(15)
            ? workload.random.number(in: 1...400) : workload.random.magnitude(in: 1_000...600_000)
        return MilliSatoshi(UInt64(satoshis) * 1_000 + UInt64(workload.random.number(below: 1_000)))
    }

    /// A payer has got the invoice.
    func pay(_ invoice: Invoice, along path: [Int], _ hold: Workload.Hold?) {
        guard let amount = invoice.content.amount, let first = path.first,
            let order = PaymentOrder(invoice),
            let route = route(along: path, delivering: amount)
        else { return }
        report.paymentsTried += 1
        if var hold {
            if hold.decision > world.height + 30, let expiry = route.hops.last?.cltvExpiry {
                hold.decision = expiry.saturatingSubtract(
                    UInt32(workload.random.number(in: 1...5)))
            }
            workload.holds.append(hold)
        }
        // The hash decides, so that the other payments of a seed stay as they are.
        guard Int(order.paymentHash.hash.bytes[0]) * 100 / 256 < plan.searchedPayments else {
            ask(nodes[first], .payment(.pay(order, along: [route])), for: .payment)
            return
        }
        let options = SendOptions(
            feeLimit: MilliSatoshi(amount.value / 10 + 20_000),
            maximumParts: 1 + Int(order.paymentHash.hash.bytes[1] & 7))
        ask(nodes[first], .payment(.send(order, options)), for: .payment)
    }

    /// Lets payees give their word on what they hold.
    func decideHolds() {
        let due = workload.holds.filter { $0.decision <= world.height }
        workload.holds.removeAll { $0.decision <= world.height }
        for hold in due {
            let node = nodes[hold.payee]
            guard node.isRunning, !node.isOutlaw else { continue }
            ask(
                node,
                .payment(
                    hold.isTaken
                        ? .settleInvoice(hold.preimage)
                        : .cancelInvoice(hold.preimage.paymentHash)))
        }
    }

    /// A way over up to four channels that have the money; nil where none was found.
    private func findPath(from payer: Int, carrying amount: MilliSatoshi) -> [Int]? {
        var path = [payer]
        let length = workload.random.number(in: 1...4)
        while path.count <= length {
            let next = peers(of: path[path.count - 1], carrying: amount).filter {
                !path.contains($0)
            }
            guard let chosen = workload.random.element(of: next) else { break }
            path.append(chosen)
        }
        return path.count > 1 ? path : nil
    }

    /// The nodes to which a node has a channel that can carry the amount.
    private func peers(of index: Int, carrying amount: MilliSatoshi) -> [Int] {
        let peers = (nodes[index].core?.allChannels ?? []).compactMap { channel -> Int? in
            guard channel.state == .normal, let established = channel.established,
                established.isUsable, established.commitments.sendable >= amount
            else { return nil }
            return nodes.firstIndex { $0.id == channel.peer }
        }
        return Set(peers).sorted()
    }

    /// The route along nodes with channels between them, with the fees and deltas that all of them ask.
    private func route(along path: [Int], delivering amount: MilliSatoshi) -> PaymentRoute? {
        var hops: [RouteHop] = []
        var value = amount
        // A payer adds blocks, since its idea of the height may be behind (BOLT 4).
        var expiry = world.height + SimulatedNode.finalDelta + 4
        for (from, to) in zip(path, path.dropFirst()).reversed() {
            guard let name = channelName(from: from, to: to) else { return nil }
            hops.insert(
                RouteHop(
                    node: NodeID(Point(nodes[to].id)), channel: name, amount: value,
                    cltvExpiry: expiry), at: 0)
            let relay = SimulatedNode.forwarding.relay
            let proportional =
                value.value * UInt64(relay.feeProportionalMillionths) / 1_000_000
            value = MilliSatoshi(value.value + UInt64(relay.feeBase) + proportional)
            expiry = expiry + UInt32(relay.cltvExpiryDelta)
        }
        return PaymentRoute(hops: hops)
    }

    /// A name by which the first node knows a channel to the second.
    private func channelName(from: Int, to: Int) -> ShortChannelID? {
        let usable = (nodes[from].core?.allChannels ?? []).filter { channel in
            channel.peer == nodes[to].id && channel.established?.isUsable == true
        }
        return workload.random.element(of: usable)?.established?.names.last
    }
}
