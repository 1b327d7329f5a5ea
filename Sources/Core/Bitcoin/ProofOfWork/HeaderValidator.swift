/// A chain of headers that ends with the one to build on.
public protocol HeaderChain {
    /// The height of the last header.
    var tipHeight: BlockHeight { get }

    /// The header at `height`, which is at most ``tipHeight``; nil where the chain does not reach so far back.
    func header(at height: BlockHeight) -> BlockHeader?
}

/// Why a header cannot follow a chain.
public enum HeaderError: Error, Equatable, Sendable {
    /// The header names another predecessor.
    case wrongPreviousBlock(expected: BlockHash, actual: BlockHash)
    /// The hash does not meet the target that the header claims, or the target is none.
    case insufficientWork(BlockHash)
    /// The target is not the one that the rules give.
    case wrongBits(expected: UInt32, actual: UInt32)
    /// The time is not after the median of the last eleven blocks.
    case timeTooOld(median: UInt32, actual: UInt32)
    /// The time is more than two hours after the clock at hand.
    case timeTooNew(limit: UInt32, actual: UInt32)
    /// The first block of a period is more than ten minutes before the one that it follows (BIP 94).
    case timeWarp(earliest: UInt32, actual: UInt32)
    /// The version is one that a soft fork has put out of use (BIP 34, 65, 66).
    case obsoleteVersion(minimum: Int32, actual: Int32)
    /// A header that the check needs is not at hand.
    case missingHeader(BlockHeight)
}

/// Checks of a header against the chain before it: pure, the clock is an argument.
public struct HeaderValidator: Sendable {
    /// The network whose rules count.
    public let network: Network

    /// How far ahead of the clock a block's time may be, in seconds.
    public static let maximumFutureTime: UInt32 = 7200
    /// How far a period's first block may be before its predecessor, in seconds (BIP 94).
    public static let maximumTimeWarp: UInt32 = 600

    private let rules: DifficultyRules

    /// A validator for `network`.
    public init(_ network: Network) {
        self.network = network
        rules = network.difficulty
    }

    /// Checks `header` as the successor of the last one of `chain`. `now` is the time in seconds since 1970.
    public func check(
        _ header: BlockHeader, after chain: some HeaderChain, now: UInt32
    ) throws(HeaderError) {
        let previous = try HeaderValidator.header(at: chain.tipHeight, in: chain)
        let hash = previous.hash
        guard header.previousBlock == hash else {
            throw .wrongPreviousBlock(expected: hash, actual: header.previousBlock)
        }
        let bits = try requiredBits(time: header.time, after: chain)
        guard header.bits == bits else { throw .wrongBits(expected: bits, actual: header.bits) }
        let median = try HeaderValidator.medianTimePast(of: chain)
        guard header.time > median else {
            throw .timeTooOld(median: median, actual: header.time)
        }
        let height = chain.tipHeight + 1
        if rules.enforcesBIP94, isFirstOfPeriod(height) {
            let earliest = previous.time.subtractingSaturating(HeaderValidator.maximumTimeWarp)
            guard header.time >= earliest else {
                throw .timeWarp(earliest: earliest, actual: header.time)
            }
        }
        let latest = now.addingSaturating(HeaderValidator.maximumFutureTime)
        guard header.time <= latest else {
            throw .timeTooNew(limit: latest, actual: header.time)
        }
        let version = network.softForks.minimumBlockVersion(at: height)
        guard header.version >= version else {
            throw .obsoleteVersion(minimum: version, actual: header.version)
        }
        guard header.hasProofOfWork(on: network) else { throw .insufficientWork(header.hash) }
    }

    /// The compact target that a block with `time` has to have after the last one of `chain`.
    public func requiredBits(
        time: UInt32, after chain: some HeaderChain
    ) throws(HeaderError) -> UInt32 {
        let tip = chain.tipHeight
        let last = try HeaderValidator.header(at: tip, in: chain)
        guard isFirstOfPeriod(tip + 1) else {
            guard rules.allowsMinimumDifficulty else { return last.bits }
            let patience = DifficultyRules.targetSpacing * 2
            return Int64(time) > Int64(last.time) + Int64(patience)
                ? rules.limitBits : try lastRegularBits(of: chain)
        }
        guard !rules.neverRetargets else { return last.bits }
        let first = try HeaderValidator.header(
            at: tip.saturatingSubtract(DifficultyRules.interval - 1), in: chain)
        let base = CompactTarget(bits: rules.enforcesBIP94 ? first.bits : last.bits)
        guard let target = base.target else { return rules.limitBits }
        let timespan = Int64(last.time) - Int64(first.time)
        return CompactTarget(rounding: rules.retargeted(target, timespan: timespan)).bits
    }

    /// The median of the times of the last eleven blocks, or of all where there are fewer (BIP 113).
    public static func medianTimePast(of chain: some HeaderChain) throws(HeaderError) -> UInt32 {
        var times: [UInt32] = []
        let tip = chain.tipHeight.value
        for height in (tip > 10 ? tip - 10 : 0)...tip {
            times.append(try header(at: BlockHeight(height), in: chain).time)
        }
        times.sort()
        return times[times.count / 2]
    }

    /// The target of the last block that did not use the twenty minutes' rule, back to the start of the period.
    private func lastRegularBits(of chain: some HeaderChain) throws(HeaderError) -> UInt32 {
        let limit = rules.limitBits
        var height = chain.tipHeight
        var header = try HeaderValidator.header(at: height, in: chain)
        while height.value > 0, !isFirstOfPeriod(height), header.bits == limit {
            height = height.saturatingSubtract(1)
            header = try HeaderValidator.header(at: height, in: chain)
        }
        return header.bits
    }

    private func isFirstOfPeriod(_ height: BlockHeight) -> Bool {
        height.value % DifficultyRules.interval == 0
    }

    private static func header(
        at height: BlockHeight, in chain: some HeaderChain
    ) throws(HeaderError) -> BlockHeader {
        guard let header = chain.header(at: height) else { throw .missingHeader(height) }
        return header
    }
}

extension UInt32 {
    fileprivate func addingSaturating(_ other: UInt32) -> UInt32 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func subtractingSaturating(_ other: UInt32) -> UInt32 {
        self > other ? self - other : 0
    }
}
