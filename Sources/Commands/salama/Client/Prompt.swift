/// Questions to whoever runs a command, on standard error, answered on standard input.
enum Prompt {
    /// Asks until there is a line; nil at the end of the input.
    static func line(_ question: String) -> String? {
        complain(question)
        return readLine()
    }

    /// Whether the answer is yes; no answer is none.
    static func confirms(_ question: String) -> Bool {
        ["y", "yes"].contains(line(question + " [y/N] ")?.lowercased() ?? "")
    }
}
