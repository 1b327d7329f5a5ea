import Bitcoin
import FoundationEssentials
import LightningWire
import TestSupport
import Testing

/// BOLT 1, appendix D.
@Suite("Signed integers of BOLT 1") struct SignedIntegerVectors {
    static let file = VectorFile("bolt/bolt01-appendix-d-signed-integers.txt")

    struct Case: Decodable {
        let value: Int64
        let bytes: String
    }

    @Test(
        "numbers are written in two's complement, in the width of their bytes",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let text = try Self.file.text()
        let block = text.split(separator: "```json\n")[1].split(separator: "```")[0]
        let cases = try JSONDecoder().decode([Case].self, from: Data(block.utf8))
        let count = text.split(separator: "\n").count { $0.contains("\"bytes\"") }
        var passed = 0
        for item in cases {
            let bytes = try Hex.decode(item.bytes)
            var reader = ByteReader(bytes.span.bytes)
            var writer = ByteWriter()
            let value: Int64
            switch bytes.count {
            case 1:
                value = Int64(try reader.readBigEndian(Int8.self))
                writer.writeBigEndian(Int8(item.value))
            case 2:
                value = Int64(try reader.readBigEndian(Int16.self))
                writer.writeBigEndian(Int16(item.value))
            case 4:
                value = Int64(try reader.readBigEndian(Int32.self))
                writer.writeBigEndian(Int32(item.value))
            default:
                value = try reader.readBigEndian()
                writer.writeBigEndian(item.value)
            }
            #expect(value == item.value && writer.bytes == bytes)
            passed += value == item.value && writer.bytes == bytes ? 1 : 0
        }
        #expect(cases.count == count && count == 23)
        Self.file.record(cases: count, run: cases.count, passed: passed)
    }
}
