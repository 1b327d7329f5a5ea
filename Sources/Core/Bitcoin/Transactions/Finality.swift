extension Transaction {
    /// Whether the lock time lets the transaction into a block at `height`, where `time` is the median of the times of the
    /// eleven blocks before (BIP 113).
    public func isFinal(height: BlockHeight, time: UInt32) -> Bool {
        if lockTime.value == 0 { return true }
        if lockTime.value < (lockTime.isHeight ? height.value : time) { return true }
        return inputs.allSatisfy { $0.sequence == .final }
    }
}

/// The relative locks of a transaction (BIP 68), resolved against the blocks that hold the coins that it spends.
public struct SequenceLocks: Sendable, Equatable {
    /// The last height at which the transaction may not be mined; -1 without such a lock.
    public private(set) var height: Int64 = -1
    /// The last median time of the previous block at which it may not be mined; -1 without such a lock.
    public private(set) var time: Int64 = -1

    /// Resolves the locks of `transaction`.
    ///
    /// `heights` are those of the blocks that hold its coins, in the order of its inputs. `medianTimes` gives the median
    /// of the times of a block and the ten before it.
    public init(
        _ transaction: Transaction, heights: some Sequence<BlockHeight>,
        medianTimes: (BlockHeight) -> UInt32
    ) {
        guard UInt32(bitPattern: transaction.version) >= 2 else { return }
        for (input, coinHeight) in zip(transaction.inputs, heights) {
            let sequence = input.sequence.value
            guard sequence & (1 << 31) == 0 else { continue }
            let span = Int64(sequence & 0xffff)
            if sequence & (1 << 22) != 0 {
                let start = Int64(medianTimes(coinHeight.saturatingSubtract(1)))
                time = max(time, start + span * 512 - 1)
            } else {
                height = max(height, Int64(coinHeight.value) + span - 1)
            }
        }
    }

    /// Whether the locks let the transaction into a block at `height` whose parent's median time is that.
    public func allow(height: BlockHeight, previousMedianTime: UInt32) -> Bool {
        self.height < Int64(height.value) && time < Int64(previousMedianTime)
    }
}
