import Bitcoin
import JSON
import NodeRuntime

/// An outpoint as people write it, from the node's answer.
func outPointText(_ outPoint: JSONValue?) -> String {
    guard let outPoint else { return "" }
    return "\(outPoint.text("txid_str")):\(outPoint.number("output_index"))"
}

/// An outpoint as the node reads it, from what a person wrote.
func outPointBody(_ text: String) throws(UsageError) -> JSONValue {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = TransactionID(String(parts[0])), let index = UInt32(parts[1])
    else {
        throw UsageError("an outpoint is TXID:INDEX with 64 hexadecimal digits, not `\(text)`")
    }
    return ["txid_str": .string(id.description), "output_index": .integer(index)]
}

/// An outpoint that must be given.
func requiredOutPoint(_ text: String?) throws(UsageError) -> JSONValue {
    guard let text else { throw UsageError("the outpoint is missing: TXID:INDEX") }
    return try outPointBody(text)
}

/// A time in seconds since 1970, as `2026-01-31 23:59:59`.
func dateText(_ seconds: Int64) -> String {
    String(WallClock(seconds: UInt64(max(0, seconds))).text.dropLast(4))
}

/// Hexadecimal digits of bytes that came as Base64.
func hexOfBase64(_ text: String) -> String { Base64.decode(text).map { Hex.encode($0) } ?? text }

/// The name of a lease as the node reads it, from `--lockid`; nil where none is given.
func lockID(_ arguments: Arguments) throws(UsageError) -> JSONValue? {
    guard let text = arguments.value("lockid") else { return nil }
    guard let id = try? Hex.decode(text), id.count == 32 else {
        throw UsageError("--lockid is 64 hexadecimal digits, not `\(text)`")
    }
    return .string(Base64.encode(id))
}

/// Bytes as the node reads them, from hexadecimal digits.
func bytesBody(_ text: String?, named name: String) throws(UsageError) -> JSONValue {
    guard let bytes = text.flatMap({ try? Hex.decode($0) }), !bytes.isEmpty else {
        throw UsageError("\(name) is hexadecimal digits, not `\(text ?? "")`")
    }
    return .string(Base64.encode(bytes))
}
