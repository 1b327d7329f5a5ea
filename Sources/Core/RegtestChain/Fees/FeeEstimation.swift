import Bitcoin

extension RegtestChain {
    /// The greatest number of blocks that an estimate looks ahead.
    public static let maximumFeeTarget = 1008

    /// The rate at which a transaction should be mined within `blocks` blocks; nil without any data.
    ///
    /// It is what it takes to stand before the last transaction that the mempool's next `blocks` blocks have room for, and
    /// where they have room for all, what recent blocks took. `isConservative` looks further back and takes the higher.
    public mutating func estimateFee(
        blocks: Int, isConservative: Bool, now: UInt32
    ) -> FeeratePerKvB? {
        let floor = minimumMempoolFeerate(now: now)
        let target = min(max(blocks, 1), RegtestChain.maximumFeeTarget)
        let backlog = feerateToEnter(blocks: target)
        let recent = estimator.median(ofLast: max(target, 6) * 2)
        let distant = isConservative ? estimator.median(ofLast: 144) : nil
        let known = [backlog, recent, distant].compactMap { $0 }
        return known.max().map { max($0, floor) }
    }

    /// The rate that goes before the mempool's transactions beyond the next `blocks` blocks; nil where all find room.
    private func feerateToEnter(blocks: Int) -> FeeratePerKvB? {
        let capacity = UInt64(blocks) * (Weight.maximumBlock.virtualSize - 1000)
        guard mempool.virtualSize > capacity else { return nil }
        var used: UInt64 = 0
        for package in BlockAssembler(mempool: mempool).packages() {
            used += package.virtualSize
            if used > capacity { return package.feerate + policy.incrementalFeerate }
        }
        return nil
    }
}
