import Bitcoin
import LightningWire

/// Who offered an HTLC, seen from the owner of a commitment transaction.
public enum HTLCDirection: Hashable, Sendable {
    /// The owner offered it, and takes it back when it expires.
    case offered
    /// The counterparty offered it, and the owner takes it with the preimage.
    case received

    /// The same HTLC seen from the other side.
    public var reversed: HTLCDirection {
        switch self {
        case .offered: .received
        case .received: .offered
        }
    }
}

/// An HTLC as a commitment transaction holds it.
public struct CommitmentHTLC: Hashable, Sendable {
    public var direction: HTLCDirection
    /// The number of the HTLC among those of its offerer.
    public var id: UInt64
    public var amount: MilliSatoshi
    public var paymentHash: PaymentHash
    public var cltvExpiry: BlockHeight

    /// An HTLC seen from the owner of the commitment.
    public init(
        direction: HTLCDirection, id: UInt64, amount: MilliSatoshi, paymentHash: PaymentHash,
        cltvExpiry: BlockHeight
    ) {
        self.direction = direction
        self.id = id
        self.amount = amount
        self.paymentHash = paymentHash
        self.cltvExpiry = cltvExpiry
    }
}

/// What a commitment transaction divides: balances and HTLCs at a fee rate, seen from its owner.
public struct CommitmentState: Hashable, Sendable {
    public var feerate: FeeratePerKw
    /// What the owner would have without HTLCs pending, before fees.
    public var ownerBalance: MilliSatoshi
    public var counterpartyBalance: MilliSatoshi
    public var htlcs: [CommitmentHTLC]

    /// A state of these parts.
    public init(
        feerate: FeeratePerKw, ownerBalance: MilliSatoshi, counterpartyBalance: MilliSatoshi,
        htlcs: [CommitmentHTLC]
    ) {
        self.feerate = feerate
        self.ownerBalance = ownerBalance
        self.counterpartyBalance = counterpartyBalance
        self.htlcs = htlcs
    }

    /// The same state seen from the other side.
    public var reversed: CommitmentState {
        var other = self
        (other.ownerBalance, other.counterpartyBalance) = (counterpartyBalance, ownerBalance)
        for index in htlcs.indices {
            other.htlcs[index].direction = htlcs[index].direction.reversed
        }
        return other
    }
}
