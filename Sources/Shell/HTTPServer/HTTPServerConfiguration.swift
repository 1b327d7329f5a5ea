import HTTP

/// Where a server listens and what it allows. Times are in seconds, sizes in bytes.
public struct HTTPServerConfiguration: Sendable {
    /// The addresses to listen on, at least one.
    public var listen: [ListenAddress]
    /// The certificate and key; nil for plain HTTP.
    public var tls: TLSIdentity?
    /// How large the head of a request may be.
    public var head = HTTPHead.Limits()
    /// The largest body, where a route does not say otherwise.
    public var bodyLimit = 1 << 20
    /// The most that the bodies of all requests may take at once.
    public var totalBodyLimit = 64 << 20
    /// The most connections at once; the longest idle one makes room for a new one.
    public var connections = 512
    /// The most connections at once from one address that is not of this machine.
    public var connectionsPerAddress = 64
    /// The time from the first byte of a request (or the connection's begin) to the end of its head.
    public var headTimeout = 10.0
    /// The time for a whole body.
    public var bodyTimeout = 60.0
    /// How long a connection may wait for its next request.
    public var idleTimeout = 120.0
    /// How long a client may take nothing of what waits for it.
    public var writeTimeout = 30.0
    /// The time between pings on a WebSocket; one that does not answer two of them is closed.
    public var pingInterval = 30.0
    /// The most bytes that may wait for one slow reader of a stream or WebSocket.
    public var streamLimit = 1 << 20
    /// The largest message from a WebSocket.
    public var messageLimit = 1 << 20
    /// The threads for routes whose handlers block; they start with the first such request.
    public var workers = 4
    /// The most requests that wait for one of these threads.
    public var workQueueLimit = 256
    /// Turns what goes wrong before or around a handler into an answer.
    public var errorResponse: @Sendable (HTTPStatus, String) -> HTTPResponse = {
        .json(["error": .string($1)], status: $0)
    }
    /// Header fields of every answer that do not depend on the request.
    public var headers: HTTPHeaders = [:]
    /// Header fields of every answer that do depend on the request.
    public var requestHeaders: @Sendable (HTTPRequestHead) -> HTTPHeaders = { _ in [:] }

    /// A server on these addresses, with TLS where an identity is given.
    public init(listen: [ListenAddress], tls: TLSIdentity? = nil) {
        self.listen = listen
        self.tls = tls
    }
}

/// A PEM certificate chain and its private key.
public struct TLSIdentity: Sendable {
    /// The path of the certificate, its own first.
    public let certificatePath: String
    /// The path of the private key.
    public let keyPath: String

    /// The identity in these files.
    public init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}

/// A host and a port to listen on.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, or a name such as `localhost`.
    public let host: String
    /// The port; 0 lets the kernel choose.
    public let port: UInt16

    /// That host and port.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `host:port`, `[v6]:port`, `:port` (all addresses), or a host alone, which takes `defaultPort`.
    public init?(_ text: String, defaultPort: UInt16) {
        var host = text[...]
        var port = defaultPort
        let colon = text.lastIndex(of: ":")
        let isBareV6 = text.filter { $0 == ":" }.count > 1 && !text.hasPrefix("[")
        if let colon, !isBareV6, !text.hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]) else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.contains(where: { $0 == "[" || $0 == "]" || $0 == "/" || $0 == " " }) else {
            return nil
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a server cannot start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address is none of this machine, or its port is taken or not permitted.
    case cannotListen(ListenAddress, reason: String)
    /// The certificate or key cannot be read or do not belong together.
    case badIdentity(path: String, reason: String)
    /// A resource of the system is missing.
    case system(String)

    public var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .badIdentity(let path, let reason): "cannot use TLS file \(path): \(reason)"
        case .system(let what): what
        }
    }
}
