import FoundationEssentials
import JSON
import TestSupport
import Testing

/// The main job from the command line: connect, open a channel, be paid, pay, close.
@Suite(.serialized) struct LightningVerbTests {
    private let chain: ChainProcess
    private let folders: [TemporaryFolder]
    private let alice: NodeProcess
    private let bob: NodeProcess

    init() throws {
        folders = try (0..<3).map { _ in try TemporaryFolder() }
        chain = try ChainProcess(.salama, folder: folders[2].path)
        alice = try NodeProcess(folder: folders[0].path, chain: chain, alias: "alice")
        bob = try NodeProcess(folder: folders[1].path, chain: chain, alias: "bob")
    }

    /// Runs a command for one of the nodes, which must succeed, and answers what it prints.
    private func run(_ node: Int, _ line: String) throws -> String {
        let result = try attempt(node, line)
        #expect(result.status == 0, "\(line): \(result.errors)")
        return result.output
    }

    private func attempt(
        _ node: Int, _ line: String
    ) throws -> (status: Int32, output: String, errors: String) {
        try ChildProcess.run(program(), words(node, line))
    }

    private func program() throws -> String { try #require(PackageFiles.salama) }

    private func words(_ node: Int, _ line: String) -> [String] {
        line.split(separator: " ").map(String.init) + [
            "--datadir", folders[node].path, "--network", "regtest",
        ]
    }

    private func json(_ node: Int, _ line: String) throws -> JSONValue {
        try JSONValue(parsing: Array(run(node, line + " --json").utf8))
    }

    /// Mines what a command publishes, and blocks on it until the command has ended.
    private func mineUntilDone(_ process: ChildProcess) throws -> String {
        try eventually("the command's transaction") {
            // With a block before it, the node might find itself behind and refuse.
            try !process.isRunning || chain.call("getrawmempool").array?.isEmpty == false
        }
        try eventually("the end of a command that waits for blocks") {
            if process.isRunning { try chain.mine(1, to: Payee(1).address) }
            return !process.isRunning
        }
        #expect(try process.wait() == 0, "\(process.errors)")
        return process.output
    }

    @Test(
        "a node is connected to, a channel opened, payments made both ways, and the channel closed")
    func mainJob() throws {
        try chain.mine(1, to: alice.newAddress())
        try chain.mine(100, to: Payee(1).address)
        for node in [alice, bob] { try node.waitForTip(chain) }

        let key = try #require(bob.get("/v1/getinfo")["identity_pubkey"]?.string)
        let address = "\(key)@127.0.0.1:\(bob.peerPort)"
        #expect(try run(0, "connect \(address)") == "Connected to \(key).\n")
        #expect(try run(0, "listpeers").hasPrefix(key + "\n  to 127.0.0.1:"))
        let again = try attempt(0, "connect \(address)")
        #expect(again.status == 1 && again.errors.contains("already connected"))

        let opening = try ChildProcess(
            program(), words(0, "openchannel \(key) 1000000 --block --sat_per_vbyte 2 --json"))
        let opened = try JSONValue(parsing: Array(mineUntilDone(opening).utf8))
        let point = try #require(opened["channel_point"]?.string)
        #expect(try run(0, "listchannels").contains("usable"))
        // Blocks came faster than nodes follow: who is behind asks for expiries that are too near.
        for node in [alice, bob] { try node.waitForTip(chain) }

        let invoice = try json(1, "addinvoice 250000 --memo tea")
        let request = try #require(invoice["payment_request"]?.string)
        #expect(try run(0, "decodepayreq \(request)").contains("250,000 sat"))
        // Nobody is there to say yes.
        #expect(try attempt(0, "payinvoice \(request)").errors.contains("nothing was paid"))
        let receipt = try run(0, "payinvoice \(request) --force")
        #expect(receipt.contains("paid      250,000 sat\n") && receipt.contains("fee       none\n"))
        let twice = try attempt(0, "payinvoice \(request) --force")
        #expect(twice.status == 1 && twice.errors.contains("already paid"))
        #expect(try run(1, "listinvoices").contains("250,000  paid   tea"))
        #expect(try run(0, "listpayments").contains("250,000"))

        let second = try #require(json(0, "addinvoice 50000")["payment_request"]?.string)
        let back = try run(1, "sendpayment --pay_req \(second) --force")
        #expect(back.contains("paid      50,000 sat\n"))
        let balance = try json(0, "channelbalance")
        #expect(balance["remote_balance"]?["sat"] == "200000")

        let closing = try ChildProcess(
            program(), words(1, "closechannel \(point) --block --sat_per_vbyte 2 --json"))
        let closed = try JSONValue(parsing: Array(mineUntilDone(closing).utf8))
        let id = try #require(closed["closing_txid"]?.string)
        try eventually("the coins of the closed channel") { try bob.balance() > 0 }
        #expect(try run(0, "listchannels").hasPrefix("There is no such channel"))
        try eventually("the closed channel among the past ones") {
            let past = try json(0, "closedchannels")["channels"]?[0]
            return past?["closing_tx_hash"]?.string == id
        }
    }

    @Test("payments that cannot be made say why, and that nothing was paid")
    func failures() throws {
        try chain.mine(1, to: Payee(1).address)
        for node in [alice, bob] { try node.waitForTip(chain) }
        let request = try #require(json(1, "addinvoice 1000")["payment_request"]?.string)
        let result = try attempt(0, "payinvoice \(request) --force")
        #expect(result.status == 1)
        #expect(result.errors.contains("nothing was paid"))
        let channel = try attempt(0, "openchannel 02\(String(repeating: "ab", count: 32)) 100000")
        #expect(channel.status == 1)
        #expect(channel.errors.contains("not"))
    }
}
