import CEvent
import Glibc
import HTTP
import Synchronization
import Threads

/// An HTTP/1.1 and WebSocket server on one thread of its own, with a few more for handlers that block.
public final class HTTPServer: Sendable {
    private let loop: ServerLoop
    private let thread: Mutex<SystemThread?>

    /// The addresses listened on, with the ports that the kernel chose.
    public let addresses: [ListenAddress]

    /// The port of the first address.
    public var port: UInt16 { addresses.first?.port ?? 0 }

    /// Listens and starts to answer. A peer that goes away must not end the process: SIGPIPE is ignored from here on.
    public init(
        _ configuration: HTTPServerConfiguration, routes: [HTTPRoute]
    ) throws(HTTPServerError) {
        signal(SIGPIPE, SIG_IGN)
        loop = try ServerLoop(configuration, router: HTTPRouter(routes))
        addresses = try loop.listen()
        thread = Mutex(try SystemThread(ofServer: "http") { [loop] in loop.run() })
    }

    /// Stops: takes no new connection, ends streams and WebSockets, gives requests that are being answered `grace`
    /// seconds, and returns when all is closed. Not for a handler to call.
    public func stop(grace: Double = 5) {
        loop.post { $0.beginStop(grace: grace) }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Reads the certificate and key anew for connections from here on.
    public func reloadIdentity(_ identity: TLSIdentity) throws(HTTPServerError) {
        let context = try TLSServerContext(identity)
        loop.post { $0.tls = context }
    }

    /// How many connections there are, for metrics.
    public var connectionCount: Int { loop.connectionCount.load(ordering: .relaxed) }

    deinit { stop(grace: 0) }
}

extension SystemThread {
    /// Starts a thread of the server, with a stack of 512 KiB.
    init(ofServer name: String, _ body: @escaping @Sendable () -> Void) throws(HTTPServerError) {
        do throws(Failure) {
            try self.init(trying: name, stackSize: 512 << 10, body)
        } catch {
            throw .system("cannot start a thread: \(error.reason)")
        }
    }
}
