import Bitcoin
import LightningNode
import NodeAPI
import Synchronization

/// The channels that wait for others' coins, by the temporary identifiers that clients gave them.
final class OutsideFundings: Sendable {
    /// A channel whose peer has agreed.
    struct Entry: Sendable {
        let funding: FundingID
        /// The output that the transaction must have.
        let output: TransactionOutput
        let peer: PublicKey
        /// Whether the transaction is published with another channel.
        let isPublishedElsewhere: Bool
        let follower: OpeningFollower
        /// The transaction that the peer has signed for; nil before.
        var transaction: TransactionID?
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])
    /// How many may wait.
    private static let most = 1_000

    /// Whether a channel of that identifier may be added.
    func hasRoom(for id: [UInt8]) -> Bool {
        entries.withLock { $0[id] == nil && $0.count < Self.most }
    }

    subscript(id: [UInt8]) -> Entry? {
        get { entries.withLock { $0[id] } }
        set { entries.withLock { $0[id] = newValue } }
    }
}
