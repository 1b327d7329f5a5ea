extension SourceFile {
    /// The modules that the file imports, each with its line.
    var imports: [(module: String, line: Int)] {
        let tokens = self.tokens
        let kinds: Set<String> = [
            "struct", "enum", "class", "protocol", "func", "var", "let", "typealias",
        ]
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", index + 1 < tokens.count else { return nil }
            let isKind = kinds.contains(tokens[index + 1].text) && index + 2 < tokens.count
            return (tokens[index + (isKind ? 2 : 1)].text, tokens[index].line)
        }
    }
}

/// The table of targets in `docs/architecture.md`: what each may import.
struct TargetTable {
    /// The modules named in a target's row, by the target's name.
    let rows: [String: Set<String>]
    /// What the rows say of the targets' state: planned, in part, or done.
    let states: [String: String]

    /// Modules of the platform that every layer, or only the layers above the core, may import.
    static let everywhere: Set<String> = ["Swift", "Synchronization"]
    static let aboveCore: Set<String> = [
        "FoundationEssentials", "FoundationNetworking", "Glibc", "Dispatch",
    ]

    static let documented = TargetTable(markdown: SourceFile.text(of: "docs/architecture.md"))

    /// Reads the rows `| target | what it is | may import | state |` below that heading.
    init(markdown: String) {
        var rows: [String: Set<String>] = [:]
        var states: [String: String] = [:]
        for line in markdown.split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 6, let name = Self.quoted(cells[1]).first else { continue }
            rows[name] = Set(Self.quoted(cells[3]))
            states[name] = cells[4].split(separator: " ").joined(separator: " ")
        }
        self.rows = rows
        self.states = states
    }

    /// What a target may import: the modules of its row and, for each of them, of theirs.
    func allowed(for target: String) -> Set<String> {
        var reached: Set<String> = []
        var open = Array(rows[target] ?? [])
        while let next = open.popLast() {
            if reached.insert(next).inserted { open += rows[next] ?? [] }
        }
        return reached
    }

    /// The words between backticks.
    private static func quoted(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

extension Rule {
    static func upwardImport(_ file: SourceFile, table: TargetTable) -> [Finding] {
        guard file.isSource, let target = file.target else { return [] }
        guard table.rows[target] != nil else {
            return [
                Finding(
                    path: file.path, line: 1,
                    message: "the target \(target) has no row in the table of docs/architecture.md")
            ]
        }
        var allowed = table.allowed(for: target).union(TargetTable.everywhere)
        if !file.isCore { allowed.formUnion(TargetTable.aboveCore) }
        return file.imports.filter { !allowed.contains($0.module) }.map {
            Finding(
                path: file.path, line: $0.line,
                message: "\(target) may not import \($0.module) (table of docs/architecture.md)")
        }
    }
}
