import Bitcoin
import Testing

@Suite("Compact targets") struct CompactTargetTests {
    static let zeros = String(repeating: "0", count: 56)

    @Test(
        "compact forms stand for their targets and come back in the shortest form",
        arguments: [
            (UInt32(0x0112_3456), "00000012", UInt32(0x0112_0000)),
            (0x0212_3456, "00001234", 0x0212_3400), (0x0312_3456, "00123456", 0x0312_3456),
            (0x0412_3456, "12345600", 0x0412_3456), (0x0500_9234, "92340000", 0x0500_9234),
            (0x0200_8000, "00000080", 0x0200_8000),
        ])
    func forms(_ bits: UInt32, _ low: String, _ shortest: UInt32) throws {
        let target = try #require(CompactTarget(bits: bits).target)
        #expect(target.description == Self.zeros + low)
        #expect(CompactTarget(rounding: target).bits == shortest)
    }

    @Test(
        "zero, negative and too great targets are none",
        arguments: [
            UInt32(0), 0x0012_3456, 0x0100_3456, 0x0200_0056, 0x0300_0000, 0x0400_0000,
            0x01fe_dcba, 0x0492_3456, 0xff12_3456, 0x2101_0000, 0x2201_0100, 0x2300_0001,
        ])
    func refused(_ bits: UInt32) {
        #expect(CompactTarget(bits: bits).target == nil)
        #expect(CompactTarget(bits: bits).work == .zero)
    }

    @Test("the greatest forms that fit are read")
    func greatest() throws {
        #expect(CompactTarget(bits: 0x2200_00ff).target?.bitWidth == 256)
        #expect(CompactTarget(bits: 0x2100_ffff).target?.bitWidth == 256)
        #expect(CompactTarget(bits: 0x2012_3456).target?.bitWidth == 253)
    }

    @Test("work is the number of hashes that a target takes")
    func work() {
        #expect(CompactTarget(bits: 0x1d00_ffff).work.value == UInt256(0x1_0001_0001))
        #expect(CompactTarget(bits: 0x207f_ffff).work.value == UInt256(2))
        #expect(ChainWork(.max) + ChainWork(UInt256(1)) == ChainWork(.max))
    }
}

@Suite("256-bit numbers") struct UInt256Tests {
    @Test("sums, differences and products that do not fit are nil")
    func bounds() {
        #expect(UInt256.max.adding(UInt256(1)) == nil)
        #expect(UInt256.zero.subtracting(UInt256(1)) == nil)
        #expect(UInt256.max.multiplied(by: 2) == nil)
        #expect(UInt256(1).divided(by: UInt256.zero) == nil)
        #expect(UInt256(1).divided(by: 0 as UInt64) == nil)
    }

    @Test("arithmetic agrees with itself over many numbers")
    func identities() throws {
        for seed in 0..<200 as Range<UInt8> {
            let a = UInt256(littleEndian: SHA256.hash([seed])) >> Int(seed % 97)
            let b = UInt256(littleEndian: SHA256.hash([seed, 1])) >> (100 + Int(seed) % 150)
            let factor = b.lowWord | 1
            let quotient = try #require(a.divided(by: factor))
            let product = try #require(quotient.multiplied(by: factor))
            let rest = try #require(a.subtracting(product))
            #expect(rest < UInt256(factor))
            #expect(product.adding(rest) == a)
            #expect(a.divided(by: UInt256(factor)) == quotient)
            #expect((a >> 3) << 3 == a.subtracting(UInt256(a.lowWord & 7)))
            #expect((b << 64) >> 64 == (b.bitWidth <= 192 ? b : (b << 64) >> 64))
            #expect(UInt256(littleEndian: a.littleEndian) == a)
            #expect(a.bitWidth == 0 || (a >> (a.bitWidth - 1)) == UInt256(1))
        }
    }
}
