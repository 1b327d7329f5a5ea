import Bitcoin
import FoundationEssentials
import LightningWire
import TestSupport
import Testing

/// The streams that BOLT 1 makes up for its examples.
struct ExampleStream1: TLVStream {
    struct Record3: TLVStructure {
        var nodeID = Point.blank
        var amount1: UInt64 = 0
        var amount2: UInt64 = 0

        mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
            try coder.field("node_id", &nodeID)
            try coder.field("amount_msat_1", &amount1)
            try coder.field("amount_msat_2", &amount2)
        }
    }

    static var name: StaticString { "n1" }
    var amount: UInt64?
    var shortChannelID: ShortChannelID?
    var record3: Record3?
    var cltvDelta: UInt16?
    var unknownRecords: [TLVRecord] = []

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(1, "tlv1", truncated: "amount_msat", &amount)
        try coder.record(2, "tlv2", field: "scid", &shortChannelID)
        try coder.record(3, "tlv3", structure: &record3)
        try coder.record(254, "tlv4", field: "cltv_delta", &cltvDelta)
    }
}

struct ExampleStream2: TLVStream {
    static var name: StaticString { "n2" }
    var amount: UInt64?
    var cltvExpiry: UInt32?
    var unknownRecords: [TLVRecord] = []

    mutating func code<C: TLVCoder>(_ coder: inout C) throws(WireError) {
        try coder.record(0, "tlv1", truncated: "amount_msat", &amount)
        try coder.record(11, "tlv2", truncated: "cltv_expiry", &cltvExpiry)
    }
}

/// BOLT 1, appendices A to C.
@Suite("Encodings of BOLT 1") struct EncodingVectors {
    static let file = VectorFile("bolt/bolt01-appendix-a-bigsize-tlv.txt")

    struct BigSizeCase: Decodable {
        let name: String
        let value: UInt64
        let bytes: String
        let expectedError: String?

        enum CodingKeys: String, CodingKey {
            case name, value, bytes
            case expectedError = "exp_error"
        }
    }

    /// A stream of the text: its bytes, whether it is valid, in which namespaces, and what the text says of it.
    struct StreamCase {
        var bytes: [UInt8]
        var isValid: Bool
        var namespaces: Set<String>
        var note: String
    }

    static func streamCases(_ text: String) throws -> [StreamCase] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var namespaces: Set<String> = []
        var cases: [StreamCase] = []
        for (index, line) in lines.enumerated() {
            if line.contains("ollowing TLV streams in") {
                let named = Set(["n1", "n2"].filter { line.contains("`\($0)`") })
                namespaces = named.isEmpty ? ["n1", "n2"] : named
            }
            guard line.hasPrefix("1. Valid stream: 0x") || line.hasPrefix("1. Invalid stream: 0x")
            else { continue }
            let digits = line.drop { $0 != "x" }.dropFirst().filter { $0 != " " }
            // The value of one stream, which is cut off, has half a byte at its end.
            let whole = digits.prefix(digits.count / 2 * 2)
            cases.append(
                StreamCase(
                    bytes: try Hex.decode(whole), isValid: line.hasPrefix("1. Valid"),
                    namespaces: namespaces, note: String(lines[index + 1].dropFirst(3))))
        }
        return cases
    }

    @Test(
        "all vectors of appendices A to C give what the specification says",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let text = try Self.file.text()
        var (run, passed) = (0, 0)
        func check(_ name: String, _ isRight: Bool) {
            run += 1
            passed += isRight ? 1 : 0
            #expect(isRight, "\(name)")
        }
        try bigSize(text, check)
        try streams(text, check)
        extensions(check)
        // Counted apart from the loops: BigSize cases, streams, and the messages of appendix C.
        let lines = text.split(separator: "\n")
        let cases =
            lines.count { $0.contains("\"name\":") }
            + lines.count { $0.contains("alid stream: 0x") }
            + lines.count { $0.hasPrefix("- `0x") }
        #expect(run == cases)
        #expect(cases == 25 + 58 + 5)
        Self.file.record(cases: cases, run: run, passed: passed)
    }

    func bigSize(_ text: String, _ check: (String, Bool) -> Void) throws {
        let blocks = text.split(separator: "```json\n").dropFirst().prefix(2).map { block in
            block.split(separator: "```")[0]
        }
        try #require(blocks.count == 2)
        let decoder = JSONDecoder()
        for item in try decoder.decode([BigSizeCase].self, from: Data(blocks[0].utf8)) {
            let bytes = try Hex.decode(item.bytes)
            var reader = ByteReader(bytes.span.bytes)
            let value = try? reader.readBigSize()
            check(item.name, value == (item.expectedError == nil ? item.value : nil))
        }
        for item in try decoder.decode([BigSizeCase].self, from: Data(blocks[1].utf8)) {
            var writer = ByteWriter()
            writer.writeBigSize(item.value)
            check(item.name, Hex.encode(writer.bytes) == item.bytes)
        }
    }

    func streams(_ text: String, _ check: (String, Bool) -> Void) throws {
        for item in try Self.streamCases(text) {
            let first = try? ExampleStream1(decoding: item.bytes)
            let second = try? ExampleStream2(decoding: item.bytes)
            var isRight = true
            if item.namespaces.contains("n1") {
                isRight = (first != nil) == item.isValid
                if let first, item.isValid {
                    isRight = first.encoded == item.bytes && Self.describe(first) == item.note
                }
            }
            if item.namespaces.contains("n2") {
                isRight = isRight && (second != nil) == item.isValid
            }
            check("\(Hex.encode(item.bytes)): \(item.note)", isRight)
        }
    }

    /// The values as the text of the vectors writes them.
    static func describe(_ stream: ExampleStream1) -> String {
        if let amount = stream.amount { return "Values: `tlv1` `amount_msat`=\(amount)" }
        if let id = stream.shortChannelID { return "Values: `tlv2` `scid`=\(id)" }
        if let value = stream.record3 {
            return "Values: `tlv3` `node_id`=\(value.nodeID) `amount_msat_1`=\(value.amount1) "
                + "`amount_msat_2`=\(value.amount2)"
        }
        if let delta = stream.cltvDelta { return "Values: `tlv4` `cltv_delta`=\(delta)" }
        return stream.unknownRecords.isEmpty
            ? "Explanation: empty message" : "Explanation: Unknown odd type."
    }

    func extensions(_ check: (String, Bool) -> Void) {
        let messages = [
            ("001000000000", true), ("001000000000c9012acb0104", true),
            ("00100000000001", false), ("001000000000ca012a", false),
            ("001000000000c90101c90102", false),
        ]
        for (hex, isValid) in messages {
            let bytes = (try? Hex.decode(hex)) ?? []
            let message = try? Message(decoding: bytes)
            check(hex, isValid ? message?.encoded == bytes : message == nil)
        }
    }
}
