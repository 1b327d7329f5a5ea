import Bitcoin
import Testing

/// Headers from a height on.
private struct Headers: HeaderChain {
    var start: UInt32 = 0
    var headers: [BlockHeader]

    var tipHeight: BlockHeight { BlockHeight(start + UInt32(headers.count) - 1) }

    func header(at height: BlockHeight) -> BlockHeader? {
        let index = Int(height.value) - Int(start)
        return headers.indices.contains(index) ? headers[index] : nil
    }
}

private func header(time: UInt32, bits: UInt32, after previous: BlockHash = BlockHash(.zero))
    -> BlockHeader
{
    BlockHeader(
        version: 4, previousBlock: previous, merkleRoot: .zero, time: time, bits: bits, nonce: 0)
}

@Suite("Difficulty") struct DifficultyTests {
    @Test(
        "real adjustments of the main chain come out as they did",
        arguments: [
            (
                UInt32(1_261_130_161), UInt32(32255), UInt32(1_262_152_739), UInt32(0x1d00_ffff),
                UInt32(0x1d00_d86a)
            ),
            (1_231_006_505, 2015, 1_233_061_996, 0x1d00_ffff, 0x1d00_ffff),
            (1_279_008_237, 68543, 1_279_297_671, 0x1c05_a3f4, 0x1c01_68fd),
            (1_263_163_443, 48383, 1_269_211_443, 0x1c38_7f6f, 0x1d00_e1fd),
        ])
    func mainnet(
        _ firstTime: UInt32, _ height: UInt32, _ lastTime: UInt32, _ bits: UInt32, _ next: UInt32
    ) throws {
        var headers = [BlockHeader](repeating: header(time: lastTime, bits: bits), count: 2016)
        headers[0].time = firstTime
        let chain = Headers(start: height - 2015, headers: headers)
        #expect(try HeaderValidator(.mainnet).requiredBits(time: lastTime, after: chain) == next)
    }

    @Test("within a period the main network keeps its target, however late a block is")
    func mainnetWithinPeriod() throws {
        let chain = Headers(start: 100, headers: [header(time: 1000, bits: 0x1c05_a3f4)])
        #expect(
            try HeaderValidator(.mainnet).requiredBits(time: 1_000_000, after: chain) == 0x1c05_a3f4
        )
    }

    @Test("a test network lets a late block be easy, and returns to the regular target after it")
    func twentyMinutes() throws {
        let validator = HeaderValidator(.testnet3)
        var chain = Headers(
            start: 2016 * 3,
            headers: [
                header(time: 1000, bits: 0x1c05_a3f4), header(time: 2000, bits: 0x1c05_a3f4),
                header(time: 4000, bits: 0x1d00_ffff), header(time: 6000, bits: 0x1d00_ffff),
            ])
        #expect(try validator.requiredBits(time: 7200, after: chain) == 0x1c05_a3f4)
        #expect(try validator.requiredBits(time: 7201, after: chain) == 0x1d00_ffff)
        // The walk back ends at the start of the period even where that block was easy.
        chain.headers[0].bits = 0x1d00_ffff
        chain.headers.remove(at: 1)
        #expect(try validator.requiredBits(time: 6001, after: chain) == 0x1d00_ffff)
    }

    @Test("testnet4 adjusts from the period's first block, testnet3 from the last")
    func bip94Base() throws {
        var headers = [BlockHeader](
            repeating: header(time: 2016 * 600, bits: 0x1d00_ffff), count: 2016)
        headers[0] = header(time: 0, bits: 0x1c05_a3f4)
        let chain = Headers(start: 2016, headers: headers)
        let time: UInt32 = 2016 * 600
        #expect(
            try HeaderValidator(.testnet4).requiredBits(time: time, after: chain) == 0x1c05_a3f4)
        #expect(
            try HeaderValidator(.testnet3).requiredBits(time: time, after: chain) == 0x1d00_ffff)
    }

    @Test("regtest never adjusts")
    func regtest() throws {
        let headers = [BlockHeader](repeating: header(time: 1, bits: 0x207f_ffff), count: 2016)
        #expect(
            try HeaderValidator(.regtest).requiredBits(time: 2, after: Headers(headers: headers))
                == 0x207f_ffff)
    }
}

