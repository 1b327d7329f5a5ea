import Bitcoin

/// Every output that no transaction of the best chain spends.
public struct CoinSet: Sendable, Equatable {
    private var coins: [OutPoint: Coin] = [:]

    /// The set before the first block.
    public init() {}

    /// The number of coins.
    public var count: Int { coins.count }

    /// The coin at `outPoint`; nil where it is spent or never was.
    public subscript(_ outPoint: OutPoint) -> Coin? { coins[outPoint] }

    /// Calls `body` with every coin, in no order.
    public func forEach(_ body: (OutPoint, Coin) -> Void) {
        for (outPoint, coin) in coins { body(outPoint, coin) }
    }

    /// Takes the coin away and gives it.
    mutating func spend(_ outPoint: OutPoint) -> Coin? {
        coins.removeValue(forKey: outPoint)
    }

    /// Puts back a coin that a block on its way out had spent.
    mutating func restore(_ coin: Coin, at outPoint: OutPoint) {
        coins[outPoint] = coin
    }

    /// Adds the outputs that can ever be spent.
    mutating func add(
        _ outputs: [TransactionOutput], of id: TransactionID, height: BlockHeight, isCoinbase: Bool
    ) {
        for (index, output) in outputs.enumerated() where !output.scriptPubKey.isUnspendable {
            coins[OutPoint(id, UInt32(index))] = Coin(
                output: output, height: height, isCoinbase: isCoinbase)
        }
    }

    /// Takes away the outputs of a transaction whose block is on its way out.
    mutating func removeOutputs(of id: TransactionID, count: Int) {
        for index in 0..<count { coins.removeValue(forKey: OutPoint(id, UInt32(index))) }
    }
}
