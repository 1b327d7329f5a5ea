import Bitcoin
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import JSON
import TestSupport

/// A regtest chain in a process of its own: the project's, or a real bitcoind.
final class ChainProcess {
    enum Kind: CaseIterable, Sendable {
        case salama, bitcoind

        var isPresent: Bool { self == .salama || PackageFiles.bitcoind != nil }
    }

    let port: UInt16
    let cookiePath: String
    private let process: ChildProcess
    private let client: HTTPClient

    init(_ kind: Kind, folder: String) throws {
        switch kind {
        case .salama:
            guard let path = PackageFiles.salama else { throw DaemonTestError.noProgram }
            process = try ChildProcess(path, ["chain", "--datadir", folder, "--rpcport", "0"])
            port = try Self.announcedPort(process)
        case .bitcoind:
            guard let path = PackageFiles.bitcoind else { throw DaemonTestError.noProgram }
            port = Self.freePort()
            process = try ChildProcess(
                path,
                [
                    "-regtest", "-datadir=\(folder)", "-rpcport=\(port)", "-listen=0",
                    "-corepolicy", "-fallbackfee=0.0001",
                ])
        }
        cookiePath = folder + "/regtest/.cookie"
        let path = cookiePath
        try eventually("the chain's cookie") { FileManager.default.fileExists(atPath: path) }
        let cookie = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
        var settings = HTTPClientConfiguration()
        settings.headers.append("Authorization", "Basic " + Base64.encode(cookie))
        client = try HTTPClient(HTTPURL(isSecure: false, host: "127.0.0.1", port: port), settings)
        try eventually("the chain's answer") { (try? call("getblockcount")) != nil }
    }

    /// Ends the chain as a crash does.
    func end() { process.end(with: SIGKILL) }

    // bitcoind waits for its clients to go before it ends by itself.
    deinit { process.end(with: SIGKILL) }

    func call(_ method: String, _ parameters: JSONValue...) throws -> JSONValue {
        let body: JSONValue = ["id": 1, "method": .string(method), "params": .array(parameters)]
        let response = try client.request(.post, "/", body: body.serialized())
        let answer = try JSONValue(parsing: response.body)
        if let message = answer["error"]?["message"]?.string {
            throw DaemonTestError.refused(message)
        }
        return answer["result"] ?? .null
    }

    func mine(_ count: Int, to address: String) throws {
        _ = try call("generatetoaddress", .integer(count), .string(address))
    }

    /// Every transaction of the best chain, in order.
    func transactions() throws -> [Transaction] {
        let height: Int = try call("getblockcount").integer() ?? 0
        return try (0...height).flatMap { height in
            let hash = try call("getblockhash", .integer(height))
            let text = try call("getblock", hash, 0).string ?? ""
            return try Block(decoding: Hex.decode(text)).transactions
        }
    }

    private static func announcedPort(_ process: ChildProcess) throws -> UInt16 {
        var port: UInt16?
        try eventually("the chain's port") {
            let line = process.output.split(separator: "\n").first { $0.hasPrefix("JSON-RPC on ") }
            port = line?.split(separator: ",").first?.split(separator: ":").last.flatMap {
                UInt16($0)
            }
            return port != nil
        }
        return port ?? 0
    }

    static func freePort() -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, length)
                _ = getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

enum DaemonTestError: Error { case noProgram, neverHappened(String), refused(String) }

/// Waits up to thirty seconds for something to become true.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<1_500 {
        if try condition() { return }
        usleep(20_000)
    }
    throw DaemonTestError.neverHappened(what)
}

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The project's own JSON, not the tests' reader of vectors.
typealias JSONValue = JSON.JSONValue
