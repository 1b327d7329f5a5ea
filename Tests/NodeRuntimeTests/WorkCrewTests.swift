import Bitcoin
import LightningCommitment
import Synchronization
import Testing
import Threads

@testable import NodeRuntime

/// Help with work in many pieces.
struct WorkCrewTests {
    @Test(
        "results come in the order of the pieces, each done once, however many help",
        arguments: [0, 1, 3], [0, 1, 5, 6, 7, 64, 501])
    func order(helpers: Int, count: Int) {
        let crew = WorkCrew(helpers: helpers)
        let calls = Mutex([Int](repeating: 0, count: count))
        for round in 0..<20 {
            // Arrays, so that what is not initialised or initialised twice would show.
            let results = crew.map(count) { index in
                calls.withLock { $0[index] += 1 }
                return [index, round]
            }
            #expect(results == (0..<count).map { [$0, round] })
        }
        #expect(calls.withLock { $0 } == [Int](repeating: 20, count: count))
    }

    @Test("signatures are the same with and without help")
    func signatures() throws {
        let key = try PrivateKey([UInt8](repeating: 7, count: 32))
        let sign: @Sendable (Int) -> ECDSASignature = { index in
            key.sign(SHA256.hash([UInt8(index)]), grindLowR: false)
        }
        let alone = SerialWork().map(100, sign)
        let crew = WorkCrew(helpers: 3)
        for _ in 0..<3 { #expect(crew.map(100, sign) == alone) }
    }

    @Test("several threads may ask the same helpers, and helpers that are late do no harm")
    func crowd() {
        let crew = WorkCrew(helpers: 2)
        let wrong = Atomic<Int>(0)
        let outer = WorkCrew(helpers: 3)
        _ = outer.map(48) { number in
            let results = crew.map(33) { index in "\(number) \(index)" }
            if results != (0..<33).map({ "\(number) \($0)" }) {
                wrong.wrappingAdd(1, ordering: .relaxed)
            }
            return number
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("what the work was made of is let go of")
    func release() {
        final class Load: Sendable {}
        weak var remembered: Load?
        let crew = WorkCrew(helpers: 2)
        do {
            let load = Load()
            remembered = load
            let results = crew.map(20) { index in
                withExtendedLifetime(load) { index }
            }
            #expect(results.count == 20)
        }
        // A helper that came late may hold the work for a moment.
        for _ in 0..<10_000 where remembered != nil { SystemThread.sleep(milliseconds: 1) }
        #expect(remembered == nil)
    }
}
