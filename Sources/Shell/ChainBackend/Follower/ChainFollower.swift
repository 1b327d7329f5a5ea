import Bitcoin
import Synchronization

/// One step along the best chain.
public enum ChainStep: Sendable, Equatable {
    /// The block followed last is no longer part of the best chain; the position is now the block before it.
    case disconnect(ChainPoint)
    /// This block comes next.
    case connect(Block, at: ChainPoint)

    /// The block that the step takes off or adds.
    public var point: ChainPoint {
        switch self {
        case .disconnect(let point), .connect(_, let point): point
        }
    }
}

/// Follows the best chain of a backend block by block, and back to the fork where it is reorganised.
///
/// ```
///   known: … 98 ── 99 ── 100a ── 101a             next() gives  disconnect 101a
///                   │                                           disconnect 100a
///   best:           └── 100b ── 101b ── 102b                    connect 100b, 101b, 102b
///                                                               nil
/// ```
///
/// Each block given builds on the one before: no block is left out, whatever happens at the backend meanwhile. An error
/// leaves the position where it is, and the next call goes on from there. Calls block, and may come from any thread.
public final class ChainFollower: Sendable {
    /// How much is fetched ahead while catching up.
    public struct Prefetch: Sendable {
        /// The number of blocks fetched at the same time.
        public var workers: Int
        /// The weight of the blocks that wait to be taken, above which no further one is fetched.
        public var waiting: Weight

        /// The defaults hold some eight full blocks in memory at most.
        public init(workers: Int = 4, waiting: Weight = Weight(16_000_000)) {
            self.workers = workers
            self.waiting = waiting
        }
    }

    let backend: any ChainBackend
    private let prefetch: Prefetch
    private let state: Mutex<State>
    let control: Guarded<Control>

    /// What the thread that follows and others tell each other, while it waits for the backend too.
    struct Control {
        var position: ChainPoint?
        var isCancelled = false
        /// Whether something may have changed at the backend.
        var isSignalled = false
    }

    private struct State {
        /// The blocks followed last, the highest at the end.
        var trail: [ChainPoint]
        /// What is being fetched ahead.
        var prefetcher: BlockPrefetcher?
    }

    /// The most blocks that the trail remembers; beyond, the backend is asked for the headers.
    private static let trailLimit = 1000
    /// The number of hashes asked for at once.
    private static let hashesAtOnce = 500

    /// Follows on after the last of the `known` blocks, which are in ascending order; with none, from the genesis
    /// block on.
    ///
    /// Two points suffice, and so does one while the backend remembers the branch that it is on; with the blocks of the
    /// last few hours, reorganisations can be followed at any backend.
    public init(
        _ backend: any ChainBackend, after known: [ChainPoint], prefetch: Prefetch = Prefetch()
    ) {
        self.backend = backend
        self.prefetch = prefetch
        state = Mutex(State(trail: known.suffix(Self.trailLimit)))
        control = Guarded(Control(position: known.last))
    }

    /// The block followed last; nil before the genesis block.
    public var position: ChainPoint? { control.withLock { $0.position } }

    /// The next step; nil at the tip, and when cancelled.
    ///
    /// Throws ``ChainError/unknownBlock(_:)`` where the way back to the best chain is not known: the followed blocks are
    /// of another chain or the backend lost the branch; ``ChainError/pruned(_:)`` where the next block is not stored;
    /// ``ChainError/warmingUp(reason:)`` where the backend has yet to catch up with the position.
    public func next() throws(ChainError) -> ChainStep? {
        try state.withLock { state throws(ChainError) in
            while !isCancelled {
                if let prefetcher = state.prefetcher {
                    if let step = try take(from: prefetcher, &state) { return step }
                    state.prefetcher = nil
                }
                switch try plan(after: state.trail.last) {
                case .wait: return nil
                case .back(let tip): return try disconnect(tip, &state)
                case .forward(let points):
                    state.prefetcher = BlockPrefetcher(backend, points, prefetch)
                case .again: continue
                }
            }
            state.prefetcher = nil
            return nil
        }
    }

    /// Makes this and all further calls of ``next()`` return nil soon, and ends what is fetched ahead.
    public func cancel() { control.change { $0.isCancelled = true } }

    /// Whether ``cancel()`` was called.
    public var isCancelled: Bool { control.withLock { $0.isCancelled } }
}

extension ChainFollower {
    /// What there is to do at a position.
    private enum Plan {
        /// The position is the tip.
        case wait
        /// The position is not in the best chain.
        case back(ChainPoint)
        /// These blocks come next.
        case forward([ChainPoint])
        /// The chain changed while it was looked at.
        case again
    }

    private func plan(after tip: ChainPoint?) throws(ChainError) -> Plan {
        let first = tip?.height ?? BlockHeight(0)
        let hashes = try backend.blockHashes(from: first, count: Self.hashesAtOnce)
        let points = hashes.enumerated().map {
            ChainPoint(height: first + UInt32($0.offset), hash: $0.element)
        }
        guard let tip else { return points.isEmpty ? .wait : .forward(points) }
        if let same = points.first {
            guard same == tip else { return .back(tip) }
            return points.count == 1 ? .wait : .forward(Array(points.dropFirst()))
        }
        // The best chain ends below. Either its tip was invalidated, or the backend lost its blocks (a backup, a
        // reindex) and will be where it was: then nothing is undone.
        let status = try backend.status()
        if status.height >= tip.height { return .again }
        guard !status.isInitialDownload, status.headerHeight <= status.height else {
            throw .warmingUp(
                reason: "it is at height \(status.height) and was at \(tip.height) before")
        }
        return .back(tip)
    }

    private func disconnect(
        _ tip: ChainPoint, _ state: inout State
    ) throws(ChainError) -> ChainStep {
        guard tip.height > BlockHeight(0) else { throw .unknownBlock(tip.hash) }
        let below = tip.height.saturatingSubtract(1)
        if state.trail.dropLast().last?.height != below {
            guard let header = try backend.header(of: tip.hash), header.height == tip.height
            else { throw .unknownBlock(tip.hash) }
            let parent = ChainPoint(height: below, hash: header.header.previousBlock)
            state.trail.insert(parent, at: state.trail.count - 1)
        }
        state.trail.removeLast()
        control.withLock { $0.position = state.trail.last }
        return .disconnect(tip)
    }

    /// The next block that was fetched ahead; nil where there is none that builds on the position.
    private func take(
        from prefetcher: BlockPrefetcher, _ state: inout State
    ) throws(ChainError) -> ChainStep? {
        let block: Block
        let point: ChainPoint
        do throws(ChainError) {
            guard let next = try prefetcher.take(unless: { isCancelled }) else { return nil }
            (block, point) = next
        } catch {
            state.prefetcher = nil
            throw error
        }
        if let tip = state.trail.last {
            guard block.header.previousBlock == tip.hash, point.height == tip.height + 1
            else { return nil }
        }
        if state.trail.count >= 2 * Self.trailLimit {
            state.trail.removeFirst(state.trail.count - Self.trailLimit)
        }
        state.trail.append(point)
        control.withLock { $0.position = point }
        return .connect(block, at: point)
    }
}
