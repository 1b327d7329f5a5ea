import Bitcoin

/// What recent blocks took, as far as their transactions came through the mempool.
struct FeeEstimator: Sendable {
    private struct Record: Sendable {
        let height: BlockHeight
        let feerates: [FeeratePerKvB]
    }

    /// The blocks that are remembered: a week's worth.
    private static let memory = 1008

    private var records: [Record] = []

    mutating func connected(_ height: BlockHeight, feerates: [FeeratePerKvB]) {
        records.append(Record(height: height, feerates: feerates.sorted()))
        if records.count > Self.memory { records.removeFirst(records.count - Self.memory) }
    }

    mutating func disconnected(_ height: BlockHeight) {
        if records.last?.height == height { records.removeLast() }
    }

    /// The median rate of the transactions in the last `blocks` blocks; nil where there were none.
    func median(ofLast blocks: Int) -> FeeratePerKvB? {
        let feerates = records.suffix(blocks).flatMap(\.feerates).sorted()
        return feerates.isEmpty ? nil : feerates[feerates.count / 2]
    }
}
