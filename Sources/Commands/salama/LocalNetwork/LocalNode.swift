import Glibc
import JSON
import NodeRuntime
import NodeStorage
import Threads

/// A node of its own process, spoken to over its REST interface as any program would.
///
/// Unchecked sendability: one thread starts and stops nodes, and others only call what `client` offers.
final class LocalNode: @unchecked Sendable {
    let name: String
    let folder: String
    /// Where the node listens for peers.
    let host: String
    /// Where peers are told that it listens.
    var door: String
    /// What finds the node.
    let configuration: Configuration
    private let processes: LocalProcesses
    private let program: String
    /// The process's number.
    private(set) var identifier: pid_t = 0
    /// The node's interface; set once the node runs.
    private(set) var client: NodeClient
    /// The node's public key.
    private(set) var key = ""
    /// How long the last start took, from the process's beginning to the interface's first answer.
    private(set) var startTime = Duration.zero

    /// Writes the node's configuration and starts it.
    ///
    /// `settings` are more lines of the configuration; `program` is another release of this one.
    init(
        _ name: String, _ processes: LocalProcesses, _ chain: LocalChain, settings: [String] = [],
        program: String? = nil
    ) throws {
        self.name = name
        self.processes = processes
        self.program = try program ?? OwnProgram.path()
        folder = processes.folder + "/" + name.lowercased()
        // A port of its own, under which peers find the node again after it was away.
        host = HostAndPort(host: "127.0.0.1", port: try LocalChain.freePort()).text
        door = host
        guard mkdir(folder, 0o700) == 0 else {
            throw CommandFailure("cannot make \(folder): \(String(cString: strerror(errno)))")
        }
        let lines =
            chain.settings + [
                "alias=\(name)", "restlisten=127.0.0.1:\(try LocalChain.freePort())",
                "listen=\(host)", "wallet-unlock-password-file=\(folder)/password",
            ] + settings
        try Self.write(lines.joined(separator: "\n") + "\n", to: folder + "/salama.conf")
        try Self.write(Base64.encode(SystemEntropy.bytes(16)) + "\n", to: folder + "/password")
        configuration = try Configuration(flags: ["datadir": [folder]], environment: [:])
        let begin = ContinuousClock.now
        identifier = try Self.run(processes, name, folder, self.program)
        client = try Self.connect(processes, name, identifier, configuration)
        startTime = ContinuousClock.now - begin
    }

    private static func write(_ text: String, to path: String) throws(CommandFailure) {
        if case .failure(let error) = SmallFile.write(Array(text.utf8), to: path) {
            throw CommandFailure("cannot write \(path): \(error.reason)")
        }
    }

    private static func run(
        _ processes: LocalProcesses, _ name: String, _ folder: String, _ program: String,
        _ environment: [String] = []
    ) throws -> pid_t {
        try processes.start(
            "/usr/bin/env", environment + [program, "start", "--datadir", folder],
            log: name.lowercased() + ".log")
    }

    /// Waits until the node answers, and answers its interface for the calls that need no macaroon.
    private static func connect(
        _ processes: LocalProcesses, _ name: String, _ identifier: pid_t,
        _ configuration: Configuration
    ) throws -> NodeClient {
        try Waiting.value("\(name)'s node does not answer", atMost: 20, every: 1) {
            guard processes.isRunning(identifier) else {
                throw CommandFailure(
                    "\(name)'s node has ended: see \(processes.folder)/\(name.lowercased()).log")
            }
            guard let client = try? NodeClient(configuration, needsMacaroon: false),
                (try? client.get("/v1/state")) != nil
            else { return nil }
            return client
        }
    }

    /// Makes the wallet and waits until it is open.
    func makeWallet() throws {
        let words = try client.get("/v1/genseed").list("cipher_seed_mnemonic")
        let password = try SecretInput.password(inFile: folder + "/password")
        _ = try client.post(
            "/v1/initwallet",
            [
                "wallet_password": .string(Base64.encode(Array(password.utf8))),
                "cipher_seed_mnemonic": .array(words),
            ])
        try waitUntilOpen()
    }

