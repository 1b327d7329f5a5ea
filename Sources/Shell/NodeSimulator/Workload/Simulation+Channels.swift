import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire

/// Channels that users open and close.
extension Simulation {
    /// Opens a channel between two nodes that are connected: of any amount, form and privacy.
    func openChannel() {
        let free = links.keys.sorted().filter { links[$0]?.openEnds.count == 2 }
        guard let pair = workload.random.element(of: free) else { return }
        let isSwapped = workload.random.chance(50)
        open(from: isSwapped ? pair.high : pair.low, to: isSwapped ? pair.low : pair.high)
    }

    /// Opens a channel from one node to another.
    func open(from opener: Int, to accepter: Int) {
        let node = nodes[opener]
        guard node.isRunning, !node.isOutlaw, nodes[accepter].isRunning,
            channels(between: opener, accepter) < 3
        else { return }
        let amount = Satoshi(Int64(workload.random.magnitude(in: 100_000...8_000_000)))
        var opening = ChannelOpening(peer: nodes[accepter].id, amount: amount)
        if workload.random.chance(30) {
            opening.pushed = MilliSatoshi(
                UInt64(workload.random.number(below: Int(amount.value) / 2)) * 1_000)
        }
        if workload.random.chance(30) { opening.format = .staticRemoteKey }
        opening.isAnnounced = workload.random.chance(60)
        opening.isAliasOnly = !opening.isAnnounced && workload.random.chance(30)
        ask(node, .channel(.open([opening], feerate: nil)))
    }

    /// How many channels two nodes have with each other, as the first sees it.
    private func channels(between first: Int, _ second: Int) -> Int {
        nodes[first].core?.allChannels.count { $0.peer == nodes[second].id } ?? 0
    }

    /// Closes a channel that is open, in agreement with the peer or alone.
    func closeChannel(alone: Bool) {
        guard let node = workingNode() else { return }
        let open = (node.core?.allChannels ?? []).filter { $0.state == .normal }
        guard let channel = workload.random.element(of: open) else { return }
        ask(
            node,
            .channel(
                alone
                    ? .forceClose(channel.channelID)
                    : .close(channel.channelID, to: nil, feerate: nil)))
    }
}
