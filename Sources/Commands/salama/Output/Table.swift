/// Rows of text in columns that line up.
struct Table {
    /// A column's heading and the side that its cells keep to.
    struct Column {
        let heading: String
        let isRight: Bool

        static func left(_ heading: String) -> Column { Column(heading: heading, isRight: false) }
        static func right(_ heading: String) -> Column { Column(heading: heading, isRight: true) }
    }

    private let columns: [Column]
    private var rows: [(cells: [String], below: [String])] = []

    init(_ columns: [Column]) { self.columns = columns }

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row; cells beyond the columns are left out. What is too long for a column stands `below` it, each in a line.
    mutating func add(_ cells: [String], below: [String] = []) { rows.append((cells, below)) }

    /// The table with its headings.
    var text: String {
        let lines = [(cells: columns.map(\.heading), below: [])] + rows
        let widths = columns.indices.map { index in
            lines.map { index < $0.cells.count ? $0.cells[index].count : 0 }.max() ?? 0
        }
        return lines.map { cells, below in
            var line = ""
            for (index, column) in columns.enumerated() {
                let cell = index < cells.count ? cells[index] : ""
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                line +=
                    (index == 0 ? "" : "  ") + (column.isRight ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n" + below.map { "  \($0)\n" }.joined()
        }.joined()
    }
}

/// A whole number with thousands marks: `1,234,567`.
func grouped(_ number: some BinaryInteger) -> String {
    let digits = Array(String(number.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
}

/// A bar of up to `width` cells for a share of a whole.
func bar(_ part: UInt64, of whole: UInt64, width: Int = 20) -> String {
    guard whole > 0 else { return "" }
    let eighths = Int(
        part.multipliedFullWidth(by: UInt64(width * 8)).high == 0
            ? part * UInt64(width * 8) / whole : UInt64(width * 8))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
}
