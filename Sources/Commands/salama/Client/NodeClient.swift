import Bitcoin
import HTTP
import HTTPClient
import JSON
import NodeAPI
import NodeStorage

/// The node's REST interface as commands use it: found by the configuration, and with failures told for people.
struct NodeClient: Sendable {
    private let client: NodeAPI.NodeClient
    private let address: String

    /// Finds the node that the configuration names.
    ///
    /// Throws where its address, certificate or macaroon cannot be found.
    init(_ arguments: Arguments, needsMacaroon: Bool = true) throws {
        var configuration = try Configuration(flags: arguments.configuration)
        configuration.adoptRunningNetwork()
        try self.init(configuration, needsMacaroon: needsMacaroon)
    }

    /// A client of the node with that configuration.
    init(_ configuration: Configuration, needsMacaroon: Bool = true) throws(CommandFailure) {
        guard let text = configuration["rpcserver"] ?? configuration.runningAddress else {
            throw CommandFailure(
                "no node is running with the data directory \(configuration.networkFolder): start it with"
                    + " `salama start`, or say with --datadir, --network or --rpcserver where it is"
            )
        }
        guard let endpoint = HostAndPort(text) else {
            throw CommandFailure("the node's address `\(text)` is no HOST:PORT")
        }
        address = endpoint.text
        let macaroon =
            needsMacaroon ? try Self.macaroon(configuration.adminMacaroonPath, address) : nil
        // A node that listens on every address is reached on this machine's own.
        let host = endpoint.host == "0.0.0.0" || endpoint.host == "::" ? "127.0.0.1" : endpoint.host
        do throws(HTTPClientError) {
            // A rescan or a send may keep the node busy for a while, and the whole network is a large answer.
            client = try NodeAPI.NodeClient(
                HTTPURL(isSecure: true, host: host, port: endpoint.port),
                trust: .certificateFile(configuration.certificatePath), macaroon: macaroon,
                timeout: 300, answerLimit: 1 << 30)
        } catch {
            throw Self.failure(error, address)
        }
    }

    private static func macaroon(_ path: String, _ address: String) throws(CommandFailure) -> String
    {
        switch SmallFile.read(path, limit: 1 << 16) {
        case .success(let bytes): return Hex.encode(bytes)
        case .failure(let error):
            throw CommandFailure(
                "cannot read the macaroon \(path): \(error.reason); is the wallet made and is this the"
                    + " node's --datadir and --network, or should --macaroonpath be given?")
        }
    }

    /// Asks; throws what the node says where it refuses.
    func get(_ path: String, query: [(String, String)] = []) throws(CommandFailure) -> JSONValue {
        try exchange(.get, Self.target(path, query), [])
    }

    /// Tells the node to do something; throws what it says where it refuses.
    func post(_ path: String, _ body: JSONValue = [:]) throws(CommandFailure) -> JSONValue {
        try exchange(.post, path, body.serialized())
    }

    /// Tells the node to undo or end something; throws what it says where it refuses.
    func delete(_ path: String, query: [(String, String)] = []) throws(CommandFailure) -> JSONValue
    {
        try exchange(.delete, Self.target(path, query), [])
    }

    /// Calls `handler` with each event of a stream until it returns false or the node ends the stream.
    ///
    /// Throws what the node says where it refuses, and what `handler` throws.
    func stream(
        _ method: HTTPMethod, _ path: String, query: [(String, String)] = [],
        _ body: JSONValue? = nil, handler: (JSONValue) throws -> Bool
    ) throws {
        var failure: (any Error)?
        let bytes = body?.serialized() ?? []
        try checked { () throws(NodeClientError) in
            try client.stream(method, Self.target(path, query), bytes) { event in
                do {
                    return try handler(event)
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
    }

    private static func target(_ path: String, _ query: [(String, String)]) -> String {
        let pairs = query.map { "\(Percent.encode($0.0))=\(Percent.encode($0.1))" }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    private func exchange(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8]
    ) throws(CommandFailure) -> JSONValue {
        try checked { () throws(NodeClientError) in
            try client.exchange(method, target, body)
        }
    }

    /// Turns what went wrong into words for people.
    private func checked<Result>(
        _ body: () throws(NodeClientError) -> Result
    ) throws(CommandFailure) -> Result {
        do throws(NodeClientError) {
            return try body()
        } catch {
            switch error {
            case .connection(let error): throw Self.failure(error, address)
            case .refused(let error):
                throw CommandFailure(
                    error.message, status: error.code == .invalidArgument ? 2 : 1,
                    code: error.code)
            case .unreadable(let status):
                throw CommandFailure("\(address) answered \(status): is it a salama node?")
            }
        }
    }

    private static func failure(_ error: HTTPClientError, _ address: String) -> CommandFailure {
        switch error {
        case .cannotConnect, .unknownHost:
            CommandFailure(
                "no node answers at \(address): start it with `salama start`, or say with"
                    + " --datadir or --rpcserver where it is")
        case .badCertificateFile(let path, _):
            CommandFailure(
                "the node's certificate \(path) cannot be read: no node has run with this"
                    + " --datadir, or --tlscertpath has to say where it is")
        case .tls, .timedOut, .closed, .broken, .badMessage, .badWebSocket:
            CommandFailure("\(address): \(error)")
        }
    }
}

extension Configuration {
    /// Where the node of the data directory listens; nil where none runs.
    var runningAddress: String? {
        guard DataDirectory.holder(of: networkFolder) != nil,
            case .success(let bytes) = SmallFile.read(addressFile, limit: 1_024)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }

    /// Where nothing says which network is meant and just one node runs in the data directory, that one is.
    mutating func adoptRunningNetwork() {
        guard entries["network"]?.source == .standard, runningAddress == nil else { return }
        let running = Network.allCases.filter { network in
            DataDirectory.holder(of: Self.networkFolder(of: network, in: dataFolder)) != nil
        }
        if let only = running.first, running.count == 1 { setNetwork(only) }
    }
}
