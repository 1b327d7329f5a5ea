import Bitcoin
import LightningCommitment
import LightningWire

/// A funding output that commitment transactions spend. A channel has one, and more while splices are pending.
public struct ActiveFunding: Hashable, Sendable {
    public let funding: ChannelFunding
    public let localKey: PublicKey
    public let remoteKey: PublicKey
    /// What each side has when every HTLC that is still there is left out of account.
    public internal(set) var settled: Balances
    /// The peer's signatures of this side's latest commitment.
    public internal(set) var signatures: CommitmentSignatures

    /// A funding of which the peer has signed this side's commitment.
    public init(
        funding: ChannelFunding, localKey: PublicKey, remoteKey: PublicKey, settled: Balances,
        signatures: CommitmentSignatures
    ) {
        self.funding = funding
        self.localKey = localKey
        self.remoteKey = remoteKey
        self.settled = settled
        self.signatures = signatures
    }

    /// The transaction that is spent.
    public var transactionID: TransactionID { funding.outPoint.transactionID }

    func key(of party: Party) -> PublicKey {
        switch party {
        case .local: localKey
        case .remote: remoteKey
        }
    }
}

/// The balances of both sides.
public struct Balances: Hashable, Sendable {
    public var local: MilliSatoshi
    public var remote: MilliSatoshi

    /// The balances of both sides.
    public init(local: MilliSatoshi, remote: MilliSatoshi) {
        self.local = local
        self.remote = remote
    }

    /// The balance of one side.
    public subscript(party: Party) -> MilliSatoshi {
        get {
            switch party {
            case .local: local
            case .remote: remote
            }
        }
        set {
            switch party {
            case .local: local = newValue
            case .remote: remote = newValue
            }
        }
    }

    /// Moves `amount` from one side to the other.
    mutating func move(_ amount: MilliSatoshi, from party: Party) {
        self[party] -= amount
        self[party.other] += amount
    }
}
