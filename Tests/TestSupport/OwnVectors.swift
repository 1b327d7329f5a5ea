import FoundationEssentials

/// A file of test vectors that belongs to this package, in `Tests/Vectors`.
public struct OwnVectors: Sendable {
    /// The file's content.
    public let content: JSONValue

    /// Reads the JSON file `name`.
    public init(_ name: String) throws {
        let url = PackageFiles.root.appending(path: "Tests/Vectors/\(name)")
        content = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url))
    }

    /// The cases under `key`; a file without them fails the test.
    public func cases(_ key: String, count: Int) throws -> [JSONValue] {
        guard let cases = content[key]?.array, cases.count == count else {
            throw OwnVectorsError.wrongCount(
                key: key, expected: count, actual: content[key]?.array?.count ?? 0)
        }
        return cases
    }

    /// The strings under `key`; a file without them fails the test.
    public func strings(_ key: String, count: Int) throws -> [String] {
        try cases(key, count: count).map { try $0.text() }
    }
}

/// Why a file of the package's own vectors is not as its test expects.
public enum OwnVectorsError: Error, Equatable {
    /// The number of cases differs.
    case wrongCount(key: String, expected: Int, actual: Int)
    /// A case has no string where one is expected.
    case notAString(key: String)
}

extension JSONValue {
    /// The string itself.
    public func text() throws -> String {
        guard let string else { throw OwnVectorsError.notAString(key: "") }
        return string
    }

    /// The string under `key`.
    public func text(_ key: String) throws -> String {
        guard let string = self[key]?.string else { throw OwnVectorsError.notAString(key: key) }
        return string
    }
}