@Suite("Header chains") struct HeaderValidatorTests {
    /// A mined chain of `count` headers after the genesis block, ten minutes apart.
    private static func mined(_ count: Int) -> Headers {
        var chain = Headers(headers: [Network.regtest.genesisBlock.header])
        for _ in 0..<count {
            let last = chain.headers[chain.headers.count - 1]
            chain.headers.append(
                mine(header(time: last.time + 600, bits: 0x207f_ffff, after: last.hash)))
        }
        return chain
    }

    private static func mine(_ header: BlockHeader, valid: Bool = true) -> BlockHeader {
        var header = header
        while header.hasProofOfWork(on: .regtest) != valid { header.nonce += 1 }
        return header
    }

    private let validator = HeaderValidator(.regtest)
    private let now: UInt32 = 1_300_000_000

    @Test("a mined chain holds link by link, and the median of its times is that of eleven")
    func holds() throws {
        let chain = Self.mined(20)
        for count in 1...20 {
            let part = Headers(headers: Array(chain.headers[..<count]))
            try validator.check(chain.headers[count], after: part, now: now)
        }
        #expect(
            try HeaderValidator.medianTimePast(of: chain) == chain.headers[15].time)
        #expect(
            try HeaderValidator.medianTimePast(of: Headers(headers: Array(chain.headers[..<2])))
                == chain.headers[1].time)
    }

    @Test("each rule that a header breaks is named")
    func breaks() throws {
        let chain = Self.mined(12)
        let last = chain.headers[12]
        let good = header(time: last.time + 600, bits: 0x207f_ffff, after: last.hash)
        try validator.check(Self.mine(good), after: chain, now: now)

        var bad = good
        bad.previousBlock = chain.headers[3].hash
        #expect(
            throws: HeaderError.wrongPreviousBlock(
                expected: last.hash, actual: chain.headers[3].hash)
        ) { try validator.check(bad, after: chain, now: now) }

        bad = Self.mine(good, valid: false)
        #expect(throws: HeaderError.insufficientWork(bad.hash)) {
            try validator.check(bad, after: chain, now: now)
        }

        bad = good
        bad.bits = 0x207f_fffe
        #expect(throws: HeaderError.wrongBits(expected: 0x207f_ffff, actual: 0x207f_fffe)) {
            try validator.check(bad, after: chain, now: now)
        }

        let median = try HeaderValidator.medianTimePast(of: chain)
        bad = good
        bad.time = median
        #expect(throws: HeaderError.timeTooOld(median: median, actual: median)) {
            try validator.check(bad, after: chain, now: now)
        }
        bad.time = median + 1
        try validator.check(Self.mine(bad), after: chain, now: now)

        #expect(throws: HeaderError.timeTooNew(limit: good.time - 1, actual: good.time)) {
            try validator.check(good, after: chain, now: good.time - 7201)
        }
        try validator.check(Self.mine(good), after: chain, now: good.time - 7200)

        bad = good
        bad.version = 3
        #expect(throws: HeaderError.obsoleteVersion(minimum: 4, actual: 3)) {
            try validator.check(bad, after: chain, now: now)
        }
        #expect(throws: HeaderError.missingHeader(BlockHeight(2))) {
            try validator.check(good, after: Headers(start: 3, headers: [last]), now: now)
        }
    }

    @Test("testnet4 refuses a period's first block that is more than ten minutes early")
    func timeWarp() throws {
        var headers = [BlockHeader](
            repeating: header(time: 100_000, bits: 0x1d00_ffff), count: 2016)
        headers[2015].time = 200_000
        headers[0].time = 0
        let chain = Headers(headers: headers)
        let bits = try HeaderValidator(.testnet4).requiredBits(time: 199_399, after: chain)
        let early = header(time: 199_399, bits: bits, after: headers[2015].hash)
        #expect(throws: HeaderError.timeWarp(earliest: 199_400, actual: 199_399)) {
            try HeaderValidator(.testnet4).check(early, after: chain, now: now)
        }
        // The main network has no such rule: there the header fails for its work alone.
        #expect(throws: HeaderError.insufficientWork(early.hash)) {
            try HeaderValidator(.testnet3).check(early, after: chain, now: now)
        }
    }
}
