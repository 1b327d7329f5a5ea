import Glibc

/// The conditions that may narrow a macaroon: `time-before`, `ipaddr` and `iprange`.
public enum MacaroonCaveat {
    /// The condition that a macaroon is used before that time, in seconds since 1970.
    public static func timeBefore(_ seconds: UInt64) -> String {
        var time = time_t(clamping: seconds)
        var date = tm()
        gmtime_r(&time, &date)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &date)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "time-before " + String(decoding: bytes, as: UTF8.self)
    }

    /// The condition that a macaroon is used from that address; nil where it is none.
    public static func address(_ text: String) -> String? {
        bytes(ofAddress: text) == nil ? nil : "ipaddr \(text)"
    }

    /// The condition that a macaroon is used from an address in that range, as `10.0.0.0/8`; nil where it is none.
    public static func range(_ text: String) -> String? {
        let base = text.split(separator: "/").first.map(String.init) ?? ""
        return isIn(range: text, base) ? "iprange \(text)" : nil
    }

    /// A condition of that name for programs that stand between a client and the node, in lnd's form; nil where the name has
    /// other characters than letters, digits, `-` and `_`. The node itself accepts no macaroon with one: nobody would check it.
    public static func custom(_ name: String, _ condition: String) -> String? {
        let isName = name.utf8.allSatisfy {
            (48...57).contains($0) || (97...122).contains($0 | 32) || $0 == 45 || $0 == 95
        }
        guard isName, !name.isEmpty else { return nil }
        return condition.isEmpty ? "lnd-custom \(name)" : "lnd-custom \(name) \(condition)"
    }

    /// Throws unless `caveat` holds at `now` (seconds since 1970) for a client at `address`. A condition that is not
    /// known does not hold.
    static func check(_ caveat: [UInt8], now: Int64, address: String) throws(MacaroonError) {
        guard let text = String(validating: caveat, as: UTF8.self) else { throw .malformed }
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw .caveatFailed(text, reason: "caveat not recognized") }
        switch parts[0] {
        case "time-before":
            guard let end = seconds(rfc3339: parts[1]) else {
                throw .caveatFailed(text, reason: "no date")
            }
            guard now < end else { throw .caveatFailed(text, reason: "macaroon has expired") }
        case "ipaddr":
            guard let wanted = bytes(ofAddress: parts[1]), wanted == bytes(ofAddress: address)
            else {
                throw .caveatFailed(text, reason: "macaroon locked to different IP address")
            }
        case "iprange":
            guard isIn(range: parts[1], address) else {
                throw .caveatFailed(text, reason: "macaroon locked to different IP range")
            }
        default: throw .caveatFailed(text, reason: "caveat not recognized")
        }
    }

    /// The bytes of an address, one of IPv4 as mapped into IPv6, so that both spellings are equal.
    private static func bytes(ofAddress text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            return [UInt8](repeating: 0, count: 10) + [255, 255] + bytes.prefix(4)
        }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    private static func isIn(range: String, _ address: String) -> Bool {
        let parts = range.split(separator: "/").map(String.init)
        guard parts.count == 2, let base = bytes(ofAddress: parts[0]), var length = Int(parts[1]),
            let candidate = bytes(ofAddress: address)
        else { return false }
        guard (0...(parts[0].contains(":") ? 128 : 32)).contains(length) else { return false }
        if !parts[0].contains(":") { length += 96 }
        return (0..<16).allSatisfy { index in
            let bits = min(max(length - 8 * index, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
            return base[index] & mask == candidate[index] & mask
        }
    }

    /// Seconds since 1970 of, for example, `2026-01-02T03:04:05.678Z`; nil where it is no such date (RFC 3339).
    static func seconds(rfc3339 text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count,
                bytes[range].allSatisfy({ (48...57).contains($0) })
            else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        guard bytes[4] == 45, bytes[7] == 45, bytes[10] | 32 == 116, bytes[13] == 58,
            bytes[16] == 58,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var end = 19
        if bytes[end] == 46 {
            repeat { end += 1 } while end < bytes.count && (48...57).contains(bytes[end])
        }
        guard end < bytes.count else { return nil }
        var offset: Int64 = 0
        if bytes[end] | 32 == 122 {
            guard end + 1 == bytes.count else { return nil }
        } else {
            guard bytes[end] == 43 || bytes[end] == 45, end + 6 == bytes.count,
                bytes[end + 3] == 58,
                let hours = number((end + 1)..<(end + 3)),
                let minutes = number((end + 4)..<(end + 6))
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[end] == 43 ? 60 : -60)
        }
        return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    }

    /// Days from 1970-01-01 in the Gregorian calendar; years are counted from March, so that leap days come last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
    }
}
