import FuzzTargets
import Testing

extension FuzzTarget: CustomTestStringConvertible {
    public var testDescription: String { name }
}

/// A few seconds of what `make fuzz` does for hours.
struct FuzzTargetTests {
    @Test("seeds and what is near them are read without harm", arguments: FuzzTarget.all)
    func nearSeeds(_ target: FuzzTarget) throws {
        var generator = SplitMix64(state: 1)
        for seed in target.seeds {
            try target.run(seed)
            for length in 0..<min(seed.count, 300) { try target.run(Array(seed.prefix(length))) }
            for _ in 0..<300 { try target.run(mutated(seed, using: &generator)) }
        }
        for _ in 0..<300 {
            let length = Int.random(in: 0..<200, using: &generator)
            try target.run((0..<length).map { _ in .random(in: 0...255, using: &generator) })
        }
    }

    @Test("every target has a name of its own and a seed")
    func names() {
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
        #expect(FuzzTarget.all.allSatisfy { !$0.seeds.isEmpty })
    }

    private func mutated(_ seed: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...bytes.count, using: &generator)
            let chosen = UInt8.random(in: 0...255, using: &generator)
            let isInside = position < bytes.count
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where isInside: bytes[position] ^= 1 << (chosen % 8)
            case 1 where isInside:
                bytes[position] = [0, 1, 0x7f, 0x80, 0xfd, 0xff][Int(chosen % 6)]
            case 2 where isInside: bytes.remove(at: position)
            default: bytes.insert(chosen, at: position)
            }
        }
        return bytes
    }
}

/// The generator of Steele, Lea and Flood, so that each run sees the same inputs.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
