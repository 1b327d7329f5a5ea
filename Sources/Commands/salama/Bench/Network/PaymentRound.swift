import Synchronization
import Threads

/// What became of payments, so many of which were on their way at a time.
struct PaymentRound: Sendable {
    /// From the first to the last of them, in seconds.
    var elapsed = 0.0
    /// How long each took as the one who asked for it saw it, in milliseconds, in ascending order.
    var latencies: [Double] = []

    /// Payments per second.
    var rate: Double { elapsed > 0 ? Double(latencies.count) / elapsed : 0 }

    /// The time that so many hundredths of the payments stay below, in milliseconds.
    func latency(percentile: Int) -> Double {
        latencies.isEmpty
            ? 0 : latencies[min(latencies.count - 1, latencies.count * percentile / 100)]
    }
}

/// Who pays in a measurement.
protocol Payer {
    /// Pays all invoices, `width` at a time; throws where one is not paid.
    func pay(_ requests: [String], width: Int) throws -> PaymentRound
}

/// Calls to a node's REST interface, each thread with a connection of its own.
struct RESTCalls: Payer {
    let node: LocalNode

    /// Makes invoices over so many millisatoshi each.
    func invoices(_ count: Int, of amount: UInt64) throws -> [String] {
        let made = Mutex<[String]>([])
        _ = try call(count, width: min(count, 8)) { client, _ in
            let invoice = try client.invoice(amount)
            made.withLock { $0.append(invoice) }
        }
        return made.withLock { $0 }
    }

    func pay(_ requests: [String], width: Int) throws -> PaymentRound {
        try call(requests.count, width: width) { client, index in try client.pay(requests[index]) }
    }

    /// Calls `body` for each number below `count`, on `width` threads; throws the first failure.
    private func call(
        _ count: Int, width: Int, _ body: @escaping @Sendable (LoadClient, Int) throws -> Void
    ) throws -> PaymentRound {
        let work = SharedWork(count)
        let clients = try (0..<width).map { _ in try LoadClient(node) }
        // Connections are made before the time is taken.
        for client in clients { _ = try client.metrics() }
        let clock = ContinuousClock()
        let begin = clock.now
        let threads = clients.map { client in
            SystemThread("client") {
                var latencies: [Double] = []
                do {
                    while let index = work.take() {
                        let begin = clock.now
                        try body(client, index)
                        latencies.append((clock.now - begin) / .milliseconds(1))
                    }
                } catch {
                    work.fail(error)
                }
                work.add(latencies)
            }
        }
        for thread in threads { thread.join() }
        return try work.round(elapsed: (clock.now - begin) / .seconds(1))
    }
}

/// Numbers that are handed out to threads until one of them fails, and the times that they took.
final class SharedWork: Sendable {
    private struct State {
        var next = 0
        var failure: (any Error)?
        var latencies: [Double] = []
    }

    private let state = Mutex(State())
    private let count: Int

    /// The numbers below `count`.
    init(_ count: Int) { self.count = count }

    /// The next number; nil where there is none, or something failed.
    func take() -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func fail(_ error: any Error) { state.withLock { $0.failure = $0.failure ?? error } }

    func add(_ latencies: [Double]) { state.withLock { $0.latencies += latencies } }

    /// All of it, once nobody works any more; throws the first failure.
    func round(elapsed: Double) throws -> PaymentRound {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return PaymentRound(elapsed: elapsed, latencies: state.latencies.sorted())
        }
    }
}
