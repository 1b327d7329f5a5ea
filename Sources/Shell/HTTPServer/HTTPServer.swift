import CEvent
import Glibc
import HTTP
import Synchronization

/// An HTTP/1.1 and WebSocket server on one thread of its own, with a few more for handlers that block.
public final class HTTPServer: Sendable {
    private let loop: ServerLoop
    private let thread: Mutex<pthread_t?>

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
        thread = Mutex(try startThread(named: "http") { [loop] in loop.run() })
    }

    /// Stops: takes no new connection, ends streams and WebSockets, gives requests that are being answered `grace`
    /// seconds, and returns when all is closed. Not for a handler to call.
    public func stop(grace: Double = 5) {
        loop.post { $0.beginStop(grace: grace) }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
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

/// Starts a joinable thread with a stack of 512 KiB.
func startThread(
    named name: String, _ body: @escaping @Sendable () -> Void
) throws(HTTPServerError) -> pthread_t {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    guard status == 0 else {
        box.release()
        throw .system("cannot start a thread: \(String(cString: strerror(status)))")
    }
    pthread_setname_np(thread, name)
    return thread
}
