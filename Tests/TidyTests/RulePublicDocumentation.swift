extension Rule {
    private static let declarations: Set<String> = [
        "func", "var", "let", "struct", "enum", "class", "protocol", "typealias", "init",
        "subscript",
        "actor", "associatedtype", "macro",
    ]

    /// What a well-known protocol asks for needs no words: its own documentation says what it does.
    private static let witnesses: Set<String> = [
        "==", "<", "+", "-", "+=", "-=", "*", "zero", "hash", "description", "debugDescription",
        "encode", "init(from", "testDescription",
    ]

    /// The functions and properties that the package's own protocols ask for: what is said there
    /// holds for each type that has them.
    static let requirements: Set<String> = Set(
        SourceFile.all.filter(\.isSource).flatMap { protocolMembers(of: $0.tokens).map(\.name) })

    /// Finds a `public` or `open` declaration, and a member that a public protocol asks for, with no
    /// doc comment above it (or above its attributes).
    ///
    /// Stored properties and initialisers may go without one: where the names of a documented type's
    /// fields say all, a comment on each only hides the ones that need it.
    static func publicDocumentation(_ file: SourceFile, requirements: Set<String>) -> [Finding] {
        guard file.isSource else { return [] }
        let tokens = file.tokens
        let symbols = tokens.indices.compactMap { index -> Member? in
            guard ["public", "open"].contains(tokens[index].text),
                index == 0 || tokens[index - 1].line < tokens[index].line
                    || isAttribute(before: index, of: tokens),
                let name = declaredName(after: index, of: tokens), !witnesses.contains(name),
                !requirements.contains(name), !speaksForItself(index, of: tokens, in: file)
            else { return nil }
            return Member(name: name, line: tokens[index].line)
        }
        let asked = protocolMembers(of: tokens).filter(\.isPublic)
        return (symbols + asked).filter { !isDocumented(line: $0.line, in: file) }.map {
            Finding(
                path: file.path, line: $0.line, message: "public `\($0.name)` has no doc comment")
        }
    }

    /// Whether an initialiser is declared there, or a stored property of an instance.
    private static func speaksForItself(_ index: Int, of tokens: [Token], in file: SourceFile)
        -> Bool
    {
        for token in tokens[index...].prefix(8) {
            switch token.text {
            case "static", "class", "func", "struct", "enum": return false
            case "init", "let": return true
            case "var":
                let line = file.lines[token.line - 1]
                return !line.hasSuffix("{") && !(line.contains("{") && !line.contains("="))
            default: continue
            }
        }
        return false
    }

    private struct Member {
        let name: String
        let line: Int
        var isPublic = true
    }

    /// What the protocols declared in a file ask for.
    private static func protocolMembers(of tokens: [Token]) -> [Member] {
        tokens.indices.filter { tokens[$0].text == "protocol" }.flatMap { index -> [Member] in
            let isPublic = index > 0 && tokens[index - 1].text == "public"
            guard let open = tokens[index...].firstIndex(where: { $0.text == "{" }) else {
                return []
            }
            var depth = 0
            var members: [Member] = []
            for next in open..<tokens.count {
                switch tokens[next].text {
                case "{": depth += 1
                case "}": depth -= 1
                case "func" where depth == 1, "var" where depth == 1,
                    "associatedtype" where depth == 1:
                    members.append(
                        Member(
                            name: tokens[next + 1].text, line: tokens[next].line,
                            isPublic: isPublic))
                default: break
                }
                if depth == 0 { return members }
            }
            return members
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
