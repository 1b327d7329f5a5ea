import Bitcoin
import ChainBackend
import ChainServer
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import JSON
import RegtestChain
import TestSupport
import Testing

@Suite("What a chain keeps on disk") struct PersistenceTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "chain-\(UUID())")

    private func load(_ path: String) throws -> (RegtestChain, ChainLog) {
        var chain = RegtestChain()
        let log = try ChainLog(path: path) { (entry) throws(ReplayError) in
            try chain.replay(entry)
        }
        return (chain, log)
    }

    @Test(
        "a file cut at any byte gives the chain of the whole records before, and can be written on")
    func tornTail() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "chain.log").path
        var hashes: [BlockHash] = []
        do {
            let (empty, log) = try load(path)
            let chain = EmbeddedChain(empty, log: log, clock: { 1_700_000_000 })
            hashes = try chain.mine(4, to: .payToAnchor)
            try chain.invalidate(hashes[3])
            hashes[3] = try chain.mine(to: .payToAnchor)[0]
        }
        let whole = try #require(FileManager.default.contents(atPath: path))
        #expect(try load(path).0.tip.hash == hashes[3])
        var seen: Set<BlockHash> = []
        for count in stride(from: whole.count, through: 0, by: -7) {
            try whole.prefix(count).write(to: URL(filePath: path))
            let (chain, log) = try load(path)
            seen.insert(chain.tip.hash)
            let more = EmbeddedChain(chain, log: log, clock: { 1_700_000_100 })
            let next = try more.mine(to: .payToAnchor)
            #expect(try load(path).0.tip.hash == next[0])
        }
        #expect(seen.count == 6)
    }

    @Test(
        "killed at any moment, it has every block that it told of",
        .enabled(if: PackageFiles.salama != nil, "the program was not built"))
    func killed() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        var told: JSONValue?
        for round in 0..<5 {
            let process = try ChildProcess(
                try #require(PackageFiles.salama),
                ["chain", "--datadir", directory.path, "--rpcport", "0"])
            defer { process.end(with: SIGKILL) }
            while !process.output.contains("\n") {
                try #require(process.isRunning, "\(process.errors)")
                usleep(10_000)
            }
            let client = try Client(process, cookie: directory.appending(path: "regtest/.cookie"))
            if let told { #expect(try client.call("getbestblockhash", []) == told) }
            for _ in 0...round {
                let mined = try client.call(
                    "generatetoaddress", [3, "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"])
                told = mined[2]
            }
        }
    }
}

/// Calls a `salama chain` that said on its first line where it listens.
private struct Client {
    private let http: HTTPClient
    private let authorization: String

    init(_ process: ChildProcess, cookie: URL) throws {
        let line = process.output.split(separator: ",")[0]
        let port = try #require(line.split(separator: ":").last.flatMap { UInt16($0) })
        http = try HTTPClient(HTTPURL(isSecure: false, host: "127.0.0.1", port: port))
        let pair = try #require(FileManager.default.contents(atPath: cookie.path))
        authorization = "Basic " + Base64.encode(Array(pair))
    }

    func call(_ method: String, _ parameters: JSONValue) throws -> JSONValue {
        let request: JSONValue = ["method": .string(method), "params": parameters, "id": 1]
        let answer = try http.request(
            .post, "/", headers: ["Authorization": authorization], body: request.serialized())
        return try #require(try JSONValue(parsing: answer.body)["result"])
    }
}
