import Synchronization

/// Numbers below a count in turn, for sharing work out.
final class RoundRobin: Sendable {
    private let count: Int
    private let current = Atomic<Int>(0)

    init(count: Int) { self.count = count }

    func next() -> Int { current.wrappingAdd(1, ordering: .relaxed).oldValue % count }
}
