/// Random numbers that a seed decides (SplitMix64), the same on every machine.
package struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence of `seed`.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own, so that what one part of the world draws does not move the others.
    package mutating func fork() -> SimulationRandom { SimulationRandom(seed: next()) }

    /// A number from 0 to before `limit`.
    package mutating func number(below limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }

    /// A number of the range.
    package mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + number(below: range.upperBound - range.lowerBound + 1)
    }

    /// True in `percent` of a hundred calls.
    package mutating func chance(_ percent: Int) -> Bool { number(below: 100) < percent }

    /// True in one of `count` calls.
    package mutating func oneIn(_ count: Int) -> Bool { number(below: count) == 0 }

    /// A number of the range that is small as often as it is large: each doubling is as likely as the next.
    package mutating func magnitude(in range: ClosedRange<Int>) -> Int {
        var top = range.lowerBound
        var doublings = 0
        while top <= range.upperBound / 2 {
            top *= 2
            doublings += 1
        }
        let low = range.lowerBound << number(in: 0...max(0, doublings))
        return number(in: low...min(range.upperBound, max(low, low * 2 - 1)))
    }

    /// An element; nil where there is none.
    package mutating func element<Elements: Collection>(of elements: Elements) -> Elements.Element?
    {
        guard !elements.isEmpty else { return nil }
        return elements[
            elements.index(elements.startIndex, offsetBy: number(below: elements.count))]
    }

    /// So many random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
