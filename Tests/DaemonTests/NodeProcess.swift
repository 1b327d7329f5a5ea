import Bitcoin
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import JSON
import TestSupport

/// A node in a process of its own, spoken to over its REST interface.
final class NodeProcess: @unchecked Sendable {
    let process: ChildProcess
    /// Where peers reach the node.
    let peerPort: UInt16
    let client: HTTPClient
    private let folder: String

    static let password = "correct horse battery"

    /// Starts a node on a chain and waits for its interface; makes the wallet where there is none yet, of those words if any.
    init(
        folder: String, chain: ChainProcess, alias: String = "node", peerPort: UInt16? = nil,
        words: String? = nil, options: [String] = []
    ) throws {
        let peerPort = peerPort ?? ChainProcess.freePort()
        self.peerPort = peerPort
        self.folder = folder
        guard let path = PackageFiles.salama else { throw DaemonTestError.noProgram }
        let passwordFile = folder + "/password"
        try Data((Self.password + "\n").utf8).write(to: URL(filePath: passwordFile))
        let addressFile = folder + "/data/chain/bitcoin/regtest/rest.address"
        // One that a killed node left behind names a port that is gone.
        try? FileManager.default.removeItem(atPath: addressFile)
        process = try ChildProcess(
            path,
            [
                "start", "--datadir", folder, "--network", "regtest",
                "--restlisten", "127.0.0.1:0", "--bitcoind.rpchost",
                "127.0.0.1:\(chain.port)",
                "--bitcoind.rpccookie", chain.cookiePath,
                "--wallet-unlock-password-file", passwordFile, "--alias", alias,
                "--listen", "127.0.0.1:\(peerPort)",
            ] + options)
        let process = process
        try eventually("the node's address") {
            guard process.isRunning else { throw DaemonTestError.refused(process.errors) }
            return FileManager.default.fileExists(atPath: addressFile)
        }
        let text = FileManager.default.contents(atPath: addressFile) ?? Data()
        let port = String(decoding: text, as: UTF8.self).split(separator: ":").last?
            .split(separator: "\n").first.flatMap { UInt16($0) }
        var settings = HTTPClientConfiguration()
        settings.trust = .certificateFile(folder + "/tls.cert")
        let url = HTTPURL(isSecure: true, host: "127.0.0.1", port: port ?? 0)
        let opener = try HTTPClient(url, settings)
        if try Self.state(opener) == "NON_EXISTING" { try Self.makeWallet(opener, words) }
        try eventually("the wallet's opening") { try Self.state(opener) == "SERVER_ACTIVE" }
        let macaroon = FileManager.default.contents(
            atPath: folder + "/data/chain/bitcoin/regtest/admin.macaroon")
        settings.headers.append("Grpc-Metadata-macaroon", Hex.encode(macaroon ?? Data()))
        client = try HTTPClient(url, settings)
    }

    private static func state(_ client: HTTPClient) throws -> String {
        try JSONValue(parsing: client.request(.get, "/v1/state").body)["state"]?.string ?? ""
    }

    private static func makeWallet(_ client: HTTPClient, _ words: String?) throws {
        let seed = try JSONValue(parsing: client.request(.get, "/v1/genseed").body)
        let own = words.map { words in
            JSONValue.array(words.split(separator: " ").map { .string(String($0)) })
        }
        let body: JSONValue = [
            "wallet_password": .string(Base64.encode(Array(password.utf8))),
            "cipher_seed_mnemonic": own ?? seed["cipher_seed_mnemonic"] ?? [],
            "recovery_window": own == nil ? 0 : 250,
        ]
        _ = try client.request(.post, "/v1/initwallet", body: body.serialized())
    }

    func get(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: client.request(.get, path).body)
    }

    func post(_ path: String, _ body: JSONValue) throws -> JSONValue {
        try JSONValue(parsing: client.request(.post, path, body: body.serialized()).body)
    }

    /// The status and the whole body of an answer.
    func exchange(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil
    ) throws -> (status: Int, body: String) {
        let answer = try client.request(method, path, body: body?.serialized() ?? [])
        return (answer.status.code, String(decoding: answer.body, as: UTF8.self))
    }

    /// The failure that an answer tells of, as status, code and message; nil where it tells of none.
    func failure(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil
    ) throws -> (status: Int, code: Int, message: String)? {
        let answer = try client.request(method, path, body: body?.serialized() ?? [])
        let json = try JSONValue(parsing: answer.body)
        let error = json["error"] ?? json
        guard let message = error["message"]?.string else { return nil }
        return (answer.status.code, error["code"]?.integer() ?? -1, message)
    }

    /// The lines of an answer that does not end.
    func stream(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil
    ) throws -> HTTPClientStream {
        try client.stream(method, path, body: body?.serialized() ?? [])
    }

    /// Runs a command of the command line for the node, and answers how that went.
    func attempt(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
        guard let path = PackageFiles.salama else { throw DaemonTestError.noProgram }
        return try ChildProcess.run(path, words + ["--datadir", folder, "--network", "regtest"])
    }

    /// Runs a command, its words separated by spaces, which must succeed, and answers what it prints.
    func run(_ line: String, _ more: String...) throws -> String {
        let words = line.split(separator: " ").map(String.init) + more
        let result = try attempt(words)
        guard result.status == 0 else {
            throw DaemonTestError.refused("\(words): \(result.status), \(result.errors)")
        }
        return result.output
    }

    /// What a command prints with `--json`.
    func json(_ line: String, _ more: String...) throws -> JSONValue {
        let words = line.split(separator: " ").map(String.init) + more + ["--json"]
        let result = try attempt(words)
        guard result.status == 0 else {
            throw DaemonTestError.refused("\(words): \(result.status), \(result.errors)")
        }
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    func newAddress(_ type: Int = 4) throws -> String {
        try get("/v1/newaddress?type=\(type)")["address"]?.string ?? ""
    }

    func balance(_ name: String = "total_balance") throws -> Int64 {
        try get("/v1/balance/blockchain")[name]?.string.flatMap { Int64($0) } ?? -1
    }

    /// Waits until the node has processed the chain's tip.
    func waitForTip(_ chain: ChainProcess) throws {
        try eventually("the tip") {
            let info = try get("/v1/getinfo")
            return try info["block_hash"]?.string == chain.call("getbestblockhash").string
                && info["synced_to_chain"]?.bool == true
        }
    }

    /// Pays; nil where the node refuses. Throws where it does not answer.
    func send(_ amount: Int64, to address: String) throws -> String? {
        let answer = try post(
            "/v1/transactions",
            ["addr": .string(address), "amount": .string("\(amount)"), "sat_per_vbyte": "2"])
        return answer["txid"]?.string
    }
}
