import Glibc
import JSON
import NodeRuntime
import NodeStorage
import Synchronization
import Threads

/// `salama demo`.
enum DemoCommand {
    static let command = Command(
        name: "demo", group: .node,
        summary: "tell the node's story on a regtest chain of its own",
        discussion: """
            It starts a node in a folder of its own, makes a wallet, earns coins by mining, pays somebody, and checks the
            books to the satoshi, all over the node's own REST interface. Then the node stays up for you to try; Ctrl-C ends
            it and removes the folder.
            """,
        flags: [
            .toggle("exit", "end when the story is told"),
            .toggle("json", "make the last line of output one JSON object with the facts"),
        ],
        takesConfiguration: false,
        examples: [
            Example("salama demo", "tells the story and leaves the node up"),
            Example("salama demo --exit --json", "the same for scripts"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        // From here on Ctrl-C leads to the end below, which removes the folder.
        Signals.prepare()
        var template = Array("/tmp/salama-demo-XXXXXX".utf8CString)
        guard let folder = mkdtemp(&template).map({ String(cString: $0) }) else {
            throw CommandFailure(
                "no folder can be made in /tmp: \(String(cString: strerror(errno)))")
        }
        defer { removeFolder(folder) }
        let configuration = try Configuration(
            flags: [
                "datadir": [folder], "chain": ["embedded"], "restlisten": ["127.0.0.1:0"],
                "nolisten": ["true"],
            ],
            environment: [:])
        let started = ContinuousClock.now
        let daemon = try Daemon(configuration, logsToStandardError: false)
        defer { daemon.stop() }
        try daemon.start()
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        // The story runs beside the main thread, which waits for Ctrl-C.
        let thread = SystemThread("story") {
            let result = Result {
                try DemoStory(configuration, startTime: .now - started).tell(arguments)
            }
            outcome.withLock { $0 = result }
            if arguments.isSet("exit") || (try? result.get()) == nil { Signals.requestEnd() }
        }
        let number = Signals.wait()
        Signals.endAtOnce()
        guard let result = outcome.withLock({ $0 }) else {
            throw CommandFailure("stopped by \(number == SIGINT ? "Ctrl-C" : "a signal")")
        }
        thread.join()
        try result.get()
    }

    private static func removeFolder(_ path: String) {
        // The path is our own, made of letters and digits.
        _ = system("rm -rf '\(path)'")
    }
}
