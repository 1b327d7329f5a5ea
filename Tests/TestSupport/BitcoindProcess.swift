import FoundationEssentials
import Glibc

/// A bitcoind on a regression test network of its own, in a temporary directory, with ports that the kernel chose. It ends
/// with this object, or with the process of the tests, however that ends.
///
/// Not for several threads at a time.
public final class BitcoindProcess {
    /// Whether there is a bitcoind to run, and the reason to skip a test where there is none.
    public static let isAvailable = PackageFiles.bitcoind != nil
    /// Why tests are skipped.
    public static let reason = "there is no bitcoind: see scripts/bitcoind"

    /// The data directory.
    public let directory: URL
    /// The port of its JSON-RPC server, the same across restarts.
    public let rpcPort: UInt16
    /// The endpoint at which blocks and transactions are published; nothing is there where `zmq` was false.
    public let zmqEndpoint: String
    private let arguments: [String]
    private var process: ChildProcess?
    private var watchdog: ChildProcess?

    /// The file with the credentials.
    public var cookiePath: String { directory.appending(path: "regtest/.cookie").path }

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - arguments: options of its command line, in addition to those below or instead of them.
    ///   - zmq: whether it publishes raw blocks and transactions.
    public init(_ arguments: [String] = [], zmq: Bool = true) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "bitcoind-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        rpcPort = try Self.freePort()
        zmqEndpoint = "tcp://127.0.0.1:\(try Self.freePort())"
        var all = [
            "-regtest", "-datadir=\(directory.path)", "-server", "-rpcport=\(rpcPort)",
            "-listen=0", "-dnsseed=0", "-connect=0", "-fallbackfee=0.0001", "-disablewallet",
            "-printtoconsole=0", "-par=1", "-dbcache=16",
        ]
        if zmq {
            all += ["-zmqpubrawblock=\(zmqEndpoint)", "-zmqpubrawtx=\(zmqEndpoint)"]
        }
        // Knots relays by its own rules unless told to keep to Bitcoin Core's; Core has no such option.
        if Self.hasCorePolicy { all.append("-corepolicy") }
        self.arguments = all + arguments
        try start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Starts it again after ``stop()`` or ``kill()``, and waits until it answers, a minute at most.
    public func start() throws {
        guard let path = PackageFiles.bitcoind else { throw BitcoindProcessError.missing }
        let process = try ChildProcess(path, arguments)
        self.process = process
        // Ends bitcoind where the tests end without a chance to do so themselves.
        watchdog = try ChildProcess(
            "/bin/sh",
            [
                "-c",
                "while kill -0 $1; do sleep 1; done; kill -9 $2; sleep 1; rm -rf \"$3\"",
                "watchdog", "\(getpid())", "\(process.identifier)", directory.path,
            ])
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? call("getblockcount")) == nil {
            guard ContinuousClock.now < deadline, process.isRunning else {
                kill()
                throw BitcoindProcessError.notReady(log: log)
            }
            usleep(20_000)
        }
    }

    /// Ends it as its operator would.
    public func stop() throws {
        try call("stop")
        try process?.wait()
        kill()
    }

    /// Ends it at once.
    public func kill() {
        watchdog?.end(with: SIGKILL)
        watchdog = nil
        process?.end(with: SIGKILL)
        process = nil
    }

    /// Calls a method through bitcoin-cli and returns what that prints.
    @discardableResult
    public func call(_ method: String, _ parameters: String...) throws -> String {
        guard let path = PackageFiles.bitcoind else { throw BitcoindProcessError.missing }
        let client = URL(filePath: path).deletingLastPathComponent().appending(path: "bitcoin-cli")
        let result = try ChildProcess.run(
            client.path,
            ["-regtest", "-datadir=\(directory.path)", "-rpcport=\(rpcPort)", method] + parameters)
        guard result.status == 0 else {
            throw BitcoindProcessError.refused(method: method, message: result.errors)
        }
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }

    /// The end of its log.
    public var log: String {
        let data = FileManager.default.contents(
            atPath: directory.appending(path: "regtest/debug.log").path)
        return String(decoding: (data ?? Data()).suffix(2000), as: UTF8.self)
    }

    /// A port of 127.0.0.1 at which nothing listens at present.
    public static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard result else { throw BitcoindProcessError.noPort }
        return UInt16(bigEndian: address.sin_port)
    }

    private static let hasCorePolicy: Bool = {
        guard let path = PackageFiles.bitcoind else { return false }
        return (try? ChildProcess.run(path, ["-help"]))?.output.contains("-corepolicy") ?? false
    }()
}

/// Why a bitcoind for tests does not do its work.
public enum BitcoindProcessError: Error {
    /// There is none.
    case missing
    /// It did not start, or not in time.
    case notReady(log: String)
    /// It refused a call.
    case refused(method: String, message: String)
    /// The kernel gave no port.
    case noPort
}
