import NodeSimulator
import Testing

/// The order of the virtual world.
struct QueueTests {
    @Test("events come in the order of their times, and of their insertion where those are equal")
    func order() {
        var random = SimulationRandom(seed: 3)
        var queue = EventQueue<(time: UInt64, number: Int)>()
        for number in 0..<2_000 {
            let time = UInt64(random.number(below: 100))
            queue.insert((time, number), at: VirtualTime(milliseconds: time))
        }
        var last: (time: UInt64, number: Int) = (0, -1)
        while let (time, event) = queue.next() {
            #expect(time.milliseconds == event.time)
            #expect(last < event)
            last = event
        }
        #expect(last.number >= 0)
    }

    @Test("magnitudes fill their range and stay in it")
    func magnitudes() {
        var random = SimulationRandom(seed: 4)
        let numbers = (0..<5_000).map { _ in random.magnitude(in: 10...5_000) }
        #expect(numbers.allSatisfy { (10...5_000).contains($0) })
        #expect(numbers.contains { $0 < 20 } && numbers.contains { $0 > 2_500 })
    }
}
