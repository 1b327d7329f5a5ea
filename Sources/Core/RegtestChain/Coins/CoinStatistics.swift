import Bitcoin

/// The figures of a coin set, in which two nodes on the same chain agree.
public struct CoinStatistics: Sendable, Equatable {
    /// The number of transactions with an unspent output.
    public var transactions = 0
    /// The number of unspent outputs.
    public var outputs = 0
    /// Their sum.
    public var total = Satoshi.zero
    /// Bitcoin Core's measure of size that does not depend on how the set is stored.
    public var bogoSize = 0
    /// Bitcoin Core's `hash_serialized_3`.
    public var hash = Hash256.zero
}

extension CoinSet {
    /// Walks the whole set in the order of Bitcoin Core.
    public func statistics() -> CoinStatistics {
        var statistics = CoinStatistics()
        var sorted: [(OutPoint, Coin)] = []
        sorted.reserveCapacity(count)
        forEach { sorted.append(($0, $1)) }
        sorted.sort { $0.0 < $1.0 }
        var hasher = SHA256()
        var last: TransactionID?
        for (outPoint, coin) in sorted {
            var writer = ByteWriter(capacity: 80)
            outPoint.write(to: &writer)
            writer.writeLittleEndian(coin.height.value << 1 | (coin.isCoinbase ? 1 : 0))
            coin.output.write(to: &writer)
            hasher.update(writer.bytes)
            if outPoint.transactionID != last { statistics.transactions += 1 }
            last = outPoint.transactionID
            statistics.outputs += 1
            statistics.total += coin.output.amount
            statistics.bogoSize += 50 + coin.output.scriptPubKey.bytes.count
        }
        statistics.hash = SHA256.hash(of: hasher.finalize())
        return statistics
    }
}
