import HTTP
import HTTPClient
import JSON

/// `salama mine`.
enum MineCommand {
    static let command = Command(
        name: "mine", group: .tools, summary: "mine blocks on a node's embedded chain",
        discussion: "For nodes started with `--chain embedded`, and for `salama demo`.",
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
            let chain = try EmbeddedChainClient(configuration)
            let address = try arguments.value("address") ?? chain.call("getnewaddress").string ?? ""
            let hashes = try chain.call(
                "generatetoaddress", .integer(count ?? 1), .string(address))
            show(hashes, arguments) { hashes in
                let mined = hashes.array ?? []
                let tip = mined.last?.string ?? ""
                let what = mined.count == 1 ? "a block" : "\(grouped(mined.count)) blocks"
                return "Mined \(what); the tip is \(tip).\n"
            }
        })
}

/// JSON-RPC to the chain inside a running node.
struct EmbeddedChainClient {
    private let client: HTTPClient

    /// Finds the chain of the node that the configuration names.
    init(_ configuration: Configuration) throws(CommandFailure) {
        guard
            case .success(let address) = SmallFile.read(
                configuration.embeddedAddressFile, limit: 1_024),
            let endpoint = HostAndPort(
                String(decoding: address.filter { $0 != 0x0a }, as: UTF8.self)),
            case .success(let cookie) = SmallFile.read(configuration.embeddedCookie, limit: 1_024)
        else {
            throw CommandFailure(
                "no node with an embedded chain runs in \(configuration.dataFolder): start it with"
                    + " `salama start --chain embedded`")
        }
        var settings = HTTPClientConfiguration()
        settings.headers.append("Authorization", "Basic " + Base64.encode(cookie))
        do throws(HTTPClientError) {
            client = try HTTPClient(
                HTTPURL(isSecure: false, host: endpoint.host, port: endpoint.port), settings)
        } catch {
            throw CommandFailure("\(error)")
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
            throw CommandFailure("the embedded chain: \(error)")
        }
        guard let answer = try? JSONValue(parsing: response.body) else {
            throw CommandFailure("the embedded chain answered \(response.status)")
        }
        if let message = answer["error"]?["message"]?.string { throw CommandFailure(message) }
        return answer["result"] ?? .null
    }
}
