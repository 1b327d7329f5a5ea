import FoundationEssentials
import Glibc

/// A program started by a test, with its output in files that are read when it has ended.
public final class ChildProcess {
    /// The process's number.
    public let identifier: pid_t
    private let folder: URL
    private var status: Int32?

    /// Starts `path`, its standard input empty.
    ///
    /// - Parameters:
    ///   - path: the program's path.
    ///   - arguments: what follows its name on the command line.
    ///   - name: what the program is told to be called; `path` if not given.
    ///   - environment: variables that are added to those of the tests, or replace them.
    public init(
        _ path: String, _ arguments: [String], name: String? = nil,
        environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (descriptor, name) in [(STDOUT_FILENO, "output"), (STDERR_FILENO, "errors")] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, folder.appending(path: name).path, O_WRONLY | O_CREAT, 0o600)
        }

        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var identifier: pid_t = 0
        let failure = withCStrings([name ?? path] + arguments) { words in
            withCStrings(merged.map { "\($0)=\($1)" }) { variables in
                posix_spawn(&identifier, path, &actions, nil, words, variables)
            }
        }
        guard failure == 0 else {
            throw ChildProcessError.notStarted(
                path: path, reason: String(cString: strerror(failure)))
        }
        self.identifier = identifier
    }

    deinit {
        if status == nil { end(with: SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// What it has written to standard output so far.
    public var output: String { text(of: "output") }

    /// What it has written to standard error so far.
    public var errors: String { text(of: "errors") }

    /// Whether it has not ended yet.
    public var isRunning: Bool { status == nil && reap(WNOHANG) == nil }

    /// Waits for the end and returns the exit status, or minus the signal that ended it.
    ///
    /// Kills it and throws if it takes longer than `limit`.
    @discardableResult
    public func wait(atMost limit: Duration = .seconds(60)) throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while status == nil {
            if let ended = reap(WNOHANG) { return ended }
            guard ContinuousClock.now < deadline else {
                end(with: SIGKILL)
                throw ChildProcessError.timedOut(after: limit)
            }
            usleep(2_000)
        }
        return status ?? 0
    }

    /// Sends a signal and waits for the end.
    public func end(with signal: Int32 = SIGTERM) {
        guard status == nil else { return }
        kill(identifier, signal)
        _ = reap(0)
    }

    /// Runs a program to its end.
    public static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = try ChildProcess(path, arguments, environment: environment)
        let status = try process.wait()
        return (status, process.output, process.errors)
    }

    private func reap(_ options: Int32) -> Int32? {
        var raw: Int32 = 0
        guard waitpid(identifier, &raw, options) == identifier else { return nil }
        let signal = raw & 0x7f
        status = signal == 0 ? (raw >> 8) & 0xff : -signal
        return status
    }

    private func text(of name: String) -> String {
        let data = FileManager.default.contents(atPath: folder.appending(path: name).path)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}

/// Why a program of a test has no result.
public enum ChildProcessError: Error, Equatable {
    /// The system refused to start it.
    case notStarted(path: String, reason: String)
    /// It did not end in time and was killed.
    case timedOut(after: Duration)
}

/// Calls `body` with a list of C strings that a null pointer ends.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
