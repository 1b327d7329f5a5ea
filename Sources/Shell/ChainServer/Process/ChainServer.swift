import Bitcoin
import ChainBackend
import Dispatch
import Glibc
import HTTP
import HTTPServer
import RegtestChain
import Synchronization

/// A running chain with its JSON-RPC server and its ZeroMQ publisher.
public final class ChainServer: Sendable {
    /// The methods, for callers in the same process.
    public let service: ChainService
    /// The chain itself.
    public let chain: EmbeddedChain
    private let http: HTTPServer
    private let cookie: CookieFile
    private let directory: ChainDirectory
    private let subscription: ChainSubscription?
    private let timer: BlockTimer?
    private let stopped: DispatchSemaphore
    private let failure: LogFailure
    private let isPersistent: Bool

    /// The port of the JSON-RPC server.
    public var port: UInt16 { http.port }
    /// The path of the file that holds the cookie.
    public var cookiePath: String { cookie.path }

    /// Opens the directory, loads what it holds and starts to answer.
    public init(_ configuration: ChainServerConfiguration) throws(ChainServerError) {
        let directory = try ChainDirectory(configuration.directory + "/regtest")
        let faucet = try directory.loadFaucet(seed: configuration.seed)
        let clock = ServiceClock()
        let seed = configuration.seed ?? SystemRandom.number()
        var initial = RegtestChain(policy: configuration.policy, seed: seed)
        let log = configuration.isPersistent ? try directory.load(&initial, now: clock.now()) : nil
        let stopped = DispatchSemaphore(value: 0)
        let failure = LogFailure()
        let chain = EmbeddedChain(
            initial, log: log, clock: clock.now,
            onLogFailure: { error in
                failure.error.withLock { $0 = $0 ?? error }
                stopped.signal()
            })
        let service = ChainService(
            chain, clock: clock, faucet: faucet,
            onFaucetChange: { try? directory.save($0) }, onStop: { stopped.signal() })
        let publisher =
            configuration.publications.isEmpty ? nil : try ZMQPublisher(configuration.publications)
        service.announce(publisher?.publications ?? [])
        cookie = CookieFile(path: directory.path + "/.cookie")
        var pairs = [try cookie.create()]
        if let user = configuration.rpcUser, let password = configuration.rpcPassword {
            pairs.append("\(user):\(password)")
        }
        do throws(HTTPServerError) {
            http = try HTTPServer(
                ChainServer.httpConfiguration(configuration),
                routes: ChainServer.routes(service, RPCCredentials(pairs)))
        } catch {
            cookie.remove()
            throw .listen("\(error)")
        }
        subscription = publisher.map { publisher in
            chain.subscribeToNotices { publisher.publish($0) }
        }
        timer = configuration.blockInterval.map { BlockTimer(seconds: $0, service) }
        timer?.start()
        self.chain = chain
        self.service = service
        self.directory = directory
        self.stopped = stopped
        self.failure = failure
        isPersistent = configuration.isPersistent
    }

    /// Asks ``run()`` to return.
    public func requestStop() { stopped.signal() }

    /// Returns when `stop` was called or asked for, and everything is written.
    public func run() throws(ChainServerError) {
        stopped.wait()
        timer?.stop()
        http.stop()
        chain.waitForSubscribers()
        defer { cookie.remove() }
        if let error = failure.error.withLock({ $0 }) { throw .log(error) }
        if isPersistent { try directory.save(chain.withChain { chain, _ in chain.mempool }) }
    }

    private static func httpConfiguration(
        _ configuration: ChainServerConfiguration
    ) -> HTTPServerConfiguration {
        let address = ListenAddress(host: configuration.rpcHost, port: configuration.rpcPort)
        var http = HTTPServerConfiguration(listen: [address])
        http.bodyLimit = 32 << 20
        http.workers = 8
        http.errorResponse = { status, message in
            status == .methodNotAllowed
                ? .text("JSONRPC server handles only POST requests", status: status)
                : .text(message, status: status)
        }
        return http
    }

    /// Calls go to the root, or below `/wallet/` as bitcoin-cli sends those for one wallet.
    private static func routes(
        _ service: ChainService, _ credentials: RPCCredentials
    ) -> [HTTPRoute] {
        let endpoint = RPCEndpoint(service)
        return ["/", "/wallet/{name...}"].map { path in
            .blocking(.post, path) { request in
                guard credentials.accept(request.headers) else {
                    // Guessing passwords shall be slow, as with bitcoind.
                    usleep(250_000)
                    return HTTPResponse(
                        status: .unauthorized,
                        headers: ["WWW-Authenticate": "Basic realm=\"jsonrpc\""])
                }
                let answer = endpoint.answer(request.body)
                return HTTPResponse(
                    status: HTTPStatus(answer.status),
                    headers: answer.body.isEmpty ? [:] : ["Content-Type": "application/json"],
                    body: answer.body)
            }
        }
    }
}

/// The first failure to write the chain, after which it must not go on.
private final class LogFailure: Sendable {
    let error = Mutex<ChainLogError?>(nil)
}
