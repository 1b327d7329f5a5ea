import Bitcoin

/// What concerns the node on the chain besides the wallet's own: scripts that are waited for, and outputs whose spending
/// matters, such as those of channels.
///
/// A value: snapshots share its storage until one side changes.
public struct ChainWatch: Sendable {
    private var scripts: Set<Script> = []
    private var outPoints = WatchedOutPoints()
    /// Counts the growth that snapshots in flight do not know of. Not stored: no snapshot outlives a start.
    private(set) var revision: UInt64 = 0

    /// A watch for nothing.
    public init() {}

    /// Looks for transactions that pay to `script`, and for what spends such an output.
    public mutating func insert(_ script: Script) {
        if scripts.insert(script).inserted { revision += 1 }
    }

    /// Looks for what spends `outPoint`.
    public mutating func insert(_ outPoint: OutPoint) {
        if outPoints.insert(outPoint) { revision += 1 }
    }

    /// Does not look for `script` any more.
    public mutating func remove(_ script: Script) { scripts.remove(script) }

    /// Does not look for what spends `outPoint` any more.
    public mutating func remove(_ outPoint: OutPoint) { outPoints.remove(outPoint) }

    /// Whether what spends `outPoint` is looked for.
    public func contains(_ outPoint: OutPoint) -> Bool { outPoints.contains(outPoint) }

    /// Whether `transaction` pays to a script that is waited for, or spends what is watched.
    func isRelevant(_ transaction: Transaction) -> Bool {
        transaction.inputs.contains { outPoints.contains($0.previousOutput) }
            || !scripts.isEmpty
                && transaction.outputs.contains { scripts.contains($0.scriptPubKey) }
    }

    /// Follows a transaction that concerns the node: what spends it may, too.
    ///
    /// Of one that spends what is watched all outputs are followed, since whoever took a channel's money may have left a
    /// part of it to be claimed; of others those with a script that is waited for. It counts as no growth: only the snapshot
    /// that scans on needs it before the node has seen the transaction.
    mutating func follow(_ transaction: Transaction, _ id: TransactionID) {
        let followsAll = transaction.inputs.contains { outPoints.contains($0.previousOutput) }
        for (index, output) in transaction.outputs.enumerated()
        where followsAll || scripts.contains(output.scriptPubKey) {
            outPoints.insert(OutPoint(id, UInt32(index)))
        }
    }
}

/// Outpoints whose spending matters.
struct WatchedOutPoints: Sendable {
    private var outPoints: Set<OutPoint> = []
    /// A word of each, so that most inputs of a block cost one look-up of a word.
    private var fingerprints: Set<UInt64> = []

    /// Adds an outpoint; false where it was there.
    @discardableResult
    mutating func insert(_ outPoint: OutPoint) -> Bool {
        guard outPoints.insert(outPoint).inserted else { return false }
        fingerprints.insert(Self.fingerprint(outPoint))
        return true
    }

    /// Removes an outpoint. Its word stays, which costs a look-up at most: another may have the same.
    mutating func remove(_ outPoint: OutPoint) {
        outPoints.remove(outPoint)
        if outPoints.isEmpty { fingerprints = [] }
    }

    func contains(_ outPoint: OutPoint) -> Bool {
        fingerprints.contains(Self.fingerprint(outPoint)) && outPoints.contains(outPoint)
    }

    private static func fingerprint(_ outPoint: OutPoint) -> UInt64 {
        let word = outPoint.transactionID.hash.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        }
        return word ^ UInt64(outPoint.index)
    }
}
