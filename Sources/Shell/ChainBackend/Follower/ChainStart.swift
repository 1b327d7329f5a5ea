import Bitcoin

/// Where to begin following a chain, as the last block that need not be looked at; nil is the genesis block itself.
extension ChainBackend {
    /// The block before `height`, or the tip where the chain ends before that.
    public func start(at height: BlockHeight) throws(ChainError) -> ChainPoint? {
        guard height > BlockHeight(0) else { return nil }
        let last = height.saturatingSubtract(1)
        if let hash = try blockHash(at: last) { return ChainPoint(height: last, hash: hash) }
        let status = try status()
        return ChainPoint(height: status.height, hash: status.tip)
    }

    /// The block before all that may hold something of `time` (in seconds since 1970) or later.
    ///
    /// Miners' clocks differ: a block's time may be up to two hours ahead, and it need only be later than the median of
    /// the eleven before it, so that the times in a chain do not always ascend. Two hours are taken off for that.
    public func start(atTime time: UInt32) throws(ChainError) -> ChainPoint? {
        let target = time > Self.margin ? time - Self.margin : 0
        var low: UInt32 = 0
        var high = try status().height.value + 1
        while low < high {
            let middle = low + (high - low) / 2
            // A reorganisation may take blocks away meanwhile.
            guard let hash = try blockHash(at: BlockHeight(middle)),
                let header = try header(of: hash)
            else {
                high = middle
                continue
            }
            if header.header.time >= target { high = middle } else { low = middle + 1 }
        }
        return try start(at: BlockHeight(low))
    }

    private static var margin: UInt32 { 2 * 60 * 60 }
}
