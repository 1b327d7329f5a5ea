import Bitcoin
import TestSupport
import Testing

@Suite("Block filter vectors") struct BlockFilterVectors {
    static let shared = VectorFile("bitcoin/blockfilters.json")

    @Test(
        "Bitcoin Core's filters and headers come out",
        .enabled(if: shared.isPresent, "shared/vectors is not there"))
    func sharedVectors() throws {
        // The first row names the columns.
        let cases = try #require(Self.shared.json().array).dropFirst()
        var (run, passed) = (0, 0)
        for row in cases {
            let spent = try #require(row[3]?.array).map { try Script(hex: $0.text()) }
            run += 1
            let isRight = try Self.holds(
                block: try #require(row[2]?.string), spent: spent,
                previousHeader: try #require(row[4]?.string), filter: try #require(row[5]?.string),
                header: try #require(row[6]?.string))
            #expect(isRight, "\(row)")
            passed += isRight ? 1 : 0
        }
        #expect(run == 10)
        Self.shared.record(cases: cases.count, run: run, passed: passed)
    }

    @Test("the filters and headers of BIP 158 come out")
    func ownVectors() throws {
        for row in try OwnVectors("blockfilters.json").cases("cases", count: 10) {
            let spent = try #require(row["spent"]?.array).map { try Script(hex: $0.text()) }
            #expect(
                try Self.holds(
                    block: row.text("block"), spent: spent,
                    previousHeader: row.text("previousHeader"), filter: row.text("filter"),
                    header: row.text("header")))
        }
    }

    private static func holds(
        block: String, spent: [Script], previousHeader: String, filter: String, header: String
    ) throws -> Bool {
        let block = try Block(decoding: Hex.decode(block))
        let built = BlockFilter(block, spent: spent)
        let read = try BlockFilter(decoding: Hex.decode(filter), blockHash: block.hash)
        let scripts =
            block.transactions.flatMap(\.outputs).map(\.scriptPubKey)
            .filter { $0.bytes.first != 0x6a && !$0.isEmpty } + spent.filter { !$0.isEmpty }
        let made = built.header(after: try Hash256(hex: previousHeader).reversed).reversed.hex
        return built == read && made == header
            && scripts.allSatisfy { read.mayContain(anyOf: [$0]) }
    }
}

@Suite("Block filters") struct BlockFilterTests {
    private static func block(_ scripts: [Script]) -> Block {
        var block = Network.regtest.genesisBlock
        block.transactions[0].outputs = scripts.map {
            TransactionOutput(amount: Satoshi(1), scriptPubKey: $0)
        }
        return block
    }

    private static func script(_ number: Int) -> Script {
        .payToWitnessScriptHash(SHA256.hash(Array("\(number)".utf8)))
    }

    @Test("every script of a block matches, and hardly any other")
    func matching() {
        let scripts = (0..<500).map(Self.script)
        let filter = BlockFilter(Self.block(scripts), spent: [Self.script(-1)])
        #expect(filter.count == 501)
        for number in -1..<500 { #expect(filter.mayContain(anyOf: [Self.script(number)])) }
        #expect(!filter.mayContain(anyOf: (500..<550).map(Self.script)))
        #expect(filter.mayContain(anyOf: (499..<550).map(Self.script)))
        #expect(!filter.mayContain(anyOf: []))
    }

    @Test("null data, empty scripts and repetitions are left out")
    func leftOut() {
        let scripts = [Script(), .nullData([1]), Self.script(1), Self.script(1)]
        let filter = BlockFilter(Self.block(scripts), spent: [Script(), Self.script(1)])
        #expect(filter.count == 1)
        #expect(!filter.mayContain(anyOf: [.nullData([1])]))
        let empty = BlockFilter(Self.block([.nullData([1])]), spent: [])
        #expect(empty.bytes == [0])
        #expect(!empty.mayContain(anyOf: scripts))
    }

    @Test("a filter that is cut, claims too much or goes on after its end is refused")
    func damaged() throws {
        let filter = BlockFilter(Self.block((0..<20).map(Self.script)), spent: [])
        #expect(try BlockFilter(decoding: filter.bytes, blockHash: filter.blockHash) == filter)
        for bytes in [
            Array(filter.bytes.dropLast()), filter.bytes + [0], filter.bytes + [1], [],
            [0xfe, 0xff, 0xff, 0xff, 0x01], [0, 0], [1, 0xff, 0xff],
        ] {
            #expect(throws: DecodeError.self) {
                try BlockFilter(decoding: bytes, blockHash: filter.blockHash)
            }
        }
    }
}
