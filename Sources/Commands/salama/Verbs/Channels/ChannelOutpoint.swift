import Bitcoin
import JSON
import LightningWire

/// The funding output by which the node's interface names a channel.
struct ChannelOutpoint: Equatable {
    let id: TransactionID
    let index: UInt32

    /// `TXID:INDEX`; nil where the text is none.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = TransactionID(String(parts[0])),
            let index = UInt32(parts[1])
        else { return nil }
        self.init(id: id, index: index)
    }

    init(id: TransactionID, index: UInt32) {
        self.id = id
        self.index = index
    }

    var text: String { "\(id):\(index)" }

    /// The two last parts of a path.
    var path: String { "\(id)/\(index)" }

    var json: JSONValue {
        ["funding_txid_str": .string(id.description), "output_index": .integer(index)]
    }

    static let flags: [Flag] = [
        .value("funding_txid", "TXID", "the channel's funding transaction"),
        .value("output_index", "INDEX", "the channel's output of it (default: 0)"),
        .value("chan_point", "TXID:INDEX", "both in one"),
    ]

    static let positionals = [
        Positional(
            name: "CHANNEL", help: "the funding TXID, TXID:INDEX, or BLOCKxTXxOUTPUT",
            isOptional: true),
        Positional(name: "INDEX", help: "the output's index after a TXID", isOptional: true),
    ]

    /// The channel that the arguments name; one that they name by its short id is looked up.
    static func named(
        by words: inout Words, _ client: () throws -> NodeClient
    ) throws -> ChannelOutpoint {
        if let text = words.arguments.value("chan_point") { return try parsed(text) }
        let text = try words.require("funding_txid", "the channel, as TXID:INDEX or 103x1x0")
        if let point = ChannelOutpoint(text) { return point }
        if let id = TransactionID(text) {
            let index = try words.integer("output_index", in: 0...UInt32.max)
            return ChannelOutpoint(id: id, index: index ?? 0)
        }
        guard text.contains("x") || UInt64(text) != nil else { return try parsed(text) }
        return try lookedUp(shortChannelID(text), try client())
    }

    static func parsed(_ text: String) throws(UsageError) -> ChannelOutpoint {
        guard let point = ChannelOutpoint(text) else {
            throw UsageError(
                "a channel is TXID:INDEX or BLOCKxTXxOUTPUT, as `salama listchannels` has it, not"
                    + " `\(text)`")
        }
        return point
    }

    private static func lookedUp(
        _ id: ShortChannelID, _ client: NodeClient
    ) throws -> ChannelOutpoint {
        let channel = try client.get("/v1/channels").list("channels").first { channel in
            channel.text("chan_id") == "\(id.value)"
                || channel.list("alias_scids").contains(.string("\(id.value)"))
        }
        guard let point = channel.flatMap({ ChannelOutpoint($0.text("channel_point")) }) else {
            throw CommandFailure("the node has no open channel \(id): see `salama listchannels`")
        }
        return point
    }
}

/// A transaction's id as people read it, from the bytes in an answer, which come last first.
func transactionText(ofBase64 text: String) -> String {
    Base64.decode(text).map { Hex.encode(Array($0.reversed())) } ?? text
}

/// The outpoint of an answer that has its transaction as text or as bytes.
func channelPointText(_ point: JSONValue?) -> String {
    guard let point else { return "" }
    let text = point.text("funding_txid_str")
    let id = text.isEmpty ? transactionText(ofBase64: point.text("funding_txid_bytes")) : text
    return "\(id):\(point.number("output_index"))"
}
