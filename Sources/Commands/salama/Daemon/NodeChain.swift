import Bitcoin
import ChainBackend
import ChainServer
import NodeRuntime
import Threads

/// The chain that the configuration names.
struct NodeChain: Sendable {
    let backend: any ChainBackend
    /// The chain's own server, where the chain lives in this process.
    let embedded: ChainServer?

    init(_ configuration: Configuration, log: Log) throws {
        if configuration["chain"] == "embedded" {
            let server = try Self.embeddedServer(configuration)
            log.write(
                .info, .chain,
                "embedded chain, JSON-RPC on 127.0.0.1:\(server.port), cookie \(server.cookiePath)")
            self.init(backend: server.chain, embedded: server)
        } else {
            let settings = try Self.bitcoind(configuration)
            log.write(
                .info, .chain,
                "bitcoind at \(settings.host):\(settings.port), authentication by \(settings.authentication)"
            )
            self.init(backend: try BitcoindBackend(settings), embedded: nil)
        }
    }

    private init(backend: any ChainBackend, embedded: ChainServer?) {
        self.backend = backend
        self.embedded = embedded
    }

    private static func embeddedServer(_ configuration: Configuration) throws -> ChainServer {
        var settings = ChainServerConfiguration(directory: configuration.embeddedFolder)
        settings.rpcPort = 0
        let interval = configuration.integer("embedded.blocktime")
        settings.blockInterval = interval == 0 ? nil : UInt32(interval)
        let server = try ChainServer(settings)
        let address = Array("127.0.0.1:\(server.port)\n".utf8)
        if case .failure(let error) = SmallFile.write(
            address, to: configuration.embeddedAddressFile)
        {
            throw CommandFailure(
                "cannot write \(configuration.embeddedAddressFile): \(error.reason)")
        }
        return server
    }

    /// Writes what an embedded chain has to keep, and ends its server.
    func stop(_ log: Log) {
        guard let embedded else { return }
        embedded.requestStop()
        do throws(ChainServerError) {
            try embedded.run()
        } catch {
            log.write(.error, .chain, "the embedded chain was not kept: \(error)")
        }
    }

    /// Tells the log where the chain does not answer: before there is a wallet nobody else asks it.
    func lookForTrouble(_ log: Log) {
        _ = SystemThread("chain-look") { [backend] in
            do throws(ChainError) {
                _ = try backend.status()
            } catch {
                log.write(.warn, .chain, "the chain is not known at present: \(error)")
            }
        }
    }

    private static func bitcoind(_ configuration: Configuration) throws -> BitcoindConfiguration {
        let network = configuration.network
        let text = configuration["bitcoind.rpchost"] ?? "127.0.0.1"
        let endpoint = HostAndPort(text) ?? HostAndPort(host: text, port: network.defaultRPCPort)
        var settings = BitcoindConfiguration(
            network: network, host: endpoint.host, port: endpoint.port,
            authentication: try authentication(configuration))
        settings.rawBlockEndpoint = configuration["bitcoind.zmqpubrawblock"]
        settings.rawTransactionEndpoint = configuration["bitcoind.zmqpubrawtx"]
        return settings
    }

    private static func authentication(
        _ configuration: Configuration
    ) throws(UsageError) -> BitcoindAuthentication {
        if let path = configuration.path("bitcoind.rpccookie") { return .cookie(path: path) }
        switch (configuration["bitcoind.rpcuser"], configuration["bitcoind.rpcpass"]) {
        case (let user?, let password?): return .password(user: user, password: password)
        case (nil, nil):
            let folder = Configuration.expanded("~/.bitcoin")
            let name = configuration.network.bitcoindFolder
            return .cookie(path: (name.isEmpty ? folder : "\(folder)/\(name)") + "/.cookie")
        case (_?, nil): throw UsageError("bitcoind.rpcuser needs bitcoind.rpcpass with it")
        case (nil, _?): throw UsageError("bitcoind.rpcpass needs bitcoind.rpcuser with it")
        }
    }
}

extension Network {
    /// The name of the network's folder in bitcoind's data directory; empty for mainnet.
    var bitcoindFolder: String {
        switch self {
        case .mainnet: ""
        case .testnet3: "testnet3"
        case .testnet4: "testnet4"
        case .signet: "signet"
        case .regtest: "regtest"
        }
    }
}
