import JSON

/// How the demo tells its story: what happens in a sentence, and below it the figures of this run.
///
/// Unchecked sendability: one thread tells the story; what others call changes nothing.
final class Narration: @unchecked Sendable {
    /// The facts for programs.
    var facts: JSONObject = ["ok": false]
    private let isJSON: Bool
    private let isColored: Bool
    private let begin = ContinuousClock.now

    /// With `isJSON` the story goes to standard error, and the facts alone to standard output.
    init(isJSON: Bool) {
        self.isJSON = isJSON
        isColored = !isJSON && Terminal.hasColors
    }

    /// Tells what happened.
    func tell(_ sentence: String, _ figures: String...) {
        let mark = isColored ? "\u{1b}[33m⚡\u{1b}[0m" : "⚡"
        let lines = figures.map { isColored ? "\u{1b}[36m\($0)\u{1b}[0m" : $0 }
        show("\(mark) \(sentence)\n" + lines.map { "   \($0)\n" }.joined())
    }

    /// Shows lines of text as they are.
    func show(_ text: String) { isJSON ? complain(text) : put(text) }

    /// Shows a QR code, where standard output is wide enough for it.
    func draw(_ payload: String) {
        guard !isJSON, let code = QRCode(payload), code.columns <= Terminal.width ?? 80 else {
            return
        }
        put(code.text(isColored: isColored))
    }

    /// A line that says what is waited for; nothing where nobody looks.
    func progress(_ text: String) -> Progress {
        Progress(text, isSilent: !Terminal.isErrorOutput)
    }

    /// Ends the story: prints the facts where they are asked for.
    func end() {
        facts["ok"] = true
        facts["total_milliseconds"] = .integer((ContinuousClock.now - begin).milliseconds)
        if isJSON {
            put(String(decoding: JSONValue.object(facts).serialized(), as: UTF8.self) + "\n")
        }
    }

    /// The time since the story began.
    var time: String { (ContinuousClock.now - begin).text }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// As `870 ms` or `12.3 s`.
    var text: String {
        let all = milliseconds
        return all < 10_000 ? "\(grouped(all)) ms" : "\(all / 1_000).\(all / 100 % 10) s"
    }
}
