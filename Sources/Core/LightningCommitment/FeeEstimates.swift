import Bitcoin

/// Fee rates that the chain backend expects to suffice, and the least that its mempool takes.
public struct FeeEstimates: Hashable, Sendable {
    /// What it takes to be mined within so many blocks. Where the backend knows nothing for a target it is not there.
    public let byTarget: [UInt32: FeeratePerKw]
    /// The least rate that the mempool takes at present.
    public let minimum: FeeratePerKw

    /// Estimates for these targets, in blocks.
    public init(byTarget: [UInt32: FeeratePerKw], minimum: FeeratePerKw = .minimumRelay) {
        self.byTarget = byTarget
        self.minimum = minimum
    }

    /// What it takes to be mined within `blocks`: the estimate of the slowest target that is not later, or of the
    /// fastest one. Never below ``minimum``; nil where nothing is known.
    public func feerate(within blocks: UInt32) -> FeeratePerKw? {
        let target = byTarget.keys.filter { $0 <= blocks }.max() ?? byTarget.keys.min()
        return target.flatMap { byTarget[$0] }.map { max($0, minimum) }
    }
}
