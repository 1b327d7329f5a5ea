import Bitcoin
import LightningWire

/// Knows again the onions of HTLCs that came in, until those could no longer be accepted (BOLT 4, "Onion Decryption").
///
/// Somebody who sends an onion a second time would see where its next hop leads. An onion is known by eight bytes of
/// the hash of its shared secret, which nobody but its origin and this node can compute: a chance of less than 2^-40
/// even among millions that an honest one is taken for another, and that origin just tries again. So an onion costs
/// some 30 bytes.
public struct OnionReplayFilter: Hashable, Sendable {
    /// What is known of an onion.
    public enum Verdict: Hashable, Sendable {
        /// It was not seen before, and now it was; store the entry with what else the HTLC changes.
        case new(Entry)
        /// It was seen before: its HTLC has to be failed.
        case replayed
        /// There is no room: its HTLC has to be failed for the time being.
        case full
    }

    /// An onion that was seen.
    public struct Entry: Hashable, Sendable {
        public let fingerprint: UInt64
        /// The last height at which it is remembered.
        public let expiry: BlockHeight

        /// An entry as it was stored.
        public init(fingerprint: UInt64, expiry: BlockHeight) {
            self.fingerprint = fingerprint
            self.expiry = expiry
        }
    }

    /// The most onions that are remembered at once.
    public let capacity: Int
    private var height: BlockHeight
    private var known: Set<UInt64> = []
    private var fingerprints: [BlockHeight: [UInt64]] = [:]

    /// Starts at the best block's height with `entries` that were stored before.
    public init(
        height: BlockHeight, entries: some Sequence<Entry> = [], capacity: Int = 1 << 20
    ) {
        self.height = height
        self.capacity = capacity
        for entry in entries where entry.expiry >= height { remember(entry) }
    }

    /// How many onions are remembered.
    public var count: Int { known.count }

    /// Remembers the onion of an HTLC that expires at `cltvExpiry`, unless it was seen before.
    public mutating func insert(
        _ secret: OnionSharedSecret, cltvExpiry: BlockHeight
    ) -> Verdict {
        let fingerprint = SHA256.hash(of: secret.hash).withUnsafeBytes {
            UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
        }
        if known.contains(fingerprint) { return .replayed }
        guard known.count < capacity else { return .full }
        // An HTLC with a later expiry is refused anyway, and must not stay here for years.
        let (latest, overflow) = height.value.addingReportingOverflow(ForwardingTerms.maxHTLCCltv)
        let limit = BlockHeight(overflow ? .max : latest)
        let entry = Entry(
            fingerprint: fingerprint, expiry: min(max(cltvExpiry, height), limit))
        remember(entry)
        return .new(entry)
    }

    /// Forgets the onions whose HTLCs expired before `height`, the best block's.
    public mutating func advance(to height: BlockHeight) {
        self.height = height
        for expiry in fingerprints.keys.filter({ $0 < height }) {
            known.subtract(fingerprints.removeValue(forKey: expiry) ?? [])
        }
    }

    private mutating func remember(_ entry: Entry) {
        guard known.insert(entry.fingerprint).inserted else { return }
        fingerprints[entry.expiry, default: []].append(entry.fingerprint)
    }
}
