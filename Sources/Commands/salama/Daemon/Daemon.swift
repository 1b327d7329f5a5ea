import Bitcoin
import ChainBackend
import Glibc
import HTTPServer
import LightningNode
import NodeRuntime
import NodeServer
import NodeStorage
import Synchronization
import Threads

/// The node as a process: its parts put together as the configuration says.
final class Daemon: Sendable {
    let configuration: Configuration
    let log: Log
    let chain: NodeChain
    let host: NodeHost
    private let directory: DataDirectory
    private let failure: FailureNote
    /// The Tor service that leads to this node.
    private let tor: TorService?
    /// What answers requests while the daemon runs.
    private let interface = Mutex<(APIService, NodeServer)?>(nil)
    /// What answers Prometheus apart from that, where it is wanted.
    private let metrics = Mutex<MetricsServer?>(nil)

    /// Locks the data directory and opens what is in it. Nothing listens and nothing is followed yet.
    init(_ configuration: Configuration, logsToStandardError: Bool = true) throws {
        Signals.prepare()
        self.configuration = configuration
        try DataDirectory.create(configuration.dataFolder)
        directory = try DataDirectory(path: configuration.networkFolder)
        log = try Self.makeLog(configuration, standardError: logsToStandardError)
        let failure = FailureNote()
        self.failure = failure
        log.write(
            .info, .node,
            "salama \(VersionCommand.version) on \(configuration.network.rawValue), data in"
                + " \(configuration.networkFolder)")
        chain = try NodeChain(configuration, log: log)
        let store = try SQLiteStore(path: configuration.databasePath)
        if configuration.isSet("check-database") {
            try store.checkIntegrity()
            log.write(.info, .storage, "the database is whole")
        }
        let peers = PeerManager(try configuration.peerSettings(), log: log)
        do throws(PeerListenError) {
            try peers.listen()
        } catch {
            guard !configuration.isGiven("listen") else { throw error }
            // Another node of this machine may have the usual port.
            log.write(
                .warn, .peer, "\(error): no peers can connect; --listen chooses another port")
        }
        tor = try configuration.torService(listening: peers.listening).map { [log] in
            try TorService($0, log: log) { peers.announce($0) }
        }
        host = try NodeHost(
            network: configuration.network, store: store, backend: chain.backend, log: log,
            settings: try configuration.nodeSettings(reachedAt: peers.announced), peers: peers,
            graph: GraphSettings(folder: configuration.networkFolder),
            onFailure: { error in
                failure.note(error)
                // Those who asked are told why before the server closes.
                _ = SystemThread("failure") {
                    SystemThread.sleep(milliseconds: 300)
                    Signals.requestEnd()
                }
            })
    }

    private static func makeLog(
        _ configuration: Configuration, standardError: Bool
    ) throws -> Log {
        let levels = try LogLevels(parsing: configuration["debuglevel"] ?? "info")
        let format = configuration["logformat"].flatMap { Log.Format(rawValue: $0) } ?? .text
        try DataDirectory.create(configuration.logFolder)
        let path = configuration.logFolder + "/salama.log"
        guard
            let file = LogFile(
                path: path, sizeLimit: configuration.integer("maxlogfilesize") << 20,
                count: configuration.integer("maxlogfiles"))
        else { throw CommandFailure("cannot write the log \(path)") }
        return Log(levels: levels, format: format, standardError: standardError, file: file)
    }

    /// Listens and, where the password is in a file, opens the wallet.
    func start() throws {
        let api = APIService(
            host: host, configuration: configuration, log: log, onStop: { Signals.requestEnd() })
        let server = try startServer(api)
        interface.withLock { $0 = (api, server) }
        try startMetrics(api)
        try notePeerAddress()
        openWallet()
    }

    /// Ends everything in the order in which the parts feed each other.
    func stop() {
        metrics.withLock { $0.take() }?.stop()
        if let (api, server) = interface.withLock({ $0.take() }) {
            server.stop()
            api.stop()
        }
        host.stop()
        tor?.stop()
        chain.stop(log)
        unlink(configuration.addressFile)
        unlink(configuration.peerAddressFile)
        unlink(configuration.embeddedAddressFile)
    }

    /// Serves until a signal or the API ends it. Throws where the disk failed for good.
    func runUntilStopped() throws {
        try start()
        let number = Signals.wait()
        log.write(.info, .node, "stopping\(number == SIGINT ? "; Ctrl-C again ends at once" : "")")
        Signals.endAtOnce()
        stop()
        if let error = failure.error { throw CommandFailure("\(error)") }
    }

    /// Notes where peers reach the node, for commands to find.
    private func notePeerAddress() throws {
        let lines = host.peers.listening.map { $0.text + "\n" }.joined()
        let path = configuration.peerAddressFile
        if case .failure(let error) = SmallFile.write(Array(lines.utf8), to: path) {
            throw CommandFailure("cannot write \(path): \(error.reason)")
        }
    }

    /// Listens, and notes where for commands to find.
    private func startServer(_ api: APIService) throws -> NodeServer {
        guard let address = configuration["restlisten"].flatMap({ HostAndPort($0) }) else {
            throw UsageError("restlisten must be HOST:PORT")
        }
        var settings = NodeServerConfiguration(
            listen: [ListenAddress(host: address.host, port: address.port)],
            tlsDirectory: configuration.dataFolder, macaroonDirectory: configuration.networkFolder)
        settings.allowedOrigins = configuration.all("restcors")
        settings.tlsExtraHosts =
            configuration.all("tlsextraip") + configuration.all("tlsextradomain")
        let server = try NodeServer(settings, service: api)
        let bound = HostAndPort(host: address.host, port: server.port).text
        if case .failure(let error) = SmallFile.write(
            Array((bound + "\n").utf8), to: configuration.addressFile)
        {
            throw CommandFailure("cannot write \(configuration.addressFile): \(error.reason)")
        }
        log.write(.info, .server, "REST interface on https://\(bound)")
        return server
    }

    /// Listens for Prometheus where the configuration says so.
    private func startMetrics(_ api: APIService) throws {
        guard let address = configuration["prometheus.listen"].flatMap({ HostAndPort($0) }) else {
            return
        }
        let server = try MetricsServer(
            listen: ListenAddress(host: address.host, port: address.port), service: api)
        metrics.withLock { $0 = server }
        for address in server.addresses {
            log.write(.info, .server, "figures for Prometheus on http://\(address)/metrics")
        }
    }

    /// Opens the wallet with the password of `--wallet-unlock-password-file`, if that is given, or says what it waits for.
    private func openWallet() {
        guard host.currentState != .nonExisting else {
            log.write(.info, .wallet, "no wallet yet: `salama create` makes it")
            return chain.lookForTrouble(log)
        }
        guard let path = configuration.path("wallet-unlock-password-file") else {
            return log.write(.info, .wallet, "the wallet is locked: `salama unlock` opens it")
        }
        do {
            let password = try SecretInput.password(inFile: path)
            try host.unlock(password: SecretBytes(Array(password.utf8)))
        } catch {
            log.write(.error, .wallet, "the wallet stays locked: \(error)")
        }
    }
}

/// Why the node had to stop, noted by whichever thread found it.
private final class FailureNote: Sendable {
    private let noted = Mutex<StorageError?>(nil)

    func note(_ error: StorageError) { noted.withLock { $0 = $0 ?? error } }

    var error: StorageError? { noted.withLock { $0 } }
}
