import Testing

/// Each rule bites: on the code that it is for, and not on what only looks like it.
struct RuleTests {
    private func findings(
        _ check: (SourceFile) -> [Finding], _ text: String,
        path: String = "Sources/Core/Bitcoin/A.swift"
    ) -> [String] {
        check(SourceFile(path: path, text: text)).map { "\($0.line): \($0.message)" }
    }

    @Test(
        "the core's rule finds clocks, randomness, output, imports, tasks and actors",
        arguments: [
            "let now = ContinuousClock().now", "let now = Date()",
            "clock_gettime(CLOCK_REALTIME, &t)",
            "let x = Int.random(in: 0..<3)", "list.shuffle()", "list.shuffled()",
            "list.randomElement()",
            "var g = SystemRandomNumberGenerator()", "print(1)", "debugPrint(1)",
            "import Foundation",
            "import FoundationEssentials", "import Glibc", "public import Dispatch", "Task { }",
            "actor Node {}", "func f() async {}", "await f()", "fatalError(\"no\")",
            #"let s = "\(Date())""#,
        ])
    func coreBites(_ code: String) {
        #expect(findings(Rule.corePurity, code).count == 1, "\(code)")
        #expect(findings(Rule.corePurity, code, path: "Sources/Shell/NodeRuntime/A.swift").isEmpty)
    }

    @Test(
        "the core's rule lets be what only looks alike",
        arguments: [
            "// print(1) at a Date", "/* Task /* actor */ Date */", #"let s = "print(1) Date""#,
            "let s = \"\"\"\n  Date()\n  \"\"\"", ##"let s = #"\(Date())"#"##,
            "Int.random(in: 0..<3, using: &generator)", "list.shuffled(using: &g)",
            "printer.print(x)",
            "func print(_ x: Int) {}", "let print = 1", "import Bitcoin", "birthDate", "Tasks()",
            "case date", "let x = \"a\\\"Date()\"",
        ])
    func coreSpares(_ code: String) {
        #expect(findings(Rule.corePurity, code).isEmpty, "\(code)")
    }

    @Test(
        "force is found",
        arguments: [
            "let a = b!", "f()!", "a[0]!.x", "try! f()", "x as! Int", "var a: Int!", "{ 1 }()!",
            "a?.b!", #"let s = "\(a!)""#, "let a: [Int]!", "dictionary[\"a\"]!",
        ])
    func forceBites(_ code: String) {
        #expect(findings(Rule.forceUnwrap, code).count == 1, "\(code)")
    }

    @Test(
        "a negation, a comparison, a comment and a string are no force",
        arguments: [
            "if !a {}", "f(!a)", "a != b", "a !== b", "[!a, !b]", "// a!", "/* a! */", "\"a!\"",
            "#\"a!\"#", "#if !os(Linux)", "{ !$0 }", "x ? !a : !b", "\"\"\"\n a!\n \"\"\"",
            "try? f()",
        ])
    func forceSpares(_ code: String) {
        #expect(findings(Rule.forceUnwrap, code).isEmpty, "\(code)")
    }

