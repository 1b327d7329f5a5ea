extension Rule {
    /// Finds an exclamation mark that sticks to what it unwraps: a prefix one, and the operators
    /// `!=` and `!==`, follow a blank or an opening bracket.
    static func forceUnwrap(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        let tokens = file.tokens
        return tokens.indices.dropFirst().compactMap { index in
            let mark = tokens[index]
            let before = tokens[index - 1]
            guard mark.text == "!", !mark.followsSpace,
                before.isWord || [")", "]", "}", ">", "?", "\"", "`"].contains(before.text)
            else { return nil }
            let message =
                switch before.text {
                case "try": "`try!` ends the process on an error: handle it or pass it on"
                case "as": "`as!` ends the process on another type: use `as?`"
                default:
                    "`\(before.text)!` ends the process on nil: unwrap it with `guard`, `if` or `??`"
                }
            return Finding(path: file.path, line: mark.line, message: message)
        }
    }
}
