import Bitcoin
import ChainBackend
import ChainServer
import FoundationEssentials
import JSON
import Testing

/// What every backend does alike, over the JSON-RPC and ZeroMQ of `salama chain`.
@Suite(.serialized) struct ServerConformanceTests {
    @Test("over JSON-RPC and ZeroMQ", arguments: ConformanceCase.all)
    func overRPC(_ conformance: ConformanceCase) throws {
        try Self.shared.use { try conformance.run($0) }
    }

    private static let shared = SharedChain { try ServerControl() }
}

/// A chain behind its server, as a backend for bitcoind sees it.
final class ServerControl: ControlledChain {
    private let server: ChainServer
    private let directory: URL
    let backend: any ChainBackend

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "chain-\(UUID())")
        var configuration = ChainServerConfiguration(directory: directory.path)
        configuration.rpcPort = 0
        configuration.publications = ["rawblock", "rawtx"].map {
            ZMQPublication(topic: $0, address: "tcp://127.0.0.1:*")
        }
        let server = try ChainServer(configuration)
        self.server = server
        var client = BitcoindConfiguration(
            network: .regtest, port: server.port, authentication: .cookie(path: server.cookiePath))
        let published = try server.service.call("getzmqnotifications", nil)
        client.rawBlockEndpoint = published[0]?["address"]?.string
        client.rawTransactionEndpoint = published[1]?["address"]?.string
        backend = try BitcoindBackend(client)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func mine(_ count: Int, to script: Script) throws -> [BlockHash] {
        let address = try #require(Address(script: script, network: .regtest))
        let hashes = try server.service.call(
            "generatetoaddress", [.integer(count), .string("\(address)")])
        return try (hashes.array ?? []).map { try BlockHash(displayHex: $0.string ?? "") }
    }

    func invalidate(_ block: BlockHash) throws {
        _ = try server.service.call("invalidateblock", [.string("\(block)")])
    }

    func reconsider(_ block: BlockHash) throws {
        _ = try server.service.call("reconsiderblock", [.string("\(block)")])
    }
}