    @Test("all of Foundation is found, its essentials are not")
    func fullFoundation() {
        #expect(findings(Rule.fullFoundation, "import Foundation\n").count == 1)
        #expect(findings(Rule.fullFoundation, "import struct Foundation.URL\n").count == 1)
        #expect(findings(Rule.fullFoundation, "import FoundationEssentials\n").isEmpty)
        #expect(
            findings(Rule.fullFoundation, "import Foundation\n", path: "Tests/A/A.swift").isEmpty)
    }

    @Test("a file of 600 lines passes, one of 601 does not")
    func fileLength() {
        #expect(findings(Rule.fileLength, String(repeating: "x\n", count: 600)).isEmpty)
        #expect(findings(Rule.fileLength, String(repeating: "x\n", count: 601)).count == 1)
        #expect(findings(Rule.fileLength, String(repeating: "x\n", count: 600) + "x").count == 1)
    }

    @Test(
        "a function of 70 lines passes, one of 71 does not",
        arguments: [
            "func f(a: [Int] = { [1] }()) throws(E) -> (Int, Int) where A: B", "init(a: Int)",
            "init?()",
            "deinit", "subscript(i: Int) -> Int", "static func < (a: A, b: A) -> Bool",
            "func f<A: B>(_ a: A) -> [A]",
        ])
    func functionLength(_ head: String) {
        let body = String(repeating: "  if true { g() }\n", count: 68)
        #expect(findings(Rule.functionLength, "\(head) {\n\(body)}\n").isEmpty)
        #expect(findings(Rule.functionLength, "\(head) {\n\(body)\n}\n").count == 1)
    }

    @Test("what is no function is not measured as one")
    func functionLengthSpares() {
        let body = String(repeating: "  let a = 1\n", count: 80)
        #expect(findings(Rule.functionLength, "struct A {\n\(body)}\n").isEmpty)
        #expect(findings(Rule.functionLength, "let a = A.init(1)\nstruct B {\n\(body)}\n").isEmpty)
        let requirement = "protocol P {\n  func f(a: Int) throws -> Int\n  init(b: Int)\n}\n"
        #expect(findings(Rule.functionLength, "\(requirement)struct B {\n\(body)}\n").isEmpty)
    }

    @Test(
        "a public symbol without a doc comment is found",
        arguments: [
            "public func f() {}", "public static let a = 1", "public struct A {}",
            "public var a: Int {\n  1\n}",

            "@inlinable public var a: Int { 1 }",
            "// no doc\npublic enum A {}", "/// Doc.\n\npublic enum A {}",
            "public final class A {}",
            "@inlinable\npublic func f() {}", "public mutating func f() {}", "open class A {}",
            "/// Doc.\npublic protocol A {\n  func f()\n}",
            "/// Doc.\npublic protocol A {\n  var a: Int { get }\n}",
            "public static func ^^ (a: A, b: A) -> A {}",
        ])
    func documentationBites(_ code: String) {
        let found = findings({ Rule.publicDocumentation($0, requirements: ["commit"]) }, code)
        #expect(found.count == 1, "\(code)")
    }

    @Test(
        "a documented symbol, a private one, and a well-known witness are let be",
        arguments: [
            "/// Doc.\npublic func f() {}",
            "/// Doc.\n@inlinable\n@discardableResult\npublic func f() {}",
            "  public private(set) var a = 1", "public init(a: Int) {}", "public let a: Int",
            "func f() {}", "public extension A {}", "public import Bitcoin",
            "extension A: public B {}",
            "public static func == (a: A, b: A) -> Bool {}",
            "public static func < (a: A, b: A) -> Bool {}",
            "public func hash(into hasher: inout Hasher) {}",
            "public var description: String { a }",
            "/** Doc. */\npublic let a = 1", "public init(from decoder: any Decoder) throws {}",
            "\"public func\"", "public func commit() {}", "protocol A {\n  func f()\n}",
            "/// Doc.\npublic protocol A {\n  /// Doc.\n  mutating func f()\n}",
            "/// Doc.\n@inlinable public init() {}",
        ])
    func documentationSpares(_ code: String) {
        let found = findings({ Rule.publicDocumentation($0, requirements: ["commit"]) }, code)
        #expect(found.isEmpty, "\(code)")
    }

    @Test("unchecked sendability without its reason is found")
    func uncheckedSendable() {
        let bare = "final class A: @unchecked Sendable {}"
        #expect(findings(Rule.uncheckedSendable, bare).count == 1)
        #expect(findings(Rule.uncheckedSendable, "/// A thing.\n\(bare)").count == 1)
        #expect(
            findings(Rule.uncheckedSendable, "/// Unchecked: it never changes.\n\(bare)").isEmpty)
        #expect(findings(Rule.uncheckedSendable, "// @unchecked Sendable").isEmpty)
    }

    @Test("numbers that round are found in the core")
    func floatingPoint() {
        #expect(findings(Rule.floatingPoint, "let rate: Double = 1").count == 1)
        #expect(findings(Rule.floatingPoint, "// a Double\nlet doubled = 2").isEmpty)
        let shell = "Sources/Shell/NodeRuntime/A.swift"
        #expect(findings(Rule.floatingPoint, "let rate: Double = 1", path: shell).isEmpty)
    }

    @Test("notes of unfinished work are found")
    func leftover() {
        let mark = "TO" + "DO"
        #expect(findings(Rule.leftover, "let a = 1  // \(mark): more").count == 1)
        #expect(findings(Rule.leftover, "/// \(mark)\n").count == 1)
        #expect(findings(Rule.leftover, "let \(mark) = 1  // toDo\n").isEmpty)
    }

    @Test(
        "what only its file could use and nothing does is found",
        arguments: [
            "private func f() {}", "private let a = 1", "fileprivate static var a: Int { 1 }",
            "private mutating func f() {}\n// f()\nlet s = \"f()\"",
        ])
    func unusedBites(_ code: String) {
        #expect(findings(Rule.unused, code).count == 1, "\(code)")
        #expect(findings(Rule.unused, code, path: "Tests/A/A.swift").isEmpty)
    }

    @Test(
        "what its file or others may use is let be",
        arguments: [
            "private func f() {}\nlet a = f()", "func f() {}", "public let a = 1",
            "private struct A {}",
            "private(set) var a = 1", "private init() {}", "private let a = 1\nlet s = \"\\(a)\"",
            "private static func < (a: A, b: A) -> Bool {}",
        ])
    func unusedSpares(_ code: String) {
        #expect(findings(Rule.unused, code).isEmpty, "\(code)")
    }

    static let table = TargetTable(
        markdown: """
            | target | what it is | may import | state |
            |---|---|---|---|
            | `Bitcoin` | hashes of `Data` | `CSodium` | done |
            | `Wire` | messages | `Bitcoin` | done |
            | `NodeRuntime` | sockets | `Wire` | planned |
            """)

    @Test("an import against the table is found, and one along it is not")
    func upwardImports() {
        func found(_ code: String, in folder: String) -> Int {
            let file = SourceFile(path: "Sources/\(folder)/A.swift", text: code)
            return Rule.upwardImport(file, table: Self.table).count
        }
        #expect(found("import CSodium\nimport Synchronization", in: "Core/Bitcoin") == 0)
        #expect(found("import Bitcoin\nimport CSodium", in: "Core/Wire") == 0)
        #expect(found("import Wire", in: "Core/Bitcoin") == 1)
        #expect(found("@_exported import Wire", in: "Core/Bitcoin") == 1)
        #expect(found("import struct Wire.Message", in: "Core/Bitcoin") == 1)
        #expect(found("import Glibc\nimport FoundationEssentials", in: "Shell/NodeRuntime") == 0)
        #expect(found("import Glibc", in: "Core/Wire") == 1)
        #expect(found("", in: "Core/Unknown") == 1)
    }

    @Test("white space at an end is found")
    func whiteSpace() {
        #expect(whiteSpaceFindings(path: "a", text: "a\nb\n").isEmpty)
        #expect(whiteSpaceFindings(path: "a", text: "a \n").count == 1)
        #expect(whiteSpaceFindings(path: "a", text: "a\t\n").count == 1)
        #expect(whiteSpaceFindings(path: "a", text: "a").count == 1)
        #expect(whiteSpaceFindings(path: "a", text: "a\n\n").count == 1)
        #expect(whiteSpaceFindings(path: "a", text: "").isEmpty)
    }

    @Test("a link to a file that is not there is found")
    func links() {
        let text =
            "[a](architecture.md#x) [b](../README.md) [c](https://example.org) [d](none.md) [e](#y)"
        #expect(brokenLinks(in: text, of: "docs/page.md") == ["none.md"])
    }
}
