import HTTP
import HTTPServer
import JSON
import NodeAPI

/// Where the node's interface listens, and where its files are.
public struct NodeServerConfiguration: Sendable {
    /// The addresses to listen on.
    public var listen: [ListenAddress]
    /// The directory of `tls.cert` and `tls.key`.
    public var tlsDirectory: String
    /// Domains and addresses that the certificate is to be good for, beside those of this machine.
    public var tlsExtraHosts: [String] = []
    /// The web origins whose pages may use the interface from a browser; `*` for all.
    public var allowedOrigins: [String] = []
    /// Whether plain HTTP is spoken: behind a proxy on this machine alone.
    public var isPlain = false
    /// The directory of the macaroons: `data/chain/bitcoin/<network>` below the data directory.
    public var macaroonDirectory: String

    /// A server on these addresses, with its files in these directories.
    public init(listen: [ListenAddress], tlsDirectory: String, macaroonDirectory: String) {
        self.listen = listen
        self.tlsDirectory = tlsDirectory
        self.macaroonDirectory = macaroonDirectory
    }
}

/// Why the interface cannot start.
public enum NodeServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file is missing or in the way.
    case file(NodeFileError)
    /// The server cannot listen.
    case server(HTTPServerError)

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .server(let error): error.description
        }
    }
}

/// The node's interface in lnd's REST form, over HTTP, chunked streams and WebSockets.
public final class NodeServer: Sendable {
    private let server: HTTPServer
    /// The macaroons of the node.
    public let macaroons: MacaroonService

    /// The addresses listened on, with the ports that the kernel chose.
    public var addresses: [ListenAddress] { server.addresses }
    /// The port of the first address.
    public var port: UInt16 { server.port }

    /// Makes what files are missing, listens and starts to answer.
    public init(
        _ configuration: NodeServerConfiguration, service: any NodeService
    ) throws(NodeServerError) {
        let files = try Self.files(configuration, service)
        macaroons = files.macaroons
        var http = HTTPServerConfiguration(listen: configuration.listen, tls: files.identity)
        http.bodyLimit = 4 << 20
        http.errorResponse = Self.errorResponse
        http.requestHeaders = CrossOrigin.headers(allowing: configuration.allowedOrigins)
        let dispatcher = APIDispatcher(
            context: APIContext(service: service, macaroons: macaroons))
        do throws(HTTPServerError) {
            server = try HTTPServer(
                http, routes: dispatcher.routes() + dispatcher.plainRoutes())
        } catch {
            throw .server(error)
        }
    }

    private static func files(
        _ configuration: NodeServerConfiguration, _ service: any NodeService
    ) throws(NodeServerError) -> (identity: TLSIdentity?, macaroons: MacaroonService) {
        do throws(NodeFileError) {
            let identity =
                configuration.isPlain
                ? nil
                : try NodeCertificate.identity(
                    in: configuration.tlsDirectory, extraHosts: configuration.tlsExtraHosts)
            return (identity, try MacaroonService(directory: configuration.macaroonDirectory))
        } catch {
            throw .file(error)
        }
    }

    /// Stops within `grace` seconds; streams end first.
    public func stop(grace: Double = 5) { server.stop(grace: grace) }

    /// What the server itself has to say, in the form of the calls' failures.
    private static func errorResponse(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        let code: APICode =
            switch status {
            case .notFound: .notFound
            case .methodNotAllowed, .notImplemented: .unimplemented
            case .serviceUnavailable: .unavailable
            case .requestTimeout: .deadlineExceeded
            case .contentTooLarge, .headersTooLarge: .resourceExhausted
            case .internalServerError: .internal
            default: .invalidArgument
            }
        return .json(APIError(code, message).json, status: status)
    }
}
