import HTTP

/// What answers the requests of one method and pattern.
public struct HTTPRoute: Sendable {
    /// How a handler is run.
    enum Handler: Sendable {
        /// On the server's loop: returns at once, and answers the exchange then or later from any thread.
        case immediate(@Sendable (HTTPExchange) -> Void)
        /// On one of the server's worker threads, where it may block.
        case blocking(@Sendable (HTTPRequest) -> HTTPResponse)
    }

    /// The method.
    public let method: HTTPMethod
    /// The path; a part in braces, as in `/v1/payreq/{pay_req}`, matches any one part that is not empty, and
    /// `{name...}` as the last one matches the rest.
    public let pattern: String
    /// The largest body; nil for the server's limit.
    public let bodyLimit: Int?
    let handler: Handler
    let segments: [Segment]

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    /// A route whose handler returns at once and answers the exchange then or later, from any thread.
    public init(
        _ method: HTTPMethod, _ pattern: String, bodyLimit: Int? = nil,
        handler: @escaping @Sendable (HTTPExchange) -> Void
    ) {
        self.init(method, pattern, bodyLimit, .immediate(handler))
    }

    /// A route whose handler may block; it runs on one of the server's worker threads.
    public static func blocking(
        _ method: HTTPMethod, _ pattern: String, bodyLimit: Int? = nil,
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) -> HTTPRoute {
        HTTPRoute(method, pattern, bodyLimit, .blocking(handler))
    }

    private init(_ method: HTTPMethod, _ pattern: String, _ bodyLimit: Int?, _ handler: Handler) {
        self.method = method
        self.pattern = pattern
        self.bodyLimit = bodyLimit
        self.handler = handler
        segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            guard $0.hasPrefix("{"), $0.hasSuffix("}") else { return .literal(String($0)) }
            let name = $0.dropFirst().dropLast()
            return name.hasSuffix("...")
                ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
    }

    /// Whether the pattern matches the path of `target`.
    public func matches(_ target: HTTPTarget) -> Bool { match(target.segments) != nil }

    /// What stands for the names of the pattern in a path; nil where the path does not match.
    func match(_ path: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            if case .rest(let name) = segment {
                parameters[name] = path.dropFirst(index).joined(separator: "/")
                return parameters
            }
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let text): guard text == path[index] else { return nil }
            case .parameter(let name):
                guard !path[index].isEmpty else { return nil }
                parameters[name] = path[index]
            case .rest: break
            }
        }
        return path.count == segments.count ? parameters : nil
    }
}

/// Finds the route of a request.
struct HTTPRouter: Sendable {
    /// What became of the search.
    enum Outcome {
        case found(HTTPRoute, parameters: [String: String])
        case notFound
        case otherMethods([HTTPMethod])
    }

    private let routes: [HTTPRoute]

    /// Routes are tried in order, those without parameters first: `/v1/channels/pending` is no channel.
    init(_ routes: [HTTPRoute]) {
        func openness(_ route: HTTPRoute) -> Int {
            route.segments.reduce(0) { sum, segment in
                switch segment {
                case .literal: sum
                case .parameter: sum + 1
                case .rest: sum + 100
                }
            }
        }
        self.routes = routes.enumerated()
            .sorted { (openness($0.element), $0.offset) < (openness($1.element), $1.offset) }
            .map(\.element)
    }

    func route(_ method: HTTPMethod, _ path: [String]) -> Outcome {
        var methods: [HTTPMethod] = []
        for route in routes {
            guard let parameters = route.match(path) else { continue }
            if route.method == method || method == .head && route.method == .get {
                return .found(route, parameters: parameters)
            }
            if !methods.contains(route.method) { methods.append(route.method) }
        }
        return methods.isEmpty ? .notFound : .otherMethods(methods)
    }
}
