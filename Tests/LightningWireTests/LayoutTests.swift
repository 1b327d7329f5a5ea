import FoundationEssentials
import LightningWire
import TestSupport
import Testing

/// The codecs' own account of the wire format beside the specification's tables, which `scripts/spec-layouts` derived.
@Suite("Layouts against the specification") struct LayoutTests {
    struct Table: Decodable {
        struct MessageTable: Decodable {
            let type: UInt16
            let fields: [[String]]
        }
        struct RecordTable: Decodable {
            let type: UInt64
            let name: String
            let fields: [[String]]
        }
        let messages: [String: MessageTable]
        let streams: [String: [RecordTable]]
    }

    static let table: Table? = {
        let file = PackageFiles.root.appending(path: "Tests/Vectors/wire-layouts.json")
        return (try? Data(contentsOf: file)).flatMap {
            try? JSONDecoder().decode(Table.self, from: $0)
        }
    }()

    /// Types that are written alike, whatever the table calls them.
    static func wireForm(_ type: String) -> String {
        let parts = type.split(separator: "*", maxSplits: 1).map(String.init)
        let element = parts[parts.count - 1]
        let form =
            switch element {
            case "u8": "byte"
            case "channel_id", "sha256", "chain_hash": "32*byte"
            // Streams of BOLT 12 inside a record, which are read where they are needed.
            case "tlv_invoice_request", "tlv_invoice", "tlv_invoice_error": "...*byte"
            default: element
            }
        return parts.count == 1 ? form : parts[0] + "*" + form
    }

    static func lines(_ fields: [[String]]) -> [String] {
        fields.map { "\(wireForm($0[0])) \($0[1])" }
    }

    static func lines(_ fields: [FieldLayout]) -> [String] {
        fields.map { "\(wireForm($0.type)) \($0.name)" }
    }

    /// A stream that the specification mentions as the last field of a message's table.
    static func streamName(in fields: [[String]], of table: Table) -> String? {
        fields.last.flatMap { table.streams[$0[0]] == nil ? nil : $0[0] }
    }

    @Test("every message of the specification has a codec with the same type, and no other has one")
    func messagesAreComplete() throws {
        let table = try #require(Self.table)
        let ours = Dictionary(
            uniqueKeysWithValues: Message.all.map { ("\($0.name)", $0.type) })
        #expect(ours == table.messages.mapValues(\.type))
        #expect(Message.all.count == 50)
    }

    @Test(
        "fields stand in the specification's order, with its types and names",
        arguments: Message.all.map { "\($0.name)" })
    func fields(name: String) throws {
        let table = try #require(Self.table)
        let expected = try #require(table.messages[name])
        let type = try #require(Message.all.first { "\($0.name)" == name })
        let stream = Self.streamName(in: expected.fields, of: table)
        let fields = stream == nil ? expected.fields : Array(expected.fields.dropLast())
        // Gossip is signed together with what follows it, which is kept as bytes instead of as a stream.
        let ours = Self.lines(type.layout.fields).filter { $0 != "...*byte extension" }
        #expect(ours == Self.lines(fields))
        if let stream { #expect(type.layout.tlvs?.name == stream) }
    }

    @Test("records of streams have the specification's types, names and fields")
    func streams() throws {
        let table = try #require(Self.table)
        let onions = [
            StreamLayout(of: PaymentPayload.self), StreamLayout(of: RecipientData.self),
            StreamLayout(of: OnionMessagePayload.self),
        ]
        let ours =
            Message.all.compactMap { $0.layout.tlvs }.filter { $0.name != "extension" } + onions
        for layout in ours {
            let expected = try #require(table.streams[layout.name], "\(layout.name)")
            #expect(layout.records.map(\.type) == expected.map(\.type), "\(layout.name)")
            #expect(layout.records.map(\.name) == expected.map(\.name), "\(layout.name)")
            for (own, other) in zip(layout.records, expected) {
                #expect(Self.lines(own.fields) == Self.lines(other.fields), "\(layout.name)")
            }
        }
        // The examples of BOLT 1 are no part of the protocol.
        let others: Set = ["n1", "n2"]
        #expect(Set(ours.map(\.name)) == Set(table.streams.keys).subtracting(others))
    }
}
