import Bitcoin
import LightningCommitment

/// The keys of the next commitments, derived while there is nothing else to do: to derive them takes longer than to sign.
///
/// They follow from the points that they are for, so it makes no difference between two values what they hold.
struct PreparedKeys: Hashable, Sendable {
    /// One of each side at most.
    private var entries: [(owner: Party, keys: CommitmentKeys)] = []

    /// The keys of the commitment of `owner` with that point; nil where they were not derived.
    subscript(owner: Party, point: PublicKey) -> CommitmentKeys? {
        entries.first { $0.owner == owner && $0.keys.perCommitmentPoint == point }?.keys
    }

    /// Keeps keys of a commitment of `owner`, instead of others.
    mutating func keep(_ keys: CommitmentKeys, of owner: Party) {
        if let index = entries.firstIndex(where: { $0.owner == owner }) {
            entries[index].keys = keys
        } else {
            entries.append((owner, keys))
        }
    }

    static func == (left: PreparedKeys, right: PreparedKeys) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}

extension Commitments {
    /// Derives what the next commitment of either side will need, where that is not there yet. It changes nothing but how soon
    /// the next messages are ready.
    mutating func prepare() {
        prepare(.local, localNextPoint)
        if let remoteNextPoint { prepare(.remote, remoteNextPoint) }
    }

    /// A point that no keys can be derived from is found out when it is used.
    private mutating func prepare(_ owner: Party, _ point: PublicKey) {
        guard preparedKeys[owner, point] == nil, let keys = try? keys(owner, point) else { return }
        preparedKeys.keep(keys, of: owner)
    }
}

extension Channel {
    /// Does ahead of time what the next commitments will need. To be called when nobody waits: nothing that the channel says
    /// or writes depends on it.
    public mutating func prepare() {
        guard case .established(var established) = stage, established.state == .normal else {
            return
        }
        // The value is taken out of its place, so that it changes without being copied.
        stage = .forgotten(.abandoned)
        established.commitments.prepare()
        stage = .established(established)
    }
}
