import FoundationEssentials

/// One Swift file: its text, and its code with comments and the content of strings blanked out.
struct SourceFile {
    /// The path from the package's root.
    let path: String
    /// The lines as they are.
    let lines: [String]
    /// The bytes of the code alone: as long as the file, newlines kept, and blanks where a comment or
    /// the content of a string stood. Code in a string's interpolation stays.
    let code: [UInt8]
    /// The words and marks of the code.
    let tokens: [Token]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var blanker = CommentAndStringBlanker(Array(text.utf8))
        code = blanker.blanked()
        tokens = Token.all(of: code)
    }

    /// The target that the file belongs to, as in `Sources/Core/<target>/...`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.first == "Sources" && parts.count > 3 ? String(parts[2]) : nil
    }

    var isCore: Bool { path.hasPrefix("Sources/Core/") }
    var isSource: Bool { path.hasPrefix("Sources/") }
}

extension SourceFile {
    /// The folder that holds `Package.swift`.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of the package.
    static let all: [SourceFile] = textPaths.filter { $0.hasSuffix(".swift") }.map {
        SourceFile(path: $0, text: text(of: $0))
    }

    /// Every file that people write here, by its path from the root.
    static let textPaths: [String] = {
        let folders = ["Sources", "Tests", "CLibraries", "scripts", "docs", "share", ".ci"]
        let single = [
            "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
            "SECURITY.md",
        ]
        let nested = folders.flatMap { folder -> [String] in
            let names =
                (try? FileManager.default.subpathsOfDirectory(atPath: absolute(folder))) ?? []
            return names.map { "\(folder)/\($0)" }
        }
        return (nested + single).filter(isText).sorted()
    }()

    static func text(of path: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: absolute(path)) ?? Data(), as: UTF8.self)
    }

    private static func absolute(_ path: String) -> String {
        root.appending(path: path).path
    }

    private static func isText(_ path: String) -> Bool {
        let written = ["swift", "md", "h", "modulemap", "py", "sh", "html", "css", "js", "1"]
        guard let name = path.split(separator: "/").last, FileManager.default.isFile(absolute(path))
        else { return false }
        guard let dot = name.lastIndex(of: ".") else { return true }
        return written.contains(String(name[name.index(after: dot)...]))
    }
}

extension FileManager {
    fileprivate func isFile(_ path: String) -> Bool {
        var isDirectory = false
        return fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
    }
}
