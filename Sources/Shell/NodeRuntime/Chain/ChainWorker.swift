import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet
import Synchronization
import Threads

/// Follows the chain on a thread of its own: fetches blocks, scans them, and moves the node along.
///
/// The scan works on a snapshot of what the wallet watches; where the wallet has moved on meanwhile it says so, and the
/// blocks are scanned again.
final class ChainWorker: Sendable {
    private let backend: any ChainBackend
    private let loop: NodeLoop
    private let graph: GraphWorker
    private let log: Log
    private let mempool: MempoolWatch
    private let fees: FeeWatch
    private let state = Mutex(State())
    private let health = Mutex(ChainHealth())
    private let onSynced: @Sendable () -> Void

    private struct State {
        var follower: ChainFollower?
        var isStopped = false
        /// Whether the node was told that it has all blocks.
        var isNodeCaughtUp = false
        var thread: SystemThread?
    }

    /// Blocks are handed over in runs of at most this many, or of this weight.
    private static let runLength = 100
    private static let runWeight = Weight(8_000_000)

    /// `onSynced` is called whenever the wallet has reached the tip.
    init(
        backend: any ChainBackend, loop: NodeLoop, graph: GraphWorker, log: Log,
        onSynced: @escaping @Sendable () -> Void
    ) {
        self.backend = backend
        self.loop = loop
        self.graph = graph
        self.log = log
        self.onSynced = onSynced
        mempool = MempoolWatch(backend: backend, loop: loop, log: log)
        fees = FeeWatch(backend: backend, loop: loop, log: log)
    }

    /// What is known of the backend at present.
    var currentHealth: ChainHealth { health.withLock { $0 } }

    /// Starts the thread.
    func start() {
        state.withLock { $0.thread = SystemThread("chain") { [self] in run() } }
    }

    /// Ends the thread, after the run of blocks that it is at.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            state.follower?.cancel()
            return state.thread.take()
        }
        thread?.join()
        mempool.stop()
    }

    /// The wallet watches more than before.
    func refreshWatch() { mempool.refresh() }

    /// Blocks that were scanned before are to be scanned again: following begins anew, and that with it.
    func scanAgain() { state.withLock { $0.follower }?.cancel() }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func run() {
        while !isStopped {
            switch loop.move(.positionWanted) {
            case .success(.position(let position)): follow(from: position)
            case .failure(.stopping): return
            case .success, .failure: break
            }
            pauseUnlessStopped()
        }
    }

    /// Follows the chain until the way on is not clear or the worker stops.
    private func follow(from position: FollowedPosition) {
        guard let follower = makeFollower(position) else { return }
        mempool.watch(position.scanner)
        var run = BlockRun(position: position)
        follower.run { report in
            if !receive(report, &run, from: follower) { follower.cancel() }
        }
    }

    /// The follower from the wallet's position on; nil where the backend cannot tell where that is, or the worker stops.
    private func makeFollower(_ position: FollowedPosition) -> ChainFollower? {
        var known = position.recentBlocks.map { ChainPoint(height: $0.height, hash: $0.hash) }
        if known.isEmpty {
            do throws(ChainError) {
                known = try backend.start(at: position.nextHeight).map { [$0] } ?? []
            } catch {
                note(trouble: "\(error)")
                return nil
            }
        }
        let follower = ChainFollower(backend, after: known)
        return state.withLock { state in
            guard !state.isStopped else { return nil }
            state.follower = follower
            return follower
        }
    }

    private func pauseUnlessStopped() {
        for _ in 0..<20 where !isStopped { SystemThread.sleep(milliseconds: 100) }
    }

    private func note(trouble: String?) {
        let isNews = health.withLock { health in
            defer { health.trouble = trouble }
            return health.trouble != trouble
        }
        guard isNews else { return }
        if let trouble {
            log.write(.warn, .chain, "the chain is not known at present: \(trouble)")
        } else {
            log.write(.info, .chain, "the chain backend answers")
        }
    }
}

extension ChainWorker {
    /// Takes a report of the follower; false where the way on is not clear and following has to begin anew.
    private func receive(
        _ report: ChainReport, _ run: inout BlockRun, from follower: ChainFollower
    ) -> Bool {
        switch report {
        case .step(.connect(let block, let point)):
            guard point.height >= run.position.nextHeight else { return true }
            run.append(block, point)
            health.withLock { $0.isCaughtUp = false }
            guard run.count >= Self.runLength || run.weight >= Self.runWeight else { return true }
            return tellStanding(isCaughtUp: false) && connect(&run)
        case .step(.disconnect(let point)):
            guard connect(&run) else { return false }
            guard move(.blockDisconnected(point.hash), &run) else { return false }
            graph.disconnect(try? backend.block(point.hash), at: point.height)
            return true
        case .caughtUp(let tip):
            guard connect(&run), rescan(&run, follower) else { return false }
            guard catchUp(run, at: tip) else { return false }
            fees.look(hasNewBlock: true)
            return true
        case .unchanged:
            fees.look(hasNewBlock: false)
            return true
        case .away(let error):
            note(trouble: "\(error)")
            return tellStanding(isCaughtUp: false)
        }
    }

