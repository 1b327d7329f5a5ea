import FoundationEssentials
import Glibc

/// A file of test vectors, shared between implementations and named by its path below
/// `shared/vectors`, as in `bitcoin/script_tests.json`.
///
/// The folder `shared` lies beside the work tree or beside one of the folders above it;
/// `SALAMA_VECTORS` names another place. A suite of a file that is not there is to be skipped:
/// `@Test(.enabled(if: vectors.isPresent, "shared/vectors is not there"))`. A suite's type has a name
/// that ends in `Vectors`: by that name `make vectors` finds it.
public struct VectorFile: Sendable {
    /// The path below `shared/vectors`.
    public let name: String

    /// Names a file, which need not be there.
    public init(_ name: String) {
        self.name = name
    }

    /// Whether the file can be read here.
    public var isPresent: Bool { url != nil }

    /// The file's bytes.
    public func bytes() throws -> [UInt8] {
        guard let url else { throw VectorFileError.notFound(name: name) }
        return [UInt8](try Data(contentsOf: url))
    }

    /// The file's text, in UTF-8.
    public func text() throws -> String {
        String(decoding: try bytes(), as: UTF8.self)
    }

    /// The file's content, where it is JSON.
    public func json() throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(try bytes()))
    }

    /// The file's content, where it is JSON of a known shape.
    public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes()))
    }

    /// Writes a line of the table that `make vectors` prints; without it, does nothing.
    ///
    /// - Parameters:
    ///   - cases: how many cases the file holds, counted apart from the loop that runs them.
    ///   - run: how many of them were run.
    ///   - passed: how many of those gave the result that the file expects.
    public func record(cases: Int, run: Int, passed: Int) {
        guard let report = PackageFiles.environment("SALAMA_VECTOR_REPORT") else { return }
        let line = Array("\(name)\t\(cases)\t\(run)\t\(passed)\n".utf8)
        let descriptor = open(report, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        precondition(descriptor >= 0, "cannot write \(report)")
        // One write of a short line to a file open for appending is not interleaved with others.
        precondition(write(descriptor, line, line.count) == line.count, "cannot write \(report)")
        close(descriptor)
    }

    private var url: URL? {
        Self.folder.map { $0.appending(path: name) }
            .flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
    }

    private static let folder: URL? = {
        if let chosen = PackageFiles.environment("SALAMA_VECTORS") { return URL(filePath: chosen) }
        var above = PackageFiles.root
        while above.path != "/" {
            above = above.deletingLastPathComponent()
            let candidate = above.appending(path: "shared/vectors")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()
}

/// Why a vector file could not be read.
public enum VectorFileError: Error, Equatable {
    /// No such file below `shared/vectors`.
    case notFound(name: String)
}
