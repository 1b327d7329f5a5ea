extension Command {
    /// The command's line in one form: `salama newaddress [flags] p2wkh|np2wkh|p2tr`.
    var usage: String {
        var words = ["salama", name]
        if !flags.isEmpty { words.append("[flags]") }
        for positional in positionals {
            let shown = positional.name + (positional.isRest ? " ..." : "")
            words.append(positional.isOptional ? "[\(shown)]" : shown)
        }
        return words.joined(separator: " ")
    }

    /// What `--help` prints.
    var help: String {
        var text = "\(summary)\n\nUsage: \(usage)\n"
        if !aliases.isEmpty { text += "Also:  salama \(aliases.joined(separator: ", salama "))\n" }
        if !discussion.isEmpty { text += "\n" + reflowed(discussion) }
        if !positionals.isEmpty {
            text += "\nArguments:\n" + columns(positionals.map { ($0.name, $0.help) })
        }
        if !flags.isEmpty { text += "\nFlags:\n" + columns(flags.map { ($0.shown, $0.help) }) }
        if takesConfiguration {
            text += "\nThe options of the configuration may be given too: `salama config --help`.\n"
        }
        text += examples.count == 1 ? "\nExample:\n" : "\nExamples:\n"
        for example in examples {
            let meaning = wrapped(example.meaning, width: helpWidth - 6)
            text += "  $ \(example.line)\n" + meaning.map { "      \($0)\n" }.joined()
        }
        return text
    }
}

extension Flag {
    /// The flag as the help shows it.
    var shown: String {
        let names = ([name] + aliases).map { ($0.count == 1 ? "-" : "--") + $0 }
        return names.joined(separator: ", ") + (value.map { " \($0)" } ?? "")
    }
}

/// How many letters a line of help has at most, example lines aside.
let helpWidth = 80

/// Text whose paragraphs are filled anew; a line that is indented stays one of its own.
func reflowed(_ text: String) -> String {
    var lines: [String] = []
    var paragraph = ""
    func end() {
        lines += wrapped(paragraph, width: helpWidth)
        paragraph = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.isEmpty {
            end()
            lines.append("")
        } else if line.hasPrefix(" ") {
            end()
            let margin = String(line.prefix { $0 == " " })
            let pieces = wrapped(String(line), width: helpWidth - margin.count - 2)
            lines += pieces.enumerated().map { margin + ($0 == 0 ? "" : "  ") + $1 }
        } else {
            paragraph += " " + line
        }
    }
    end()
    return lines.joined(separator: "\n") + "\n"
}

/// Lines of a name and what it means, the meanings below each other and wrapped.
func columns(_ rows: [(String, String)], width: Int = helpWidth) -> String {
    let left = min(32, (rows.map { $0.0.count }.max() ?? 0) + 2)
    let margin = String(repeating: " ", count: left + 2)
    return rows.map { name, meaning in
        let lines = wrapped(meaning, width: width - left - 2)
        let first = lines.first ?? ""
        let padding = String(repeating: " ", count: max(0, left - name.count))
        let head =
            name.count + 2 > left ? "  \(name)\n\(margin)\(first)" : "  \(name)\(padding)\(first)"
        return ([head] + lines.dropFirst().map { margin + $0 }).joined(separator: "\n") + "\n"
    }.joined()
}

/// Words in lines of at most `width` letters.
func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
}
