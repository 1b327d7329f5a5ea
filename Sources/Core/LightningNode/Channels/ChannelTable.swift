import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// The channels in memory, and the ways to find them.
///
/// Everything but ``channels`` follows from it, so a table made from records equals the one that wrote them.
struct ChannelTable: Sendable {
    private(set) var channels: [ChannelKeyNumber: Channel] = [:]
    /// What signs for each channel.
    private(set) var signers: [ChannelKeyNumber: InProcessSigner] = [:]
    private var byPeer: [PublicKey: Set<ChannelKeyNumber>] = [:]
    private var byID: [PeersChannelID: ChannelKeyNumber] = [:]
    private var byName: [ShortChannelID: ChannelKeyNumber] = [:]
    /// What each channel is found by, so that what no longer holds can be taken out.
    private var entries: [ChannelKeyNumber: Entry] = [:]

    /// A temporary id is of the peer's choice: only together with the peer does it name a channel.
    private struct PeersChannelID: Hashable {
        let peer: PublicKey
        let id: ChannelID
    }

    private struct Entry {
        var ids: [ChannelID]
        var names: [ShortChannelID]
    }

    subscript(_ number: ChannelKeyNumber) -> Channel? { channels[number] }

    /// The peer of a channel, without a copy of that.
    func peer(of number: ChannelKeyNumber) -> PublicKey? {
        channels.index(forKey: number).map { channels.values[$0].peer }
    }

    /// When what waits in a channel is signed, without a copy of that.
    func holdEnd(of number: ChannelKeyNumber) -> UInt64? {
        channels.index(forKey: number).flatMap { channels.values[$0].holdEnd }
    }

    /// The commitment that the peer of a channel has still to answer, without a copy of that.
    func unansweredCommitment(of number: ChannelKeyNumber) -> UInt64? {
        channels.index(forKey: number).flatMap { channels.values[$0].unansweredCommitment }
    }

    /// All channels by their numbers, which is the order of their beginnings.
    var numbers: [ChannelKeyNumber] { channels.keys.sorted() }

    /// The channels with a peer, in the order of their numbers.
    func numbers(of peer: PublicKey) -> [ChannelKeyNumber] { (byPeer[peer] ?? []).sorted() }

    /// The channel that `peer` means by `id`; nil where there is none.
    func number(of id: ChannelID, with peer: PublicKey) -> ChannelKeyNumber? {
        byID[PeersChannelID(peer: peer, id: id)]
    }

    /// The channel with that id; nil where there is none.
    func number(of id: ChannelID) -> ChannelKeyNumber? {
        numbers.first { channels[$0]?.channelID == id }
    }

    /// The channel that payments mean by `name`: its place in the chain or an alias.
    func number(of name: ShortChannelID) -> ChannelKeyNumber? { byName[name] }

    /// Adds a channel.
    mutating func insert(_ channel: Channel, _ signer: InProcessSigner) {
        let number = channel.keys
        channels[number] = channel
        signers[number] = signer
        byPeer[channel.peer, default: []].insert(number)
        entries[number] = Entry(ids: [], names: [])
        index(number)
    }

    /// Removes a channel that has ended.
    mutating func remove(_ number: ChannelKeyNumber) {
        guard let channel = channels.removeValue(forKey: number) else { return }
        signers[number] = nil
        forget(entries.removeValue(forKey: number), of: channel)
        byPeer[channel.peer]?.remove(number)
        if byPeer[channel.peer]?.isEmpty == true { byPeer[channel.peer] = nil }
    }

    /// Changes a channel in place.
    mutating func update<Answer, Failure: Error>(
        _ number: ChannelKeyNumber,
        _ body: (inout Channel, InProcessSigner) throws(Failure) -> Answer
    ) throws(Failure) -> Answer? {
        guard let signer = signers[number], let index = channels.index(forKey: number) else {
            return nil
        }
        return try body(&channels.values[index], signer)
    }

    /// Finds the channel by the ids and names that it has now.
    mutating func index(_ number: ChannelKeyNumber) {
        guard let old = entries[number], let channel = channels[number] else { return }
        let new = Entry(ids: channel.channelIDs, names: channel.established?.names ?? [])
        guard old.ids != new.ids || old.names != new.names else { return }
        forget(old, of: channel)
        entries[number] = new
        // The first to have an id or name keeps it: a peer may claim the funding of one channel for another.
        for id in new.ids {
            let key = PeersChannelID(peer: channel.peer, id: id)
            byID[key] = byID[key] ?? number
        }
        for name in new.names { byName[name] = byName[name] ?? number }
    }

    private mutating func forget(_ entry: Entry?, of channel: Channel) {
        guard let entry else { return }
        for id in entry.ids {
            let key = PeersChannelID(peer: channel.peer, id: id)
            if byID[key] == channel.keys { byID[key] = nil }
        }
        for name in entry.names where byName[name] == channel.keys { byName[name] = nil }
    }
}
