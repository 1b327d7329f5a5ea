import Bitcoin
import LightningWire

// MARK: - Announcements that come before their blocks

extension GossipMachine {
    /// Whether a channel has the confirmations that it needs.
    ///
    /// BOLT 7: "if the `short_channel_id`'s output does NOT have at least 6 confirmations: [...] SHOULD ignore the message."
    /// One block of grace is for a chain that lags behind the peer's.
    func isDeep(_ id: ShortChannelID) -> Bool {
        UInt64(id.height.value) + UInt64(limits.confirmations) <= UInt64(tip.value) + 2
    }

    /// Whether a channel may have them soon, as the peer's chain may be ahead of this node's.
    func isNear(_ id: ShortChannelID) -> Bool {
        UInt64(id.height.value) + UInt64(limits.confirmations)
            <= UInt64(tip.value) + 2 + UInt64(limits.earlyBlocks)
    }

    /// Keeps an announcement until its block has come. Where there are too many, those of connections that have ended make
    /// room, so that nobody pushes out those of others by connecting again and again.
    mutating func keepEarly(_ message: ChannelAnnouncement, from source: GossipSource) {
        guard (usage[source.peer]?.early ?? 0) < limits.earlyChannelsPerPeer else { return }
        if early.count >= limits.earlyChannels {
            let left = early.first { id in
                pending[id]?.source.map { !isCurrent($0) } ?? true
            }
            guard let left else { return }
            endPending(left)
        }
        begin(PendingChannel(announcement: message, source: source, isEarly: true))
    }

    /// Has the announcements checked that the chain has caught up with.
    mutating func checkRipe(_ step: inout GossipStep) {
        for id in early.filter(isDeep).sorted() {
            guard let channel = pending[id], let source = channel.source else { continue }
            var ripe = channel
            ripe.isEarly = false
            begin(ripe)
            release(channel)
            heldUpdates += channel.updates.count
            let checks = channel.announcement.checks
            if !check(.channel(channel.announcement, source), checks, &step) { endPending(id) }
        }
    }
}
