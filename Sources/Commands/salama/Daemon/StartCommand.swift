/// `salama start`.
enum StartCommand {
    static let command = Command(
        name: "start", group: .node, summary: "run the node",
        discussion: """
            It stays in the foreground and logs to standard error. The first Ctrl-C stops it once the work at hand is
            on disk; a second one ends it at once, which loses nothing either. Without a wallet it waits for
            `salama create`.
            """,
        examples: [
            Example(
                "salama start --network regtest --bitcoind.rpccookie ~/.bitcoin/regtest/.cookie",
                "runs a node on a bitcoind of this machine"),
            Example(
                "salama start --chain embedded --datadir /tmp/alice",
                "runs a node on a regtest chain of its own"),
        ],
        run: { arguments in
            let configuration = try Configuration(flags: arguments.configuration)
            let daemon = try Daemon(configuration)
            try daemon.runUntilStopped()
        })
}
