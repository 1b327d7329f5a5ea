import Bitcoin
import LightningChannel
import LightningWire

/// What the world knows of everybody's money.
struct Ledger {
    /// A channel's parties, and what the accepter was given at its opening.
    struct Channel {
        let opener: Int
        let accepter: Int
        let pushed: MilliSatoshi
        let capacity: Satoshi
    }

    private(set) var deposits: [Int: Satoshi] = [:]
    /// Who has broadcast a transaction.
    private(set) var publishers: [TransactionID: Set<Int>] = [:]
    private(set) var channels: [OutPoint: Channel] = [:]

    mutating func note(deposit amount: Satoshi, of node: Int) {
        deposits[node, default: .zero] += amount
    }

    mutating func note(publisher node: Int, of id: TransactionID) {
        publishers[id, default: []].insert(node)
    }

    mutating func note(_ channel: Channel, at funding: OutPoint) { channels[funding] = channel }
}

extension Simulation {
    /// Takes note of channels that have become known.
    func noteChannels(of node: SimulatedNode) {
        for channel in node.core?.allChannels ?? [] {
            guard channel.opener == .local,
                let funding = channel.commitments?.fundings.first,
                ledger.channels[funding.funding.outPoint] == nil,
                let accepter = nodes.firstIndex(where: { $0.id == channel.peer })
            else { continue }
            report.channelsOpened += 1
            ledger.note(
                Ledger.Channel(
                    opener: node.index, accepter: accepter, pushed: funding.settled.remote,
                    capacity: funding.funding.amount), at: funding.funding.outPoint)
        }
    }
}
