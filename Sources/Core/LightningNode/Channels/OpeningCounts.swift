import Bitcoin

/// How many channels peers have begun to open lately.
///
/// In memory only as long as the window, and as large as the limit on all together lets it become.
struct OpeningCounts: Sendable {
    private var start: UInt64 = 0
    private var byPeer: [PublicKey: Int] = [:]
    private(set) var total = 0

    func count(of peer: PublicKey) -> Int { byPeer[peer] ?? 0 }

    mutating func note(_ peer: PublicKey) {
        byPeer[peer, default: 0] += 1
        total += 1
    }

    /// Begins anew where `window` seconds are over.
    mutating func forget(before time: UInt64, window: UInt64) {
        guard time < start || time - start >= window else { return }
        self = OpeningCounts()
        start = time
    }
}
