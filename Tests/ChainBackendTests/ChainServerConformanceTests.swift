import Bitcoin
import ChainBackend
import ChainServer
import FoundationEssentials
import TestSupport
import Testing

/// What every backend does alike, with the one for bitcoind at `salama chain`'s server.
@Suite(.serialized)
struct ChainServerConformanceTests {
    @Test("over JSON-RPC and ZeroMQ of salama chain", arguments: ConformanceCase.all)
    func served(_ conformance: ConformanceCase) throws {
        try Self.shared.use { try conformance.run($0) }
    }

    private static let shared = SharedChain { try ServedChain() }
}

/// The server of `salama chain` under a test's command.
private final class ServedChain: ControlledChain {
    let backend: any ChainBackend
    private let server: ChainServer

    init() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chain-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let endpoint = "tcp://127.0.0.1:\(try BitcoindProcess.freePort())"
        var settings = ChainServerConfiguration(directory: directory.path)
        settings.rpcPort = 0
        settings.isPersistent = false
        settings.publications = ["rawblock", "rawtx"].map {
            ZMQPublication(topic: $0, address: endpoint)
        }
        server = try ChainServer(settings)

        var configuration = BitcoindConfiguration(
            network: .regtest, port: server.port,
            authentication: .cookie(path: server.cookiePath))
        configuration.rawBlockEndpoint = endpoint
        configuration.rawTransactionEndpoint = endpoint
        backend = try BitcoindBackend(configuration)
        // The cookie is read by now: nothing is left behind by a chain that lives as long as the tests.
        _ = try backend.status()
        try FileManager.default.removeItem(at: directory)
    }

    func mine(_ count: Int, to script: Script) throws -> [BlockHash] {
        try server.chain.mine(count, to: script)
    }

    func invalidate(_ block: BlockHash) throws { try server.chain.invalidate(block) }

    func reconsider(_ block: BlockHash) throws { try server.chain.reconsider(block) }
}
