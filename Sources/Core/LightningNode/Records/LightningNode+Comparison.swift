import LightningChannel
import LightningCommitment
import LightningOnChain

/// Comparing a node with what its records make, for tests and the simulator.
extension LightningNode {
    /// What of the durable state differs from that of `other`, in words; empty where nothing does.
    ///
    /// Connections, what was only proposed over them, and what is under way without records do not count.
    public func differences(from other: LightningNode) -> [String] {
        let (left, right) = (atRest, other.atRest)
        var found: [String] = []
        func compare<Value: Equatable>(_ what: String, _ value: (LightningNode) -> Value) {
            if value(left) != value(right) { found.append(what) }
        }
        compare("wallet") { $0.wallet }
        compare("height") { $0.height }
        compare("next channel keys") { $0.nextKeys }
        compare("numbers of channels") { $0.channels.numbers }
        for number in left.channels.numbers {
            compare("channel \(number.value)") { $0.channels[number] }
        }
        compare("numbers of closings") { $0.closings.keys.sorted() }
        for number in left.closings.keys.sorted() {
            compare("closing of channel \(number.value)") { $0.closings[number]?.records }
            compare("tip of closing \(number.value)") { $0.closings[number]?.tip }
        }
        // What is claimed follows from the closings, with what of them is loaded later.
        if left.closings == right.closings { compare("publisher") { $0.publisher } }
        compare("funding transactions of others") { $0.foreignFundings }
        compare("terms of all channels") { $0.gossip.common }
        compare("what is told of channels") { $0.gossip.channels }
        compare("what is told of the node") { $0.gossip.node }
        compare("peers") { $0.peerBook.kept }
        compare("pruning") { $0.pruning }
        compare("invoices") { $0.invoices.openInvoices }
        compare("payments") { $0.payments.openPayments.map(\.durable) }
        return found
    }

    /// The node after losing all connections, without the channels that this ends.
    private var atRest: LightningNode {
        var node = self
        for number in channels.numbers {
            guard let channel = channels[number] else { continue }
            if channel.state == .opening {
                node.channels.remove(number)
                _ = node.gossip.forget(number)
                continue
            }
            let context = node.context(of: channel.peer)
            _ = node.channels.update(number) { channel, signer in
                channel.receive(.disconnected, context, signer)
            }
        }
        return node
    }
}
