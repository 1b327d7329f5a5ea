import JSON

/// `salama mine`.
enum MineCommand {
    static let command = Command(
        name: "mine", group: .tools, summary: "mine blocks on a node's regtest chain",
        discussion: """
            For nodes started with `--chain embedded`, those of `salama demo`, and those on a regtest bitcoind.
            """,
        positionals: [
            Positional(name: "COUNT", help: "how many, 1 if not given", isOptional: true)
        ],
        flags: [
            .value("address", "ADDRESS", "who gets the rewards (default: a faucet of the chain)"),
            .json,
        ],
        examples: [
            Example(
                "salama mine 6 --datadir /tmp/alice", "buries what is in the mempool under 6 blocks"
            )
        ],
        run: { arguments in
            let count = try arguments.integer(
                arguments.positional(0), named: "COUNT", in: 1...UInt32(10_000))
            var configuration = try Configuration(flags: arguments.configuration)
            configuration.adoptRunningNetwork()
            let chain = try ChainClient(configuration)
            let address = arguments.value("address") ?? chain.anyAddress()
            let hashes = try chain.call(
                "generatetoaddress", .integer(count ?? 1), .string(address))
            show(hashes, arguments) { hashes in
                let mined = hashes.array ?? []
                let tip = mined.last?.string ?? ""
                let what = mined.count == 1 ? "a block" : "\(grouped(mined.count)) blocks"
                return "Mined \(what); the tip is\n  \(tip)\n"
            }
        })
}
