import Glibc
import Synchronization
import Threads

/// Payments between all nodes of the network, as fast as they go or at a steady pace.
///
/// Each thread pays for one node, one payment at a time, with connections of its own that it keeps.
final class SoakTraffic: Sendable {
    private struct State {
        var window = SoakWindow()
        /// The time between the beginnings of two payments; zero where nobody waits for it.
        var interval = Duration.zero
        var next = ContinuousClock.now
        var isStopping = false
        /// What the payers were told of each payment, by the first eight bytes of its hash.
        var told: [UInt64: LoadClient.Outcome] = [:]
        /// Why payments failed, and how often.
        var reasons: [String: Int] = [:]
        var threads: [SystemThread] = []
    }

    private let state: Mutex<State>
    private let nodes: [LocalNode]
    /// What a payment carries at most, in satoshi.
    private static let mostPaid = 5_000
    /// How many payments of a node are on their way at most: so many that those that are held up keep few others from
    /// beginning at their time.
    private static let width = 20

    /// Begins to pay between these nodes.
    init(_ nodes: [LocalNode]) throws {
        self.nodes = nodes
        state = Mutex(State())
        for payer in nodes.indices {
            for _ in 0..<Self.width {
                let clients = try nodes.map { try LoadClient($0, timeout: 45) }
                let thread = SystemThread("payer") { [self] in
                    work(payer, clients)
                }
                state.withLock { $0.threads.append(thread) }
            }
        }
    }

    /// Payments that begin from now on belong to a new window, which ends the one before.
    func nextWindow() -> SoakWindow {
        state.withLock { state in
            state.window.close()
            state.window = SoakWindow()
            return state.window
        }
    }

    /// So many payments begin in a second from now on.
    func setPace(_ rate: Double) {
        state.withLock { state in
            state.interval = .seconds(1 / max(rate, 0.001))
            state.next = .now
        }
    }

    /// What the payers were told of each payment, by the first eight bytes of its hash.
    var told: [UInt64: LoadClient.Outcome] { state.withLock { $0.told } }
    /// Why payments failed, and how often.
    var reasons: [String: Int] { state.withLock { $0.reasons } }

    /// Begins no more payments, and waits for what those were told that are on their way.
    func stop() {
        let threads = state.withLock { state in
            state.isStopping = true
            return state.threads
        }
        for thread in threads { thread.join() }
        state.withLock { $0.window.close() }
    }

    /// When the next payment begins, and what it counts for; nil at the end.
    private func turn() -> (begin: ContinuousClock.Instant, window: SoakWindow)? {
        state.withLock { state in
            guard !state.isStopping else { return nil }
            let now = ContinuousClock.now
            guard state.interval > .zero else { return (now, state.window) }
            let late = now - state.next
            if late > .seconds(1) {
                state.window.miss(Int(late / state.interval))
                state.next = now
            }
            defer { state.next += state.interval }
            return (state.next, state.window)
        }
    }

    private func work(_ payer: Int, _ clients: [LoadClient]) {
        while let (begin, window) = turn() {
            let pause = begin - .now
            if pause > .zero { SystemThread.sleep(milliseconds: UInt32(pause / .milliseconds(1))) }
            let payee = (payer + Int.random(in: 1..<nodes.count)) % nodes.count
            guard
                let offer = try? clients[payee].offer(
                    UInt64(Int.random(in: 1...Self.mostPaid)) * 1_000)
            else {
                window.miss()
                SystemThread.sleep(milliseconds: 20)
                continue
            }
            let start = ContinuousClock.now
            let (outcome, reason) = clients[payer].send(offer.request)
            window.add(outcome, after: .now - start)
            state.withLock { state in
                state.told[offer.hash] = outcome
                if outcome != .paid { state.reasons[reason, default: 0] += 1 }
            }
            // A node that does not answer is not asked again at once.
            if outcome == .unknown { SystemThread.sleep(milliseconds: 50) }
        }
    }
}
