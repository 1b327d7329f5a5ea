extension Rule {
    /// Names that `Sources/Core` does not use at all, with what they would bring in.
    private static let bannedNames: [String: String] = [
        "ContinuousClock": "a clock", "SuspendingClock": "a clock", "Date": "a clock",
        "DispatchTime": "a clock", "clock_gettime": "a clock", "gettimeofday": "a clock",
        "SystemRandomNumberGenerator": "randomness", "arc4random": "randomness",
        "getrandom": "randomness", "RAND_bytes": "randomness", "RAND_priv_bytes": "randomness",
        "randombytes_buf": "randomness", "UUID": "randomness",
        "Task": "a task", "TaskGroup": "a task", "withTaskGroup": "a task", "async": "a task",
        "await": "a task", "actor": "an actor", "MainActor": "an actor",
        "FileManager": "IO", "FileHandle": "IO", "Process": "IO", "ProcessInfo": "IO",
        "CommandLine": "IO",
    ]

    /// Functions that `Sources/Core` does not call: a method or a label of that name is something else.
    private static let bannedCalls: [String: String] = [
        "print": "output", "debugPrint": "output", "dump": "output", "readLine": "input",
        "fatalError":
            "an end that no caller can handle: throw, or use `preconditionFailure` for what"
            + " only a programmer can break",
    ]

    /// Methods that draw from the system's generator unless they are told which one: `using:`.
    private static let randomMethods: Set<String> = [
        "random", "randomElement", "shuffle", "shuffled",
    ]

    private static let bannedImports: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationInternationalization",
        "FoundationNetworking", "Glibc", "Musl", "Darwin", "Dispatch",
    ]

    static func corePurity(_ file: SourceFile) -> [Finding] {
        guard file.isCore else { return [] }
        let tokens = file.tokens
        var findings: [Finding] = []
        for (index, token) in tokens.enumerated() where token.isWord {
            let before = index > 0 ? tokens[index - 1].text : ""
            let after = index + 1 < tokens.count ? tokens[index + 1].text : ""
            let what: String?
            if before == "import" {
                what = bannedImports.contains(token.text) ? "the import of \(token.text)" : nil
            } else if before == "." {
                what =
                    randomMethods.contains(token.text) && after == "("
                        && !hasLabel("using", inCallAt: index + 1, of: tokens)
                    ? "`.\(token.text)` without `using:`, randomness" : nil
            } else if before != "func", after == "(", let banned = bannedCalls[token.text] {
                what = "`\(token.text)`, \(banned)"
            } else {
                what = bannedNames[token.text].map { "`\(token.text)`, \($0)" }
            }
            if let what {
                findings.append(
                    Finding(path: file.path, line: token.line, message: "the core holds \(what)"))
            }
        }
        return findings
    }

    /// Whether the call whose parenthesis is at that index names an argument so, at its own depth.
    private static func hasLabel(_ label: String, inCallAt open: Int, of tokens: [Token]) -> Bool {
        var depth = 0
        for index in open..<tokens.count {
            switch tokens[index].text {
            case "(": depth += 1
            case ")": depth -= 1
            case label
            where depth == 1 && index + 1 < tokens.count && tokens[index + 1].text == ":":
                return true
            default: break
            }
            if depth == 0 { return false }
        }
        return false
    }

    static func fullFoundation(_ file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        return file.imports.filter { $0.module == "Foundation" }.map {
            Finding(
                path: file.path, line: $0.line,
                message: "Foundation costs megabytes; import FoundationEssentials or Glibc")
        }
    }
}
