import Bitcoin
import ChainServer
import Dispatch
import Glibc

/// `salama chain`.
enum ChainCommand {
    private static let topics = ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"]

    static let command = Command(
        name: "chain", group: .tools,
        summary: "run a regression test network that speaks bitcoind's JSON-RPC",
        discussion: """
            Software that runs on `bitcoind -regtest` runs on it unchanged: it has bitcoind's methods, the cookie file
            DIR/regtest/.cookie, and ZeroMQ. It has no peers; blocks are mined when asked for (generatetoaddress) or on
            a timer. Its faucet hands out coins: getnewaddress, sendtoaddress.
            """,
        flags: [
            .value("datadir", "DIR", "where blocks, mempool, faucet and cookie are kept"),
            .value(
                "rpcport", "PORT", "the port of the JSON-RPC server; 18443 if not given, 0 for any"),
            .value(
                "rpcbind", "ADDRESS", "the address of the JSON-RPC server; 127.0.0.1 if not given"),
            .value("rpcuser", "NAME", "a user besides the cookie", aliases: []),
            .value("rpcpassword", "PASSWORD", "the password of that user"),
            .value("block-interval", "SECONDS", "mine a block to the faucet every so many seconds"),
            .value("minrelaytxfee", "RATE", "the least fee rate, in sat/kvB; 100 if not given"),
            .value("maxmempool", "MB", "the most memory for the mempool; 300 if not given"),
            .value("seed", "NUMBER", "makes faucet and blocks repeatable"),
            .toggle("ephemeral", "keep no blocks: start from the first block each time"),
        ]
            + topics.map {
                Flag.value(
                    "zmqpub\($0)", "ADDRESS", "publish \($0) there, as in tcp://127.0.0.1:28332",
                    isRepeatable: true)
            },
        takesConfiguration: false,
        examples: [
            Example(
                "salama chain --datadir /tmp/chain --rpcport 18443"
                    + " --zmqpubrawblock tcp://127.0.0.1:28332 --zmqpubrawtx tcp://127.0.0.1:28333",
                "a network for Lightning nodes to run on"),
            Example(
                "salama chain --datadir /tmp/chain --block-interval 10",
                "the same with a block every ten seconds"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let configuration = try configuration(arguments)
        let server: ChainServer
        do throws(ChainServerError) {
            server = try ChainServer(configuration)
        } catch {
            throw CommandFailure("\(error)")
        }
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { server.requestStop() }
            source.activate()
            return source
        }
        put("JSON-RPC on \(configuration.rpcHost):\(server.port), cookie in \(server.cookiePath)\n")
        do throws(ChainServerError) {
            try server.run()
        } catch {
            throw CommandFailure("\(error)")
        }
        withExtendedLifetime(signals) {}
    }

    private static func configuration(
        _ arguments: Arguments
    ) throws(UsageError) -> ChainServerConfiguration {
        guard let directory = arguments.value("datadir"), !directory.isEmpty else {
            throw UsageError("--datadir is missing: salama chain --datadir DIR")
        }
        var configuration = ChainServerConfiguration(directory: directory)
        configuration.rpcHost = arguments.value("rpcbind") ?? configuration.rpcHost
        configuration.rpcPort =
            try arguments.integer("rpcport", in: UInt16.min...UInt16.max) ?? configuration.rpcPort
        configuration.rpcUser = arguments.value("rpcuser")
        configuration.rpcPassword = arguments.value("rpcpassword")
        guard (configuration.rpcUser == nil) == (configuration.rpcPassword == nil) else {
            throw UsageError("--rpcuser and --rpcpassword go together")
        }
        configuration.blockInterval = try arguments.integer("block-interval", in: 1...86_400)
        configuration.seed = try arguments.integer("seed", in: UInt64.min...UInt64.max)
        configuration.isPersistent = !arguments.isSet("ephemeral")
        if let rate = try arguments.integer("minrelaytxfee", in: Int64(0)...100_000_000) {
            configuration.policy.minimumRelayFeerate = FeeratePerKvB(rate)
        }
        if let megabytes = try arguments.integer("maxmempool", in: 5...1_000_000) {
            configuration.policy.maximumMempoolUsage = megabytes * 1_000_000
        }
        configuration.publications = try publications(arguments)
        return configuration
    }

    private static func publications(
        _ arguments: Arguments
    ) throws(UsageError) -> [ZMQPublication] {
        var publications: [ZMQPublication] = []
        for topic in topics {
            for address in arguments.all("zmqpub\(topic)") {
                guard address.hasPrefix("tcp://") || address.hasPrefix("ipc://") else {
                    throw UsageError(
                        "--zmqpub\(topic) takes an address such as tcp://127.0.0.1:28332,"
                            + " not `\(address)`")
                }
                publications.append(ZMQPublication(topic: topic, address: address))
            }
        }
        return publications
    }
}
