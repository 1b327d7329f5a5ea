import HTTP
import HTTPClient
import JSON
import NodeStorage

/// JSON-RPC to a regression test network: the one inside a running node, or a process of its own.
struct ChainClient: Sendable {
    private let client: HTTPClient

    /// The chain at that address, with the name and password in a cookie file.
    init(_ endpoint: HostAndPort, cookiePath: String) throws(CommandFailure) {
        switch SmallFile.read(cookiePath, limit: 1_024) {
        case .success(let cookie): try self.init(endpoint, credentials: cookie)
        case .failure(let error):
            throw CommandFailure("cannot read the chain's cookie \(cookiePath): \(error.reason)")
        }
    }

    private init(_ endpoint: HostAndPort, credentials: [UInt8]) throws(CommandFailure) {
        var settings = HTTPClientConfiguration()
        settings.headers.append("Authorization", "Basic " + Base64.encode(credentials))
        do throws(HTTPClientError) {
            client = try HTTPClient(
                HTTPURL(isSecure: false, host: endpoint.host, port: endpoint.port), settings)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// The chain of the node that the configuration names: inside it, or the bitcoind that it follows.
    init(_ configuration: Configuration) throws {
        if case .success(let address) = SmallFile.read(
            configuration.embeddedAddressFile, limit: 1_024),
            let endpoint = HostAndPort(
                String(decoding: address.filter { $0 != 0x0a }, as: UTF8.self))
        {
            try self.init(endpoint, cookiePath: configuration.embeddedCookie)
        } else if let host = configuration["bitcoind.rpchost"].flatMap({ HostAndPort($0) }) {
            guard configuration.network == .regtest else {
                throw CommandFailure(
                    "blocks can be mined on regtest only, not on \(configuration.network.rawValue)")
            }
            if let cookie = configuration.path("bitcoind.rpccookie") {
                try self.init(host, cookiePath: cookie)
            } else {
                let user = configuration["bitcoind.rpcuser"] ?? ""
                let password = configuration["bitcoind.rpcpass"] ?? ""
                try self.init(host, credentials: Array("\(user):\(password)".utf8))
            }
        } else {
            throw CommandFailure(
                "no node with an embedded chain runs in \(configuration.dataFolder): start it with"
                    + " `salama start --chain embedded`, or name a bitcoind with --bitcoind.rpchost"
            )
        }
    }

    /// Calls a method; throws what the chain says where it refuses.
    func call(_ method: String, _ parameters: JSONValue...) throws(CommandFailure) -> JSONValue {
        let body: JSONValue = [
            "jsonrpc": "1.0", "id": 1, "method": .string(method), "params": .array(parameters),
        ]
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try client.request(.post, "/", body: body.serialized())
        } catch {
            throw CommandFailure("the chain: \(error)")
        }
        guard let answer = try? JSONValue(parsing: response.body) else {
            throw CommandFailure("the chain answered \(response.status)")
        }
        if let message = answer["error"]?["message"]?.string { throw CommandFailure(message) }
        return answer["result"] ?? .null
    }

    /// An address of the chain's own wallet or faucet; where it has none, one that nobody has the key of.
    func anyAddress() -> String {
        (try? call("getnewaddress"))?.string ?? Self.nobody
    }

    /// An address of regtest whose witness program is twenty zeros.
    static let nobody = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"
}
