import HTTP
import HTTPServer
import JSON
import NodeAPI

/// Leads a request to its call: state, macaroon, fields, answer.
struct APIDispatcher: Sendable {
    let context: APIContext

    /// The routes of the HTTP server.
    func routes() -> [HTTPRoute] {
        let calls = APIRoute.all.map { route in
            HTTPRoute(route.method, route.path) { handle($0, route) }
        }
        // WebSockets begin with GET whatever the method of the call.
        let upgrades = APIRoute.all.filter { route in
            route.method != .get
                && !APIRoute.all.contains { $0.path == route.path && $0.method == .get }
        }
        return calls
            + upgrades.map { route in
                HTTPRoute(.get, route.path) { exchange in
                    guard exchange.request.asksForWebSocket else {
                        return exchange.respond(
                            Self.response(APIError(.unimplemented, "Method Not Allowed")))
                    }
                    handle(exchange, route)
                }
            }
    }

    /// An answer that tells of a failure.
    static func response(_ error: APIError, isNested: Bool = false) -> HTTPResponse {
        .json(
            isNested ? ["error": error.json] : error.json, status: HTTPStatus(error.code.httpStatus)
        )
    }

    private func handle(_ exchange: HTTPExchange, _ route: APIRoute) {
        if exchange.request.asksForWebSocket {
            return WebSocketCall.start(exchange, self)
        }
        do throws(APIError) {
            try admit(exchange.request, route)
            let json = try Self.fields(of: exchange.request)
            switch route.call {
            case .unary(let call):
                call(context, json) { result in
                    switch result {
                    case .success(let value): exchange.respond(.json(value))
                    case .failure(let error): exchange.respond(Self.response(error))
                    }
                }
            case .stream(let call): call(context, json, HTTPEventSink(exchange))
            case .graph(let call): call(context, json, GraphReply(exchange))
            case .conversation:
                throw APIError(
                    .unimplemented, "this call needs a WebSocket: its events are answered")
            }
        } catch {
            exchange.respond(Self.response(error, isNested: route.isStream))
        }
    }

    /// The route of a path for another method than the one of the request line; nil where there is none.
    func route(_ method: HTTPMethod, like request: HTTPRequest) -> APIRoute? {
        APIRoute.all.first { route in
            route.method == method
                && HTTPRoute(method, route.path) { _ in }.matches(request.target)
        }
    }

    /// Throws unless the state of the daemon and the request's macaroon let the call through.
    func admit(_ request: HTTPRequest, _ route: APIRoute) throws(APIError) {
        switch (route.phase, context.service.state) {
        case (.always, _): return
        case (_, .waitingToStart): throw .waitingToStart
        case (.unlocker, .nonExisting), (.unlocker, .locked): return
        case (.unlocker, _): throw .walletUnlocked
        case (.active, .nonExisting): throw .noWallet
        case (.active, .locked): throw .walletLocked
        case (.active, .unlocked): throw .starting
        case (.active, .rpcActive), (.active, .serverActive): break
        }
        do throws(MacaroonError) {
            try context.macaroons.check(
                Self.macaroon(of: request), for: route.permissions, method: route.name,
                address: request.peer.address)
        } catch {
            // lnd's texts, but not its code 2 for all of them: clients that pay read 7 and 16 as never begun, and 2 as
            // perhaps under way.
            let code: APICode = error == .permissionDenied ? .permissionDenied : .unauthenticated
            throw APIError(code, error.description)
        }
    }

    /// The macaroon in its header, or among the subprotocols, where browsers can put it.
    private static func macaroon(of request: HTTPRequest) -> String? {
        if let header = request.headers["Grpc-Metadata-Macaroon"] { return header }
        guard request.asksForWebSocket else { return nil }
        return macaroonSubprotocol(of: request).map { String($0.dropFirst(subprotocol.count)) }
    }

    private static let subprotocol = "Grpc-Metadata-Macaroon+"

    /// The subprotocol that carries a macaroon.
    static func macaroonSubprotocol(of request: HTTPRequest) -> String? {
        WebSocketHandshake.subprotocols(request.headers).first {
            $0.lowercased().hasPrefix(subprotocol.lowercased())
        }
    }

    /// The fields in the body, the query and the path.
    static func fields(of request: HTTPRequest, body: [UInt8]? = nil) throws(APIError) -> JSONValue
    {
        let body = body ?? request.body
        var fields = JSONObject()
        if body.contains(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) {
            // RTL calls its JSON a form: what counts is what it is.
            var value = JSONValue.null
            do throws(JSONError) {
                value = try JSONValue(parsing: body)
            } catch {
                throw APIError(.invalidArgument, error.description)
            }
            guard let object = value.object else {
                throw APIError(.invalidArgument, "a JSON object is needed")
            }
            fields = object
        }
        var query = JSONValue.object(fields)
        for (name, value) in request.target.query
        where name != "method" || !request.asksForWebSocket {
            query.set(QueryPath(name), .string(value))
        }
        for (name, value) in request.parameters { query.set(QueryPath(name), .string(value)) }
        return query
    }
}
