import Bitcoin
import LightningWire

/// A promise to one caller that nobody else spends a coin until a time.
public struct CoinLease: Hashable, Sendable {
    /// The name that the caller chose, by which only it extends or releases the lease.
    public let id: Hash256
    /// The first second since 1970 at which the lease no longer holds.
    public let expiry: UInt64

    /// A lease named `id` until `expiry`.
    public init(id: Hash256, expiry: UInt64) {
        self.id = id
        self.expiry = expiry
    }
}

/// The leases in force, by coin.
struct LeaseBook: Hashable, Sendable {
    private(set) var leases: [OutPoint: CoinLease] = [:]

    subscript(_ outPoint: OutPoint) -> CoinLease? { leases[outPoint] }

    mutating func set(_ lease: CoinLease, on outPoint: OutPoint) -> RecordWrite {
        leases[outPoint] = lease
        return RecordWrite(.walletLease, key: outPoint.encoded, value: lease.record)
    }

    /// Removes the lease on a coin; nil where there is none.
    mutating func release(_ outPoint: OutPoint) -> RecordWrite? {
        guard leases.removeValue(forKey: outPoint) != nil else { return nil }
        return RecordWrite(.walletLease, key: outPoint.encoded, value: nil)
    }

    mutating func load(_ lease: CoinLease, on outPoint: OutPoint) { leases[outPoint] = lease }

    /// The coins whose lease is named `id`, in order.
    func outPoints(leasedAs id: Hash256) -> [OutPoint] {
        leases.filter { $0.value.id == id }.keys.sorted()
    }

    /// The coins whose leases no longer hold at `now`, in order.
    func expired(at now: UInt64) -> [OutPoint] {
        leases.filter { $0.value.expiry <= now }.keys.sorted()
    }
}
