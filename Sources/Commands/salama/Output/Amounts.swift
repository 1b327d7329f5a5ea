import JSON

/// An amount of thousandths of a satoshi in satoshi: `1,234.567`; without a point where it is whole.
func millisatoshis(_ amount: Int64) -> String {
    let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000)
    let digits = String(rest)
    let fraction = rest == 0 ? "" : "." + String(repeating: "0", count: 3 - digits.count) + digits
    return (amount < 0 ? "-" : "") + grouped(whole) + fraction
}

/// A share in percent with as many digits as it needs to be seen: `0.1 %`, `12 %`; empty of nothing.
func percent(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0, part >= 0 else { return "" }
    let (hundredths, overflow) = part.multipliedReportingOverflow(by: 10_000)
    guard !overflow else { return "" }
    let rounded = (hundredths + whole / 2) / whole
    if rounded == 0 { return part == 0 ? "0 %" : "less than 0.01 %" }
    if rounded >= 1_000 { return "\(rounded / 100) %" }
    let fraction = String(rounded % 100 + 100).dropFirst()
    return "\(rounded / 100).\(fraction.last == "0" ? fraction.prefix(1) : fraction) %"
}

/// What lies on each side of a channel: this side's part full, the other's shaded.
func balanceBar(_ local: Int64, _ remote: Int64, width: Int = 12) -> String {
    let (mine, theirs) = (UInt64(max(0, local)), UInt64(max(0, remote)))
    let (whole, overflow) = mine.addingReportingOverflow(theirs)
    guard whole > 0, !overflow, whole <= UInt64.max / UInt64(width) else { return "" }
    let filled = Int((mine * UInt64(width) + whole / 2) / whole)
    // Something is never shown as nothing.
    let cells = mine > 0 && theirs > 0 ? min(max(filled, 1), width - 1) : filled
    return String(repeating: "█", count: cells) + String(repeating: "░", count: width - cells)
}

/// A node's key, short enough for a table.
func shortKey(_ key: String) -> String { key.count > 12 ? key.prefix(10) + "…" : key }

/// What a node is called in a table: its alias, or else the beginning of its key.
func nodeName(_ alias: String, _ key: String, width: Int = 16) -> String {
    // An alias is whatever its owner wrote: nothing in it may move the cursor.
    let printable = printable(alias)
    guard !printable.isEmpty else { return shortKey(key) }
    return printable.count > width ? printable.prefix(width - 1) + "…" : printable
}

/// Text from a stranger without what could steer the terminal.
func printable(_ text: String) -> String {
    String(
        text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
                " "
            default: Character(scalar)
            }
        }
    ).trimmed
}

extension String {
    /// The text without blanks at its ends.
    fileprivate var trimmed: String {
        var rest = self[...].drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
