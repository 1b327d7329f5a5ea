import FoundationEssentials
import Testing

/// The rules of style on the files of the package. What breaks one is printed as `path:line: what`.
struct TidyTests {
    @Test("the sources keep the rule", arguments: Rule.all)
    func rules(_ rule: Rule) {
        let exceptions = RuleException.all.filter { $0.rule == rule.name }
        let findings = SourceFile.all.flatMap(rule.check)
        for finding in findings where !exceptions.contains(where: { $0.excuses(finding) }) {
            Issue.record("\(finding)")
        }
        for exception in exceptions where !findings.contains(where: exception.excuses) {
            Issue.record(
                "the exception for \(exception.path) (\(rule.name.rawValue)) excuses nothing")
        }
    }

    @Test("every rule's name has a rule")
    func names() {
        #expect(Rule.all.map(\.name) == Rule.Name.allCases)
    }

    @Test("files end in one newline, and no line in white space")
    func whiteSpace() {
        for path in SourceFile.textPaths {
            for finding in whiteSpaceFindings(path: path, text: SourceFile.text(of: path)) {
                Issue.record("\(finding)")
            }
        }
    }

    @Test("links between the pages lead to files")
    func links() {
        for path in SourceFile.textPaths where path.hasSuffix(".md") {
            for target in brokenLinks(in: SourceFile.text(of: path), of: path) {
                Issue.record("\(path): the link to \(target) leads nowhere")
            }
        }
    }

    @Test("the table of targets says which ones exist")
    func states() {
        let present = Set(SourceFile.all.compactMap(\.target))
        for (target, state) in TargetTable.documented.states {
            #expect(["planned", "in part", "done"].contains(state), "\(target) is \(state)")
            #expect(
                present.contains(target) == (state != "planned"),
                "docs/architecture.md says of \(target): \(state)")
        }
    }

    @Test("the package's files are found")
    func files() {
        #expect(SourceFile.all.contains { $0.path == "Package.swift" })
        #expect(SourceFile.all.contains { $0.path == "Tests/TidyTests/TidyTests.swift" })
        #expect(SourceFile.textPaths.contains("scripts/bootstrap"))
        #expect(SourceFile.all.contains { $0.isCore })
    }
}

func whiteSpaceFindings(path: String, text: String) -> [Finding] {
    var findings: [Finding] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.last == " " || line.last == "\t" {
        findings.append(Finding(path: path, line: index + 1, message: "white space ends the line"))
    }
    if !text.isEmpty, lines.last != "" || lines.dropLast().last == "" {
        findings.append(
            Finding(path: path, line: lines.count, message: "one newline has to end the file"))
    }
    return findings
}

/// The relative links of a Markdown page whose file is not there.
func brokenLinks(in text: String, of path: String) -> [String] {
    let folder = SourceFile.root.appending(path: path).deletingLastPathComponent()
    return text.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap {
        let target = $0.prefix { $0 != ")" }
        let file = String(target.prefix { $0 != "#" })
        let isOutside = target.hasPrefix("https://") || target.hasPrefix("http://")
        guard !isOutside, !file.isEmpty else { return nil }
        let isThere = FileManager.default.fileExists(atPath: folder.appending(path: file).path)
        return isThere ? nil : String(target)
    }
}
