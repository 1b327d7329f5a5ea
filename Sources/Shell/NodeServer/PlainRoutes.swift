import HTTP
import HTTPServer
import NodeAPI

/// What is served beside the calls: the description of the interface, and figures for Prometheus.
extension APIDispatcher {
    /// Nobody needs a macaroon to know what calls there are; figures are for whoever may ask for `getinfo`.
    func plainRoutes() -> [HTTPRoute] {
        [
            HTTPRoute(.get, "/openapi.json") { exchange in
                exchange.respond(
                    HTTPResponse(
                        headers: ["Content-Type": "application/json"],
                        body: Array(OpenAPI.text.utf8)))
            },
            HTTPRoute(.get, "/metrics") { exchange in
                do throws(APIError) {
                    try admit(exchange.request, Self.metricsRoute)
                    context.service.metrics(MetricsReply(exchange))
                } catch {
                    exchange.respond(Self.response(error))
                }
            },
        ]
    }

    /// What a macaroon has to allow for the figures.
    private static let metricsRoute = APIRoute.unary(
        .get, "/metrics", "/salama.Metrics/Metrics", [Permission("info", "read")]
    ) { (_, _: Empty, _: Reply<Empty>) in }
}

/// Where figures for Prometheus go.
public struct MetricsReply: Sendable {
    private let exchange: HTTPExchange

    init(_ exchange: HTTPExchange) { self.exchange = exchange }

    /// Answers with figures in Prometheus' text format.
    public func callAsFunction(_ text: String) {
        exchange.respond(
            HTTPResponse(
                headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: Array(text.utf8)))
    }
}

/// A listener for Prometheus alone: without TLS and without macaroons, as its own port behind a firewall wants it.
public final class MetricsServer: Sendable {
    private let server: HTTPServer

    /// The addresses listened on, with the ports that the kernel chose.
    public var addresses: [ListenAddress] { server.addresses }

    /// Listens and starts to answer `GET /metrics`.
    public init(
        listen address: ListenAddress, service: any MetricsService
    ) throws(HTTPServerError) {
        server = try HTTPServer(
            HTTPServerConfiguration(listen: [address]),
            routes: [
                HTTPRoute(.get, "/metrics") { service.metrics(MetricsReply($0)) }
            ])
    }

    /// Stops at once.
    public func stop() { server.stop(grace: 0) }
}

/// The node in figures.
public protocol MetricsService: Sendable {
    /// All figures in Prometheus' text format.
    func metrics(_ reply: MetricsReply)
}
