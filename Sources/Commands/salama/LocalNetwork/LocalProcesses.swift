import Glibc
import NodeRuntime
import Synchronization
import Threads

/// Programs that a command runs beside itself; none of them outlives it, however it ends.
final class LocalProcesses: Sendable {
    private struct State {
        var running: [pid_t] = []
        var isClosed = false
    }

    /// Where all of them keep everything; it goes with them.
    let folder: String
    private let state = Mutex(State())
    private let watchdog: LocalWatchdog

    /// Makes a folder in `parent` whose name tells of `command`.
    init(for command: String, in parent: String = "/tmp") throws(CommandFailure) {
        var template = Array("\(parent)/salama-\(command)-\(getpid())-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw CommandFailure(
                "no folder can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        folder = String(cString: made)
        watchdog = try LocalWatchdog(folder)
    }

    /// The working directory, for what measures the disk: `/tmp` may be memory.
    static func workingFolder() throws(CommandFailure) -> String {
        guard let path = realpath(".", nil) else {
            throw CommandFailure("the working directory is gone")
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// Starts a program whose output goes to a file of the folder; throws once ``end()`` has been called.
    func start(_ program: String, _ arguments: [String], log: String) throws(CommandFailure)
        -> pid_t
    {
        try state.withLock { state throws(CommandFailure) in
            guard !state.isClosed else { throw CommandFailure("the network of this command ends") }
            let identifier = try Spawn.run(program, arguments, output: folder + "/" + log)
            state.running.append(identifier)
            watchdog.note(identifier)
            return identifier
        }
    }

    /// Whether a program that was started still runs.
    func isRunning(_ identifier: pid_t) -> Bool {
        state.withLock { $0.running.contains(identifier) } && Glibc.kill(identifier, 0) == 0
            && !hasEnded(identifier, waits: false)
    }

    /// Ends a program as its operator would, and waits for it; after ten seconds, at once.
    func stop(_ identifier: pid_t) {
        guard state.withLock({ $0.running.contains(identifier) }) else { return }
        Glibc.kill(identifier, SIGTERM)
        for _ in 0..<1_000 {
            if hasEnded(identifier, waits: false) { return }
            SystemThread.sleep(milliseconds: 10)
        }
        Glibc.kill(identifier, SIGKILL)
        _ = hasEnded(identifier, waits: true)
    }

    /// Ends a program as a crash does, and waits until it is gone.
    func kill(_ identifier: pid_t) {
        guard state.withLock({ $0.running.contains(identifier) }) else { return }
        Glibc.kill(identifier, SIGKILL)
        _ = hasEnded(identifier, waits: true)
    }

    /// Ends all programs, the last one first, and removes the folder unless it is to be looked at. Nothing can be started
    /// any more.
    func end(keepsFolder: Bool = false) {
        let running = state.withLock { state in
            state.isClosed = true
            return state.running
        }
        // All are told at once, and waited for one after the other; the first one is the chain of the others.
        for identifier in running.dropFirst() { Glibc.kill(identifier, SIGTERM) }
        for identifier in running.reversed() { stop(identifier) }
        watchdog.end()
        guard !keepsFolder else { return }
        // Its last part is our own, made of letters and digits.
        _ = system("rm -rf '\(folder)'")
    }

    private func hasEnded(_ identifier: pid_t, waits: Bool) -> Bool {
        var status: Int32 = 0
        let result = waitpid(identifier, &status, waits ? 0 : WNOHANG)
        // Another thread may have waited for it.
        guard result == identifier || (result < 0 && errno == ECHILD) else { return false }
        state.withLock { state in state.running.removeAll { $0 == identifier } }
        watchdog.forget(identifier)
        return true
    }
}

/// A shell that cleans up after a command that had no chance to: it reads from a pipe, which the kernel closes.
private final class LocalWatchdog: Sendable {
    private let pipe: Int32
    private let identifier: pid_t

    private static let script = """
        trap '' INT TERM HUP
        running=
        while read -r line; do
            case $line in
                over) exit 0 ;;
                -*) kept=
                    for one in $running; do [ "-$one" = "$line" ] || kept="$kept $one"; done
                    running=$kept ;;
                *) running="$running $line" ;;
            esac
        done
        [ -z "$running" ] || kill -9 $running 2>/dev/null
        rm -rf "$1"
        """

    init(_ folder: String) throws(CommandFailure) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw CommandFailure("no pipe can be made: \(String(cString: strerror(errno)))")
        }
        // No other program may hold the writing end: it would never be closed.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipe = ends[1]
        defer { close(ends[0]) }
        identifier = try Spawn.run(
            "/bin/sh", ["-c", Self.script, "watchdog", folder], input: ends[0], output: "/dev/null")
    }

    deinit { close(pipe) }

    func note(_ identifier: pid_t) { tell("\(identifier)") }

    func forget(_ identifier: pid_t) { tell("-\(identifier)") }

    /// Ends the shell, which has nothing to clean up any more.
    func end() {
        tell("over")
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    private func tell(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(pipe, bytes, bytes.count)
    }
}

/// Starts programs.
private enum Spawn {
    /// Starts a program in a group of its own, so that Ctrl-C reaches this one alone, with no signals held back.
    static func run(
        _ program: String, _ arguments: [String], input: Int32? = nil, output: String
    ) throws(CommandFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM] { sigaddset(&usual, number) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        let settings = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(settings))

        var identifier: pid_t = 0
        var words = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        let failure = posix_spawn(&identifier, program, &actions, &attributes, words, environ)
        guard failure == 0 else {
            throw CommandFailure("cannot start \(program): \(String(cString: strerror(failure)))")
        }
        return identifier
    }
}

/// Where this program lies.
enum OwnProgram {
    static func path() throws(CommandFailure) -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else {
            throw CommandFailure("this program cannot be found: is /proc there?")
        }
        return String(
            decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
