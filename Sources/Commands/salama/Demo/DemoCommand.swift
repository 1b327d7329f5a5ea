import Glibc
import JSON
import NodeRuntime
import Synchronization
import Threads

/// `salama demo`.
enum DemoCommand {
    static let command = Command(
        name: "demo", group: .node,
        summary: "tell the story of a Lightning network on a chain of its own",
        discussion: """
            It starts a regtest chain and three nodes, each a process of its own, and plays through their REST interfaces: \
            wallets, channels, payments, somebody who cheats and is punished, a close in agreement. All figures are those of \
            this run. Then the network stays up for you to try; Ctrl-C ends it, and removes every file of it.
            """,
        flags: [
            .toggle("exit", "end when the story is told"),
            .toggle(
                "json", "print one JSON object with the facts; the story goes to standard error"),
            .value("nodes", "COUNT", "a line of so many nodes, 3 to 10 (default: 3)"),
            .toggle("bitcoind", "play on a real bitcoind of this machine"),
        ],
        takesConfiguration: false,
        examples: [
            Example("salama demo", "tells the story and leaves the network up"),
            Example("salama demo --nodes 5 --exit", "pays over three forwarders, then ends"),
            Example("salama demo --exit --json", "the same for scripts"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let count = try arguments.integer("nodes", in: 3...DemoStory.names.count) ?? 3
        let bitcoind = try arguments.isSet("bitcoind") ? BitcoindProgram.path() : nil
        // From here on Ctrl-C leads to the end below, which leaves nothing behind.
        Signals.prepare()
        let processes = try LocalProcesses(for: "demo")
        defer { processes.end() }
        let isJSON = arguments.isSet("json")
        let staysUp = !arguments.isSet("exit")
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        // The story runs beside the main thread, which waits for Ctrl-C.
        let thread = SystemThread("story") {
            let result = Result {
                let narration = Narration(isJSON: isJSON)
                let story = try DemoStory(
                    processes, narration, bitcoind: bitcoind, nodes: count, staysUp: staysUp)
                try story.tell()
            }
            outcome.withLock { $0 = result }
            if !staysUp || (try? result.get()) == nil { Signals.requestEnd() }
        }
        let number = Signals.wait()
        Signals.endAtOnce()
        guard let result = outcome.withLock({ $0 }) else {
            throw CommandFailure("stopped by \(number == SIGINT ? "Ctrl-C" : "a signal")")
        }
        thread.join()
        try result.get()
    }
}