    /// Scans the blocks that wait and moves the node past them.
    private func connect(_ run: inout BlockRun) -> Bool {
        guard !run.isEmpty else { return true }
        let blocks = run.take()
        guard move({ .blocksConnected($0) }, blocks, &run) else { return false }
        for (block, point) in blocks { graph.connect(block, at: point.height) }
        if let (block, point) = blocks.last {
            note(trouble: nil)
            health.withLock {
                $0.tip = point
                $0.tipTime = block.header.time
            }
            log.write(.info, .chain, "at block \(point.height) \(point.hash)")
        }
        return true
    }

    /// Scans blocks until the wallet takes the result.
    private func move(
        _ input: ([BlockMatch]) -> ChainInput, _ blocks: [(Block, ChainPoint)],
        _ run: inout BlockRun
    ) -> Bool {
        while !isStopped {
            do throws(WalletError) {
                var scanner = run.position.scanner
                var matches: [BlockMatch] = []
                for (block, point) in blocks {
                    matches.append(scanner.scan(block, at: point.height))
                }
                return try apply(input(matches), &run)
            } catch .staleScan {
                guard case .success(.position(let position)) = loop.move(.positionWanted) else {
                    return false
                }
                run.position = position
            } catch {
                return fail("the wallet cannot follow the chain: \(error)")
            }
        }
        return false
    }

    private func move(_ input: ChainInput, _ run: inout BlockRun) -> Bool {
        do throws(WalletError) {
            return try apply(input, &run)
        } catch {
            return fail("the wallet cannot follow the chain: \(error)")
        }
    }

    /// Hands the loop a movement and waits until it is durable; false where the node stops.
    private func apply(_ input: ChainInput, _ run: inout BlockRun) throws(WalletError) -> Bool {
        switch loop.move(input) {
        case .success(.position(let position)):
            run.position = position
            mempool.watch(position.scanner)
            return true
        case .failure(.wallet(let error)): throw error
        case .success, .failure(.spend), .failure(.channel), .failure(.invoice), .failure(.payment),
            .failure(.backup), .failure(.unavailable), .failure(.stopping):
            return false
        }
    }

    private func fail(_ message: String) -> Bool {
        log.write(.error, .chain, message)
        health.withLock {
            $0.trouble = message
            $0.isCaughtUp = false
        }
        return false
    }

    /// Scans again what the wallet asks for, up to the tip.
    private func rescan(_ run: inout BlockRun, _ follower: ChainFollower) -> Bool {
        while let height = run.position.rescanHeight, !follower.isCancelled {
            var blocks: [(Block, ChainPoint)] = []
            do throws(ChainError) {
                let count = min(50, Int(run.position.nextHeight - height))
                let hashes = try backend.blockHashes(from: height, count: count)
                for (offset, hash) in hashes.enumerated() {
                    let point = ChainPoint(height: height + UInt32(offset), hash: hash)
                    blocks.append((try backend.block(hash), point))
                }
            } catch {
                note(trouble: "\(error)")
                return false
            }
            guard !blocks.isEmpty else { return false }
            guard move({ .blocksRescanned($0) }, blocks, &run) else { return false }
            log.write(
                .info, .chain, "scanned again up to block \(height + UInt32(blocks.count - 1))")
        }
        return true
    }

    /// Tells the node whether it has all blocks, where that is news; false where it does not take it in.
    private func tellStanding(isCaughtUp: Bool) -> Bool {
        guard state.withLock({ $0.isNodeCaughtUp }) != isCaughtUp else { return true }
        guard case .success = loop.move(isCaughtUp ? .caughtUp : .behind) else { return false }
        state.withLock { $0.isNodeCaughtUp = isCaughtUp }
        return true
    }

    private func catchUp(_ run: BlockRun, at tip: ChainPoint?) -> Bool {
        let wasSynced = currentHealth.isSynced
        if let tip, currentHealth.tip != tip {
            // Nothing was connected: a wallet without a block yet, or one that has all of them.
            let time = (try? backend.header(of: tip.hash))?.header.time
            health.withLock {
                $0.tip = tip
                $0.tipTime = time ?? 0
            }
        }
        note(trouble: nil)
        health.withLock { $0.isCaughtUp = true }
        mempool.reconcile(waiting: run.position.unconfirmed, tip: tip?.hash)
        // A backend that was away may have lost its mempool, and with it closings that wait for a block.
        if !wasSynced { loop.post(.rebroadcastDue) }
        guard tellStanding(isCaughtUp: true) else { return false }
        if !wasSynced { onSynced() }
        return true
    }
}

/// Blocks that were fetched and not handed over yet.
struct BlockRun {
    /// Where the wallet stands.
    var position: FollowedPosition
    private(set) var weight = Weight.zero
    private var blocks: [(Block, ChainPoint)] = []

    init(position: FollowedPosition) { self.position = position }

    var isEmpty: Bool { blocks.isEmpty }
    var count: Int { blocks.count }

    mutating func append(_ block: Block, _ point: ChainPoint) {
        blocks.append((block, point))
        weight += block.transactions.reduce(Weight.zero) { $0 + $1.weight }
    }

    mutating func take() -> [(Block, ChainPoint)] {
        defer {
            blocks = []
            weight = .zero
        }
        return blocks
    }
}
