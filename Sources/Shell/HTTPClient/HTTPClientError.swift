import HTTP

/// Why a request got no answer.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the host is not known.
    case unknownHost(String, reason: String)
    /// Nobody answers at the address.
    case cannotConnect(host: String, port: UInt16, reason: String)
    /// The encrypted connection cannot be made, or the server is not who it should be.
    case tls(host: String, reason: String)
    /// The certificates to trust cannot be read.
    case badCertificateFile(path: String, reason: String)
    /// It took longer than the seconds allowed.
    case timedOut(during: String, seconds: Double)
    /// The connection ended in the middle.
    case closed(during: String)
    /// The connection broke.
    case broken(during: String, reason: String)
    /// What came is no HTTP, or more of it than allowed.
    case badMessage(HTTPMessageError)
    /// The WebSocket broke.
    case badWebSocket(WebSocketError)

    public var description: String {
        switch self {
        case .unknownHost(let host, let reason): "cannot find host \(host): \(reason)"
        case .cannotConnect(let host, let port, let reason):
            "cannot connect to \(host):\(port): \(reason)"
        case .tls(let host, let reason): "no secure connection to \(host): \(reason)"
        case .badCertificateFile(let path, let reason):
            "cannot use certificate file \(path): \(reason)"
        case .timedOut(let what, let seconds): "no answer within \(seconds) s (\(what))"
        case .closed(let what): "the server closed the connection (\(what))"
        case .broken(let what, let reason): "the connection broke (\(what)): \(reason)"
        case .badMessage(let error): "bad answer: \(error)"
        case .badWebSocket(let error): "\(error)"
        }
    }

    /// Whether the server cannot have seen the request, so that it may be sent again.
    public var isBeforeRequest: Bool {
        switch self {
        case .unknownHost, .cannotConnect, .tls, .badCertificateFile: true
        case .timedOut(let what, _): what == "connecting"
        case .closed, .broken, .badMessage, .badWebSocket: false
        }
    }
}
