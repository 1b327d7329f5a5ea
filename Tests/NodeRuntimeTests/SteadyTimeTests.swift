import NodeRuntime
import Testing

/// The node's time while somebody sets the system's clock.
struct SteadyTimeTests {
    private static let second: UInt64 = 1_000_000_000
    private static let begin: UInt64 = 1_700_000_000 * second

    @Test("time is the system clock's, also where that jumps ahead")
    func ahead() {
        var time = SteadyTime()
        #expect(time.time(wall: Self.begin, elapsed: 5) == 1_700_000_000_000)
        let later = Self.begin + 10_800 * Self.second
        #expect(time.time(wall: later, elapsed: 6) == 1_700_010_800_000)
    }

    @Test("a clock that is set back is waited for at half the pace, in however many steps")
    func back() {
        var (time, steps) = (SteadyTime(), SteadyTime())
        for _ in 0..<2 { _ = time.time(wall: Self.begin, elapsed: 0) }
        _ = steps.time(wall: Self.begin, elapsed: 0)
        let set = Self.begin - 60 * Self.second
        #expect(time.time(wall: set, elapsed: 0) == 1_700_000_000_000)
        for second in 1..<120 {
            let (wall, elapsed) = (set + UInt64(second) * Self.second, UInt64(second) * Self.second)
            #expect(
                steps.time(wall: wall, elapsed: elapsed)
                    == 1_700_000_000_000 + UInt64(second) * 500)
        }
        #expect(
            time.time(wall: set + 100 * Self.second, elapsed: 100 * Self.second)
                == 1_700_000_050_000)
        // From where the two meet, they are one again.
        #expect(
            time.time(wall: set + 130 * Self.second, elapsed: 130 * Self.second)
                == 1_700_000_070_000)
    }
}
