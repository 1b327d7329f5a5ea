import FoundationEssentials
import JSON
import TestSupport
import Testing

/// Options and command lines, as the program itself reads them.
struct ConfigurationTests {
    private let salama: String
    private let folder: URL

    init() throws {
        salama = try #require(PackageFiles.salama)
        folder = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: "salama.conf"))
    }

    private func alias(
        _ flags: [String] = [], _ environment: [String: String] = [:]
    ) throws -> [String] {
        let result = try ChildProcess.run(
            salama, ["config", "--json", "--datadir", folder.path] + flags, environment: environment
        )
        let entry = try JSONValue(parsing: result.output).array?.first {
            $0["option"]?.string == "alias"
        }
        return [entry?["value"]?.string ?? "", entry?["source"]?.string ?? ""]
    }

    private func complaint(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> String {
        let result = try ChildProcess.run(salama, arguments, environment: environment)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1)
        return result.errors
    }

    @Test("a flag wins over the environment, that over the file, and that over the default")
    func precedence() throws {
        #expect(try alias() == ["salama", "default"])
        try write("; a comment\n[Application Options]\nalias = carol\n")
        let path = folder.appending(path: "salama.conf").path
        #expect(try alias() == ["carol", "\(path) line 3"])
        let environment = ["SALAMA_ALIAS": "bob"]
        #expect(try alias([], environment) == ["bob", "environment SALAMA_ALIAS"])
        #expect(try alias(["--alias", "alice"], environment) == ["alice", "flag"])
        #expect(try alias(["--alias=alice"], environment) == ["alice", "flag"])
    }

    @Test("a password is not shown")
    func secrets() throws {
        let result = try ChildProcess.run(salama, ["config", "--bitcoind.rpcpass", "hunter2"])
        #expect(!result.output.contains("hunter2"))
        #expect(result.output.contains("(hidden)"))
    }

    @Test("an unknown option is refused wherever it stands, with the nearest name")
    func unknownOptions() throws {
        try write("restlsten=127.0.0.1:1\n")
        #expect(
            try complaint(["config", "--datadir", folder.path]).contains(
                "did you mean `restlisten`?"))
        #expect(try complaint(["config", "--alas", "x"]).contains("did you mean --alias?"))
        let variable = try complaint(["config"], environment: ["SALAMA_NETWROK": "regtest"])
        #expect(variable.contains("did you mean SALAMA_NETWORK?"))
    }

    @Test("variables that a container platform sets for a service of this name are let be")
    func foreignVariables() throws {
        let result = try ChildProcess.run(
            salama, ["config"],
            environment: ["SALAMA_SERVICE_HOST": "10.0.0.1", "SALAMA_PYTHON": "3"])
        #expect(result.status == 0)
    }

    @Test(
        "a value out of range is refused and told what would be right",
        arguments: [
            (["config", "--network", "main"], "mainnet, testnet, testnet4, signet or regtest"),
            (["config", "--color", "blue"], "a # and six hexadecimal digits"),
            (["config", "--restlisten", "localhost"], "HOST:PORT"),
            (["config", "--debuglevel", "loud"], "trace, debug, info, warn, error"),
            (["config", "--maxlogfiles", "0"], "a whole number from 1 to 1000"),
            (["sendcoins", "addr", "0"], "a whole number from 1 to 2100000000000000"),
            (["sendcoins", "addr"], "the amount is missing"),
            (["newaddress", "p2pkh"], "p2wkh, np2wkh or p2tr"),
            (["getinf"], "did you mean `getinfo`?"),
            (["wallet"], "`wallet` needs one more word"),
            ([], "no command is given"),
        ])
    func wrongValues(_ arguments: [String], _ expected: String) throws {
        #expect(try complaint(arguments).contains(expected))
    }

    @Test("a command that finds no node says so in one line, with status 1")
    func noNode() throws {
        let result = try ChildProcess.run(salama, ["getinfo", "--datadir", folder.path])
        #expect(result.status == 1)
        #expect(result.errors.contains("no node is running"))
        #expect(result.errors.split(separator: "\n").count == 1)
    }
}

/// The project's own JSON, not the tests' reader of vectors.
private typealias JSONValue = JSON.JSONValue
