import CQREncode

/// A square of dark and light modules that a camera reads (ISO/IEC 18004).
struct QRCode {
    /// How many modules a side has, without the quiet zone.
    let width: Int
    private let modules: [Bool]

    /// The light margin, in modules, that readers need on every side.
    private static let quietZone = 4

    /// The smallest code of a text, with the lowest correction of errors: screens do not get dirty. Nil where the text is
    /// empty or too long for any.
    init?(_ text: String) {
        // Version 0 is the smallest that does.
        guard !text.isEmpty, let code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1)
        else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        self.width = width
        // The lowest bit is the colour, the others tell what the module is for.
        modules = (0..<width * width).map { code.pointee.data[$0] & 1 == 1 }
    }

    /// How many columns of a terminal it takes.
    var columns: Int { width + 2 * Self.quietZone }

    /// Whether a module is dark; those around the code are light.
    func isDark(row: Int, column: Int) -> Bool {
        let sides = 0..<width
        return sides.contains(row) && sides.contains(column) && modules[row * width + column]
    }

    /// The code in half blocks, two rows of modules to a line.
    ///
    /// With colours it is black on white whatever the terminal's own are. Without, light modules are drawn, as terminals
    /// are mostly dark; cameras read it inverted, too.
    func text(isColored: Bool) -> String {
        let span = -Self.quietZone..<width + Self.quietZone
        return stride(from: span.lowerBound, to: span.upperBound, by: 2).map { row in
            let line = span.map { column in
                Self.cell(
                    upper: isDark(row: row, column: column),
                    lower: isDark(row: row + 1, column: column), drawsDark: isColored)
            }.joined()
            return isColored ? "\u{1b}[38;5;16;48;5;231m\(line)\u{1b}[0m\n" : line + "\n"
        }.joined()
    }

    private static func cell(upper: Bool, lower: Bool, drawsDark: Bool) -> String {
        switch (upper == drawsDark, lower == drawsDark) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}

extension QRCode {
    static let flag = Flag.toggle(
        "qr", "draw a QR code; on a terminal it is drawn unless --qr=false is given")

    /// The code of `text` where it is wanted: asked for with `--qr`, or not refused on a terminal; empty otherwise.
    static func drawing(_ text: String, _ arguments: Arguments) -> String {
        let isAsked = arguments.isSet("qr")
        guard isAsked || (Terminal.isOutput && arguments.value("qr") == nil) else { return "" }
        guard let code = QRCode(text) else { return "" }
        if let width = Terminal.width, code.columns > width {
            return "(The QR code needs \(code.columns) columns; this terminal has \(width).)\n"
        }
        return code.text(isColored: Terminal.hasColors)
    }

    /// What a QR code holds for an invoice, in capitals, which take less room.
    static func payload(ofInvoice invoice: String) -> String { "LIGHTNING:" + invoice.uppercased() }

    /// What a QR code holds for an address (BIP 21), in capitals where the address has no case of its own (BIP 173).
    static func payload(ofAddress address: String) -> String {
        let isBech32 = ["bc1", "tb1", "bcrt1"].contains { address.lowercased().hasPrefix($0) }
        return isBech32 ? "BITCOIN:" + address.uppercased() : "bitcoin:" + address
    }
}
