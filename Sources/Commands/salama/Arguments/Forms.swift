import Bitcoin
import JSON
import LightningWire

// How people write what the node's interface has in other forms.

/// A node's public key from 66 hexadecimal digits.
func nodeKey(_ text: String) throws(UsageError) -> String {
    guard let bytes = try? Hex.decode(text), bytes.count == 33, [2, 3].contains(bytes[0]) else {
        throw UsageError(
            "a node's key is 66 hexadecimal digits that begin with 02 or 03, not `\(text)`")
    }
    return Hex.encode(bytes)
}

/// Hexadecimal digits of `count` bytes, as the interface takes bytes in JSON.
func base64(ofHex text: String, count: Int, named name: String) throws(UsageError) -> JSONValue {
    .string(Base64.encode(try bytes(ofHex: text, count: count, named: name)))
}

/// Bytes from hexadecimal digits.
func bytes(ofHex text: String, count: Int, named name: String) throws(UsageError) -> [UInt8] {
    guard let bytes = try? Hex.decode(text), bytes.count == count else {
        throw UsageError("\(name) is \(count * 2) hexadecimal digits, not `\(text)`")
    }
    return bytes
}

/// A short channel id, written as the number that lnd has or as `539268x845x1` (or with colons).
func shortChannelID(_ text: String) throws(UsageError) -> ShortChannelID {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let spelt = parts.count == 3 ? parts.joined(separator: "x") : text
    guard let id = UInt64(text).map(ShortChannelID.init) ?? ShortChannelID(spelt) else {
        throw UsageError("a channel id is a number or BLOCKxTXxOUTPUT, not `\(text)`")
    }
    return id
}

/// The number of a short channel id, as the interface takes it.
func channelNumber(_ text: String) throws(UsageError) -> JSONValue {
    .string("\(try shortChannelID(text).value)")
}

/// A short channel id as people read it, from the node's number; a dash where there is none yet.
func channelText(_ number: String) -> String {
    guard let value = UInt64(number), value > 0 else { return "-" }
    return ShortChannelID(value).description
}

/// Whole seconds from a duration as Go writes them (`90s`, `1m30s`, `2h`), or from a number of seconds.
func seconds(_ text: String, named name: String) throws(UsageError) -> Int64 {
    let failure = UsageError("\(name) is a time as in 30s, 1m30s or 2h, not `\(text)`")
    if let plain = Int64(text), plain >= 0 { return plain }
    let units: [Character: Int64] = ["h": 3_600, "m": 60, "s": 1]
    var total: Int64 = 0
    var digits = ""
    for character in text {
        if character.isASCII, character.isNumber {
            digits.append(character)
            continue
        }
        guard let unit = units[character], let count = Int64(digits), count < 1 << 32 else {
            throw failure
        }
        total += count * unit
        digits = ""
    }
    guard digits.isEmpty, !text.isEmpty else { throw failure }
    return total
}

/// Seconds since 1970, from such a number or from a time before `now`: `-30m`, `-1w` (s, m, h, d, w, M, y as in lncli).
func moment(_ text: String, now: UInt64, named name: String) throws(UsageError) -> UInt64 {
    if let plain = UInt64(text) { return plain }
    // A month is 30.44 days and a year 365.25.
    let units: [Character: UInt64] = [
        "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 2_630_016, "y": 31_557_600,
    ]
    guard text.hasPrefix("-"), let last = text.last, let unit = units[last],
        let count = UInt64(text.dropFirst().dropLast()), count < 1 << 32
    else {
        throw UsageError("\(name) is seconds since 1970 or as in -30m, -1d or -1w, not `\(text)`")
    }
    return now - min(now, count * unit)
}

/// Millionths from a decimal fraction such as `0.000001`, exactly; refused where it has more digits than that.
func millionths(_ text: String, named name: String) throws(UsageError) -> UInt32 {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    guard let whole = UInt32(parts[0]), whole < 1_000, fraction.count <= 6,
        let rest = UInt32(
            fraction + String(repeating: "0", count: 6 - fraction.count))
    else {
        throw UsageError("\(name) is a fraction with up to six digits as in 0.0001, not `\(text)`")
    }
    return whole * 1_000_000 + rest
}

/// A list or an object in JSON that a person typed.
func typedJSON(_ text: String, named name: String) throws(UsageError) -> JSONValue {
    guard let value = try? JSONValue(parsing: Array(text.utf8)) else {
        throw UsageError("\(name) is no JSON: `\(text)`")
    }
    return value
}
