extension Rule {
    /// Finds an `@unchecked Sendable` whose reason is not written in the comment above it, in a sentence
    /// that has the word "unchecked".
    static func uncheckedSendable(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        let tokens = file.tokens
        return tokens.indices.dropFirst().compactMap { index in
            guard tokens[index].text == "unchecked", tokens[index - 1].text == "@" else {
                return nil
            }
            let comment = file.lines[..<(tokens[index].line - 1)].reversed().prefix {
                let text = $0.drop { $0 == " " }
                return text.hasPrefix("//") || text.hasPrefix("@")
            }
            guard !comment.contains(where: { $0.lowercased().contains("unchecked") }) else {
                return nil
            }
            return Finding(
                path: file.path, line: tokens[index].line,
                message:
                    "`@unchecked Sendable` without a comment on why it holds (\"Unchecked ...\")")
        }
    }

    /// Finds numbers that round, in the core.
    static func floatingPoint(_ file: SourceFile) -> [Finding] {
        guard file.isCore else { return [] }
        return file.tokens.filter {
            ["Double", "Float", "Float16", "Decimal", "CGFloat"].contains($0.text)
        }
        .map {
            Finding(
                path: file.path, line: $0.line,
                message: "`\($0.text)` rounds: count in whole units")
        }
    }

    /// Finds notes of work that is left: what is not done is an issue, not a comment.
    static func leftover(_ file: SourceFile) -> [Finding] {
        let marks: Set<Substring> = ["TODO", "FIXME", "HACK", "XXX"]
        return file.lines.enumerated().compactMap { index, line in
            guard let comment = line.firstRange(of: "//") else { return nil }
            let words = line[comment.upperBound...].split { !$0.isLetter }
            guard let mark = words.first(where: marks.contains) else { return nil }
            return Finding(
                path: file.path, line: index + 1,
                message: "`\(mark)` marks unfinished work: finish it")
        }
    }
}
