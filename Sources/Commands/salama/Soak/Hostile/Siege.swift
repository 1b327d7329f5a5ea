import Glibc
import Synchronization
import Threads

/// Threads that mean harm, until they are told to end.
///
/// They give way to everything else on the machine, as an attacker has processors of its own, but are not starved.
final class Siege: Sendable {
    private struct State {
        var isOver = false
        /// How much harm was done, by its name.
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    /// What attackers add to the nice value of everything else: about an eighth of the weight of a payer's thread.
    private static let politeness: Int32 = 9

    /// Whether the end has come.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Counts something for the report.
    func count(_ name: String, _ number: Int = 1) {
        state.withLock { $0.counts[name, default: 0] += number }
    }

    /// Sleeps, less where the end comes before.
    func rest(_ milliseconds: UInt32) {
        for _ in 0..<max(1, milliseconds / 50) where !isOver {
            SystemThread.sleep(milliseconds: min(50, milliseconds))
        }
    }

    /// Runs `body` again and again on so many threads while `meanwhile` runs; answers what was counted. What `body` throws is
    /// the end of one turn: it was refused, and tries again.
    static func run(
        _ width: Int, _ body: @escaping @Sendable (Siege, _ number: Int) throws -> Void,
        meanwhile: () throws -> Void
    ) throws -> String {
        let siege = Siege()
        let threads = (0..<width).map { number in
            SystemThread("attack") {
                _ = nice(Self.politeness)
                while !siege.isOver {
                    do {
                        try body(siege, number)
                    } catch {
                        siege.count("refused")
                        SystemThread.sleep(milliseconds: 10)
                    }
                }
            }
        }
        defer {
            siege.state.withLock { $0.isOver = true }
            for thread in threads { thread.join() }
        }
        try meanwhile()
        return siege.state.withLock { state in
            state.counts.sorted { $0.key < $1.key }.map { "\(grouped($0.value)) \($0.key)" }
                .joined(separator: ", ")
        }
    }
}
