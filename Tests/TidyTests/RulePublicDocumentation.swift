extension Rule {
    private static let declarations: Set<String> = [
        "func", "var", "let", "struct", "enum", "class", "protocol", "typealias", "init",
        "subscript",
        "actor", "associatedtype", "macro",
    ]

    /// What a well-known protocol asks for needs no words: its own documentation says what it does.
    private static let witnesses: Set<String> = [
        "==", "<", "+", "-", "+=", "-=", "*", "zero", "hash", "description", "debugDescription",
        "write", "encode", "init(from", "testDescription",
    ]

    /// Finds a `public` or `open` declaration with no doc comment above it (or above its attributes).
    static func publicDocumentation(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        let tokens = file.tokens
        return tokens.indices.compactMap { index -> Finding? in
            guard ["public", "open"].contains(tokens[index].text),
                index == 0 || tokens[index - 1].line < tokens[index].line
                    || isAttribute(before: index, of: tokens),
                let name = declaredName(after: index, of: tokens), !witnesses.contains(name),
                !isDocumented(line: tokens[index].line, in: file)
            else { return nil }
            return Finding(
                path: file.path, line: tokens[index].line,
                message: "public `\(name)` has no doc comment")
        }
    }

    /// Whether what stands before on the same line is an attribute, as in `@inlinable public`.
    private static func isAttribute(before index: Int, of tokens: [Token]) -> Bool {
        let line = tokens[index].line
        let first = tokens[..<index].lastIndex { $0.line < line }.map { $0 + 1 } ?? 0
        return tokens[first].text == "@"
    }

    /// The name declared by the modifiers that begin there; nil for an extension or an import.
    private static func declaredName(after index: Int, of tokens: [Token]) -> String? {
        for next in tokens.indices[(index + 1)...].prefix(12) {
            let text = tokens[next].text
            if ["extension", "import", "{"].contains(text) { return nil }
            guard declarations.contains(text), next + 1 < tokens.count else { continue }
            // `class func` and `class var`: the word after is the kind.
            if text == "class", declarations.contains(tokens[next + 1].text) { continue }
            if text == "init" {
                let isFrom = next + 2 < tokens.count && tokens[next + 2].text == "from"
                return isFrom ? "init(from" : "init"
            }
            if text == "subscript" { return "subscript" }
            let marks = tokens[(next + 1)...].prefix {
                !$0.isWord && $0.text != "(" && $0.text != "<"
            }
            if tokens[next + 1].text == "<" { return "<" }
            return marks.isEmpty ? tokens[next + 1].text : marks.map(\.text).joined()
        }
        return nil
    }

    private static func isDocumented(line: Int, in file: SourceFile) -> Bool {
        var above = line - 2
        while above >= 0 {
            let text = file.lines[above].drop { $0 == " " }
            if text.hasPrefix("///") || text.hasSuffix("*/") { return true }
            // Attributes, and the continued lines of their arguments.
            guard text.hasPrefix("@") || text.hasPrefix(")") || text.hasPrefix("//") else {
                return false
            }
            above -= 1
        }
        return false
    }
}
