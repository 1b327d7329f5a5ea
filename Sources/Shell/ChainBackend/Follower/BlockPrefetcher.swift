import Bitcoin
import Threads

/// Fetches a run of blocks in several threads and gives them in order.
///
/// Letting go of it ends the threads, each after the call that it is in.
final class BlockPrefetcher: Sendable {
    private let backend: any ChainBackend
    private let points: [ChainPoint]
    private let progress: Guarded<Progress>
    private let hasThreads: Bool

    private struct Progress {
        /// The first point that nobody fetches yet.
        var nextToFetch = 0
        /// The first point that was not taken yet.
        var nextToTake = 0
        /// What was fetched and not taken, by position.
        var ready: [Int: Result<Block, ChainError>] = [:]
        var readyWeight = Weight.zero
        var isStopped = false
    }

    init(_ backend: any ChainBackend, _ points: [ChainPoint], _ limits: ChainFollower.Prefetch) {
        self.backend = backend
        self.points = points
        let progress = Guarded(Progress())
        self.progress = progress
        // One block is fetched where it is needed.
        var threads = 0
        if points.count > 1 {
            for _ in 0..<min(limits.workers, points.count)
            where SystemThread.detached(
                "block-fetch",
                { Self.work(backend, points, progress, limit: limits.waiting) })
            {
                threads += 1
            }
        }
        hasThreads = threads > 0
    }

    deinit { progress.change { $0.isStopped = true } }

    /// Waits for the next block; nil after the last, and when `isCancelled`.
    func take(unless isCancelled: () -> Bool) throws(ChainError) -> (Block, ChainPoint)? {
        let position = progress.withLock { $0.nextToTake }
        guard position < points.count else { return nil }
        guard hasThreads else {
            let block = try backend.block(points[position].hash)
            progress.withLock { $0.nextToTake += 1 }
            return (block, points[position])
        }
        while true {
            // With a look up now and then: a fetch may take as long as the backend's time-out.
            let result = progress.wait(until: .now + .milliseconds(200)) { progress in
                progress.ready.removeValue(forKey: position)
            }
            guard let result else {
                if isCancelled() { return nil }
                continue
            }
            let block = try result.get()
            progress.change { progress in
                progress.nextToTake += 1
                progress.readyWeight = progress.readyWeight - block.weight
            }
            return (block, points[position])
        }
    }

    private static func work(
        _ backend: any ChainBackend, _ points: [ChainPoint], _ progress: Guarded<Progress>,
        limit: Weight
    ) {
        while true {
            let next = progress.wait { progress -> Int?? in
                if progress.isStopped || progress.nextToFetch == points.count { return .some(nil) }
                // What is taken next is fetched in any case.
                guard progress.readyWeight < limit || progress.nextToFetch == progress.nextToTake
                else { return nil }
                defer { progress.nextToFetch += 1 }
                return progress.nextToFetch
            }
            guard case .some(let position?) = next else { return }
            var result: Result<Block, ChainError>
            do throws(ChainError) {
                result = .success(try backend.block(points[position].hash))
            } catch {
                result = .failure(error)
            }
            progress.change { progress in
                progress.ready[position] = result
                switch result {
                case .success(let block):
                    progress.readyWeight = progress.readyWeight + block.weight
                case .failure:
                    // Nothing behind the gap is of use.
                    progress.nextToFetch = points.count
                }
            }
        }
    }
}

extension Block {
    /// The sum of the transactions' weights, which the blocks' limit is about but for a few hundred units.
    var weight: Weight { transactions.reduce(.zero) { $0 + $1.weight } }
}