    private func waitUntilOpen() throws {
        try Waiting.until("\(name)'s wallet does not open") {
            ["RPC_ACTIVE", "SERVER_ACTIVE"].contains(try client.get("/v1/state").text("state"))
        }
        client = try NodeClient(configuration)
        key = try client.get("/v1/getinfo").text("identity_pubkey")
    }

    /// Another client of the same node, for another thread to keep connections of its own with.
    func anotherClient() throws -> NodeClient { try NodeClient(configuration) }

    /// Stops the node in order.
    func stop() { processes.stop(identifier) }

    /// Ends the node as a crash does.
    func kill() { processes.kill(identifier) }

    /// Starts the node again and waits until its wallet is open; `environment` holds variables as `NAME=VALUE`.
    func start(environment: [String] = []) throws {
        unlink(configuration.addressFile)
        let begin = ContinuousClock.now
        identifier = try Self.run(processes, name, folder, program, environment)
        client = try Self.connect(processes, name, identifier, configuration)
        startTime = ContinuousClock.now - begin
        try waitUntilOpen()
    }

    /// Copies everything the stopped node has.
    func copyData(to copy: String) throws {
        try Self.shell("cp -a '\(folder)' '\(processes.folder)/\(copy)'", "copy \(name)'s data")
    }

    /// Puts a copy in the place of everything the stopped node has.
    func restoreData(from copy: String) throws {
        try Self.shell(
            "rm -rf '\(folder)' && mv '\(processes.folder)/\(copy)' '\(folder)'",
            "restore \(name)'s data")
    }

    private static func shell(_ line: String, _ what: String) throws(CommandFailure) {
        // The last parts of the paths are our own, made of letters and digits.
        guard system(line) == 0 else { throw CommandFailure("cannot \(what)") }
    }
}

/// What commands ask of a node.
extension LocalNode {
    /// Waits until the node has seen the chain up to that block.
    func waitForBlock(_ height: Int64) throws {
        try Waiting.until("\(name)'s node does not see block \(height)") {
            let info = try client.get("/v1/getinfo")
            return info.number("block_height") >= height && info.flag("synced_to_chain")
        }
    }

    func newAddress() throws -> String {
        try client.get("/v1/newaddress", query: [("type", "4")]).text("address")
    }

    /// What the wallet has on the chain, in satoshi.
    func onChain() throws -> Int64 {
        try client.get("/v1/balance/blockchain").number("total_balance")
    }

    /// What the channels hold for this side, in thousandths of a satoshi.
    func inChannels() throws -> Int64 {
        try client.get("/v1/balance/channels")["local_balance"]?.number("msat") ?? 0
    }

    /// The open channels with a node.
    func channels(with peer: LocalNode) throws -> [JSONValue] {
        try client.get("/v1/channels").list("channels").filter {
            $0.text("remote_pubkey") == peer.key
        }
    }

    /// Connects to a node, where the two are not connected yet, and opens a channel; answers the funding
    /// transaction's id. Of the capacity `pushed` is the peer's at once.
    func openChannel(
        with peer: LocalNode, _ capacity: Int64, pushing pushed: Int64 = 0
    ) throws -> String {
        do {
            _ = try client.post(
                "/v1/peers", ["addr": ["pubkey": .string(peer.key), "host": .string(peer.door)]])
        } catch {
            guard error.message.contains("already connected") else { throw error }
        }
        let answer = try client.post(
            "/v1/channels",
            [
                "node_pubkey_string": .string(peer.key),
                "local_funding_amount": .string("\(capacity)"),
                "push_sat": .string("\(pushed)"), "sat_per_vbyte": "2",
            ])
        let id = answer.text("funding_txid_str")
        return id.isEmpty ? transactionText(ofBase64: answer.text("funding_txid_bytes")) : id
    }

    /// Waits until the channel with a node can be used, or so many of them.
    func waitForChannel(with peer: LocalNode, count: Int = 1) throws {
        try Waiting.until("the channel of \(name) and \(peer.name) does not come up", every: 2) {
            try channels(with: peer).count { $0.flag("active") } >= count
        }
    }
}
