extension Rule {
    static let longestFile = 600
    static let longestFunction = 70

    static func fileLength(_ file: SourceFile) -> [Finding] {
        // The text after the last newline is no line of its own where it is empty.
        let length = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        guard length > longestFile else { return [] }
        return [
            Finding(
                path: file.path, line: longestFile + 1,
                message:
                    "the file has \(length) lines, more than \(longestFile): split it by what it does"
            )
        ]
    }

    static func functionLength(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index -> Finding? in
            guard let name = declaredFunction(at: index, of: tokens),
                let body = bodyStart(after: index, of: tokens),
                let end = closing(of: body, in: tokens)
            else { return nil }
            let length = tokens[end].line - tokens[index].line + 1
            guard length > longestFunction else { return nil }
            return Finding(
                path: file.path, line: tokens[index].line,
                message: "`\(name)` has \(length) lines, more than \(longestFunction): divide it")
        }
    }

    /// The name of the function, initialiser or subscript that is declared there.
    private static func declaredFunction(at index: Int, of tokens: [Token]) -> String? {
        let before = index > 0 ? tokens[index - 1].text : ""
        guard index + 1 < tokens.count, before != "." else { return nil }
        switch tokens[index].text {
        case "func": return tokens[index + 1].text
        case "init" where ["(", "<", "?"].contains(tokens[index + 1].text): return "init"
        case "subscript" where ["(", "<"].contains(tokens[index + 1].text): return "subscript"
        case "deinit" where tokens[index + 1].text == "{": return "deinit"
        default: return nil
        }
    }

    /// Where the body of the declaration opens; nil where it has none, as in a protocol.
    private static func bodyStart(after index: Int, of tokens: [Token]) -> Int? {
        let others: Set<String> = [
            "}", "func", "init", "var", "let", "case", "struct", "enum", "class", "extension",
            "protocol", "subscript", "associatedtype", "typealias", "static", "public", "mutating",
            "@",
        ]
        var depth = 0
        for next in (index + 1)..<tokens.count {
            let text = tokens[next].text
            switch text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return next
            case _ where depth == 0 && next > index + 1 && others.contains(text): return nil
            default: break
            }
        }
        return nil
    }

    private static func closing(of open: Int, in tokens: [Token]) -> Int? {
        var depth = 0
        for index in open..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
