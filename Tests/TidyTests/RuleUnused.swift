extension Rule {
    /// Finds functions and properties that only their file could name, and that it does not: the compiler says nothing of
    /// them, and what they were to do is not done.
    static func unused(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        let tokens = file.tokens
        var counts: [String: Int] = [:]
        for token in tokens { counts[token.text, default: 0] += 1 }
        return tokens.indices.compactMap { index in
            guard ["private", "fileprivate"].contains(tokens[index].text),
                let name = declaredName(tokens[(index + 1)...]), counts[name.text] == 1
            else { return nil }
            return Finding(
                path: file.path, line: name.line,
                message: "nothing uses `\(name.text)`: use it or remove it")
        }
    }

    /// The name of the function or property whose declaration goes on so.
    private static func declaredName(_ rest: ArraySlice<Token>) -> Token? {
        let modifiers = [
            "static", "mutating", "nonmutating", "lazy", "weak", "unowned", "final", "override",
            "nonisolated",
        ]
        let declaration = rest.drop { modifiers.contains($0.text) }
        guard let keyword = declaration.first, ["func", "var", "let"].contains(keyword.text),
            let name = declaration.dropFirst().first, name.isWord
        else { return nil }
        return name
    }
}
