import Bitcoin
import LightningCrypto

/// Knows the latest onions of each channel again, so that none is carried twice.
///
/// Somebody who sends an onion a second time could watch where it goes. It costs him what the first time cost: HTLCs of
/// the same amounts with the same hash, which anybody further on who knows the preimage simply keeps. So nothing is
/// stored for it; the HTLCs that are open after a start count again, and of those that ended the last
/// ``capacity`` of each channel do. Each channel has places of its own, so that no peer can make this node forget what came
/// from another.
struct SeenOnions: Sendable {
    /// How many onions of a channel are remembered.
    static let capacity = 1024

    private var owners: [UInt64: HTLCName] = [:]
    private var rings: [UInt32: Ring] = [:]

    /// The onions of one channel, of which the oldest makes room.
    private struct Ring {
        var fingerprints: [UInt64] = []
        var next = 0

        /// Puts in a fingerprint and gives back the one that has to go.
        mutating func insert(_ fingerprint: UInt64) -> UInt64? {
            guard fingerprints.count == SeenOnions.capacity else {
                fingerprints.append(fingerprint)
                return nil
            }
            let oldest = fingerprints[next]
            fingerprints[next] = fingerprint
            next = (next + 1) % SeenOnions.capacity
            return oldest
        }
    }

    /// Remembers the onion of an HTLC; false where another HTLC had the same one.
    mutating func insert(_ secret: OnionSharedSecret, for name: HTLCName) -> Bool {
        // A hash, so that what is kept helps nobody to read the onion.
        let fingerprint = SHA256.hash(of: secret.hash).withUnsafeBytes {
            $0.loadUnaligned(as: UInt64.self)
        }
        if let owner = owners[fingerprint] { return owner == name }
        owners[fingerprint] = name
        if let oldest = rings[name.channel, default: Ring()].insert(fingerprint) {
            owners[oldest] = nil
        }
        return true
    }
}
