import Bitcoin
import ChainBackend
import Glibc
import JSON
import Threads

/// The chain that local nodes follow, in a process of its own: the project's, or a real bitcoind.
///
/// Unchecked sendability: one thread starts, asks and ends it, or others ask while it is not ended.
final class LocalChain: @unchecked Sendable {
    let name: String
    /// The calls of its interface; another object once it was started again, whose password is new.
    private(set) var client: ChainClient
    /// The lines by which a node's configuration names it.
    let settings: [String]
    private let bitcoind: BitcoindConfiguration
    private let processes: LocalProcesses
    /// What starts it.
    private let program: String
    private let arguments: [String]
    private let endpoint: HostAndPort
    private var identifier: pid_t

    /// Starts it and waits until it answers; `bitcoind` is the path of a real one.
    init(_ processes: LocalProcesses, bitcoind: String?) throws {
        name = bitcoind == nil ? "Salama's own regtest chain" : "a bitcoind of this machine"
        let folder = processes.folder + "/chain"
        guard mkdir(folder, 0o700) == 0 else {
            throw CommandFailure("cannot make \(folder): \(String(cString: strerror(errno)))")
        }
        let port = try Self.freePort()
        // The kernel chooses no ports for ZeroMQ, but there are other sockets than those with ports.
        let (blocks, transactions) = (
            "ipc://\(processes.folder)/blocks", "ipc://\(processes.folder)/transactions"
        )
        let publications = ["-zmqpubrawblock=\(blocks)", "-zmqpubrawtx=\(transactions)"]
        if let bitcoind {
            program = bitcoind
            arguments =
                [
                    "-regtest", "-server", "-datadir=\(folder)", "-rpcport=\(port)", "-listen=0",
                    "-dnsseed=0", "-connect=0", "-disablewallet", "-printtoconsole=0", "-par=1",
                    "-dbcache=16", "-fallbackfee=0.00001",
                ] + publications
        } else {
            program = try OwnProgram.path()
            arguments =
                ["chain", "--datadir", folder, "--rpcport", "\(port)"]
                + publications.map { "-" + $0 }
        }
        let endpoint = HostAndPort(host: "127.0.0.1", port: port)
        let cookie = folder + "/regtest/.cookie"
        var configuration = BitcoindConfiguration(
            network: .regtest, port: port, authentication: .cookie(path: cookie))
        (configuration.rawBlockEndpoint, configuration.rawTransactionEndpoint) = (
            blocks, transactions
        )
        self.bitcoind = configuration
        self.endpoint = endpoint
        self.processes = processes
        settings = [
            "network=regtest", "bitcoind.rpchost=\(endpoint.text)", "bitcoind.rpccookie=\(cookie)",
            "bitcoind.zmqpubrawblock=\(blocks)", "bitcoind.zmqpubrawtx=\(transactions)",
        ]
        identifier = try processes.start(program, arguments, log: "chain.log")
        client = try Self.connect(processes, identifier, endpoint, cookie)
    }

    /// Waits until it answers.
    private static func connect(
        _ processes: LocalProcesses, _ identifier: pid_t, _ endpoint: HostAndPort, _ cookie: String
    ) throws -> ChainClient {
        try Waiting.value("the chain does not answer", atMost: 30) {
            guard processes.isRunning(identifier) else {
                throw CommandFailure("the chain has ended: see \(processes.folder)/chain.log")
            }
            guard let client = try? ChainClient(endpoint, cookiePath: cookie),
                (try? client.call("getblockcount")) != nil
            else { return nil }
            return client
        }
    }

    /// Ends it as a crash does.
    func kill() { processes.kill(identifier) }

    /// Starts it again where it was ended, and waits until it answers.
    func start() throws {
        identifier = try processes.start(program, arguments, log: "chain.log")
        client = try Self.connect(
            processes, identifier, endpoint, processes.folder + "/chain/regtest/.cookie")
    }

    /// The chain for a node inside this process.
    func backend() throws -> BitcoindBackend { try BitcoindBackend(bitcoind) }

    /// Mines blocks whose rewards go to that address.
    func mine(_ count: Int, to address: String = ChainClient.nobody) throws {
        _ = try client.call("generatetoaddress", .integer(count), .string(address))
    }

    var height: Int64 {
        get throws { try client.call("getblockcount").integer() ?? 0 }
    }

    /// Waits until the mempool holds that many transactions or more.
    func waitForMempool(_ count: Int) throws {
        try Waiting.until("the transactions do not reach the mempool", atMost: 20) {
            try client.call("getrawmempool").array?.count ?? 0 >= count
        }
    }

    /// A port of 127.0.0.1 at which nothing listens at present, below those that the system gives to connections: whoever
    /// listens there finds it free again after a restart.
    static func freePort() throws(CommandFailure) -> UInt16 {
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 10_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length)
                }
            }
            if status == 0 { return port }
        }
        throw CommandFailure("no port is free on 127.0.0.1")
    }
}

/// Waiting for what other processes do.
enum Waiting {
    /// Tries every few milliseconds until there is a value; throws `complaint` after so many seconds.
    static func value<Value>(
        _ complaint: String, atMost seconds: Int, every milliseconds: UInt32 = 10,
        _ attempt: () throws -> Value?
    ) throws -> Value {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if let value = try attempt() { return value }
            SystemThread.sleep(milliseconds: milliseconds)
        }
        throw CommandFailure("\(complaint) within \(seconds) s")
    }

    /// Tries every few milliseconds until it is so.
    static func until(
        _ complaint: String, atMost seconds: Int = 30, every milliseconds: UInt32 = 10,
        _ condition: () throws -> Bool
    ) throws {
        _ = try value(complaint, atMost: seconds, every: milliseconds) {
            try condition() ? true : nil
        }
    }
}

/// A real bitcoind on this machine.
enum BitcoindProgram {
    /// Where it is: what SALAMA_DEMO_BITCOIND names (`make demo` sets it), or one on PATH.
    static func path() throws(CommandFailure) -> String {
        if let named = getenv("SALAMA_DEMO_BITCOIND").map({ String(cString: $0) }), !named.isEmpty {
            return named
        }
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        for folder in folders.split(separator: ":") {
            let path = String(folder) + "/bitcoind"
            if access(path, X_OK) == 0 { return path }
        }
        throw CommandFailure(
            "there is no bitcoind on PATH; install one, or use `make demo ARGS=--bitcoind`, which gets it"
        )
    }
}
