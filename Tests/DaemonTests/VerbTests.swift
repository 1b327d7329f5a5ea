import Bitcoin
import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// The commands of a terminal against a running node.
@Suite(.serialized) struct VerbTests {
    private let node: TerminalNode

    init() throws { node = try TerminalNode() }

    @Test(
        "the words of a new wallet are shown before it is made, and never for a node that has one")
    func words() throws {
        let full = try node.shell("create --password-file '\(node.passwordFile)' >/dev/full")
        #expect(full.status == 1)
        #expect(full.errors.contains("cannot write to standard output: No space left"))
        #expect(try node.run("state").output == "NON_EXISTING\n")
        let made = try node.run("create", "--password-file", node.passwordFile)
        #expect(made.status == 0)
        #expect(made.output.contains(" 24. ") && made.output.hasSuffix("The wallet is made.\n"))
        try node.restart()
        let again = try node.run("create", "--password-file", node.passwordFile)
        #expect(again.status == 1 && again.output.isEmpty)
        #expect(again.errors.contains("has a wallet already"))
    }

    @Test("a macaroon is baked with caveats, and is good for no more than they say")
    func caveats() throws {
        try node.makeWallet()
        let path = node.folder.path + "/narrow.macaroon"
        func bake(_ flags: String...) throws -> Int32 {
            try node.run(["bakemacaroon", "info:read", "--save_to", path] + flags).status
        }
        func use(_ verb: String = "getinfo") throws -> String {
            try node.run(verb, "--macaroonpath", path).errors
        }
        #expect(try bake("--timeout", "60", "--ip_address", "127.0.0.1") == 0)
        #expect(try use() == "")
        #expect(try use("walletbalance").contains("permission denied"))
        #expect(try bake("--ip_address", "10.0.0.1") == 0)
        #expect(try use().contains("locked to different IP address"))
        #expect(try bake("--ip_range", "127.0.0.0/8") == 0)
        #expect(try use() == "")
        #expect(try bake("--ip_range", "10.0.0.0/8") == 0)
        #expect(try use().contains("locked to different IP range"))
        #expect(try bake("--timeout", "1") == 0)
        sleep(2)
        #expect(try use().contains("macaroon has expired"))
        #expect(
            try bake("--custom_caveat_name", "shop", "--custom_caveat_condition", "till 3") == 0)
        #expect(try use().contains("lnd-custom shop till 3"))
        #expect(try bake("--custom_caveat_name", "a shop") == 2)
        #expect(try bake("--custom_caveat_condition", "till 3") == 2)
        // Who has the root key needs no node.
        let file = node.folder.path + "/data/chain/bitcoin/regtest/macaroon-root-keys.json"
        let keys = String(
            decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        let key = try #require(keys.split(separator: "\"").first { $0.utf8.count == 64 })
        #expect(try bake("--root_key", String(key)) == 0)
        #expect(try use() == "")
        #expect(try bake("--root_key", String(repeating: "0", count: 64)) == 0)
        #expect(try use().contains("signature mismatch"))
        #expect(try bake("--root_key", "12") == 2)
        #expect(try bake("--ip_address", "10.0.0") == 2)
        #expect(try bake("--ip_range", "10.0.0.0/40") == 2)
    }

    @Test("what only the node can find wrong in a command line ends with status 2, too")
    func wrongInput() throws {
        try node.makeWallet()
        let result = try node.run("sendcoins", "nonsense", "1000")
        #expect(result.status == 2)
        #expect(result.errors.contains("`nonsense` is no address of regtest"))
        let poor = try node.run("sendcoins", Payee(1).address, "1000", "--sat_per_byte", "2")
        #expect(poor.status == 1)
        #expect(poor.errors.contains("insufficient funds"))
    }

    @Test("refusals to spend speak of coins and fee rates as people do")
    func refusals() throws {
        try node.makeWallet()
        let address = try String(node.run("newaddress").output.dropLast())
        _ = try node.run("mine", "1", "--address", address)
        _ = try node.run("mine", "100")
        try eventually("the reward") {
            try !node.run("listunspent").output.isEmpty
                && node.run("walletbalance").output.contains("confirmed    5,000,000,000 sat")
        }
        func complaint(_ flags: String...) throws -> String {
            try node.run(["sendcoins", Payee(1).address, "1000"] + flags).errors
        }
        #expect(
            try complaint("--sat_per_vbyte", "99999").contains("99999 sat/vB is above the most"))
        let coin = String(repeating: "1", count: 64) + ":0"
        #expect(
            try complaint("--utxo", coin, "--sat_per_vbyte", "2").contains(
                "cannot be spent: the wallet does not have it, or it is spent"))
    }

    @Test("a node that is started with closed descriptors writes its messages nowhere")
    func closedDescriptors() throws {
        try node.restart(redirection: "<&- >&- 2>&-")
        for number in 0...2 {
            let path = "/proc/\(node.process.identifier)/fd/\(number)"
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
            #expect(target == "/dev/null")
        }
    }
}

/// A node on a chain of its own, for commands to talk to.
private final class TerminalNode {
    let program: String
    let folder: TemporaryFolder
    let passwordFile: String
    private(set) var process: ChildProcess

    init() throws {
        guard let path = PackageFiles.salama else { throw DaemonTestError.noProgram }
        program = path
        folder = try TemporaryFolder()
        passwordFile = folder.path + "/password"
        try Data("correct horse battery\n".utf8).write(to: URL(filePath: passwordFile))
        process = try Self.start(path, folder.path, "")
        try waitUntilItAnswers()
    }

    deinit { process.end(with: SIGKILL) }

    private static func start(
        _ program: String, _ folder: String, _ redirection: String
    ) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh",
            [
                "-c",
                "exec '\(program)' start --chain embedded --datadir '\(folder)' --nolisten --restlisten"
                    + " 127.0.0.1:0 \(redirection)",
            ])
    }

    private func waitUntilItAnswers() throws {
        try eventually("the node's answer") { try run("state").status == 0 }
    }

    func restart(redirection: String = "") throws {
        process.end()
        process = try Self.start(program, folder.path, redirection)
        try waitUntilItAnswers()
    }

    func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
        try ChildProcess.run(program, words + ["--datadir", folder.path])
    }

    func run(_ words: String...) throws -> (status: Int32, output: String, errors: String) {
        try run(words)
    }

    func shell(_ line: String) throws -> (status: Int32, output: String, errors: String) {
        try ChildProcess.run(
            "/bin/sh", ["-c", "'\(program)' --datadir '\(folder.path)' \(line)"])
    }

    func makeWallet() throws {
        #expect(try run("create", "--password-file", passwordFile).status == 0)
        try eventually("the wallet") { try run("state").output == "SERVER_ACTIVE\n" }
    }
}
