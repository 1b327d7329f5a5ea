import HTTP
import HTTPClient
import JSON

/// A client of a node's interface. Calls block, and may come from any thread.
public final class NodeClient: Sendable {
    private let http: HTTPClient
    private let limits: JSONValue.Limits

    /// A client of the node at `url`; `macaroon` is in hexadecimal, nil for the calls that need none, `timeout` is in
    /// seconds, and `answerLimit` is the size of the largest answer to take, in bytes.
    public init(
        _ url: HTTPURL, trust: HTTPClientConfiguration.Trust, macaroon: String?,
        timeout: Double = HTTPClientConfiguration().timeout,
        answerLimit: Int = HTTPClientConfiguration().bodyLimit
    ) throws(HTTPClientError) {
        limits = JSONValue.Limits(size: answerLimit)
        var configuration = HTTPClientConfiguration()
        configuration.bodyLimit = answerLimit
        configuration.trust = trust
        configuration.timeout = timeout
        if let macaroon { configuration.headers["Grpc-Metadata-Macaroon"] = macaroon }
        http = try HTTPClient(url, configuration)
    }

    /// Calls, and waits for the answer. With GET and DELETE the request's fields go into the query.
    public func call<Response: APIMessage>(
        _ method: HTTPMethod, _ path: String, _ request: some APIMessage = Empty(),
        returning: Response.Type = Response.self
    ) throws(NodeClientError) -> Response {
        let (target, body) = Self.message(method, path, request)
        return try Self.read(try exchange(method, target, body))
    }

    /// Sends a request as it is, and waits for the answer as it is; `target` is a path with its query.
    public func exchange(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8]
    ) throws(NodeClientError) -> JSONValue {
        let answer = try connected { () throws(HTTPClientError) in
            try http.request(
                method, target, headers: ["Content-Type": "application/json"], body: body)
        }
        guard let json = try? JSONValue(parsing: answer.body, limits: limits) else {
            throw .unreadable(status: answer.status)
        }
        guard answer.status.isSuccess else {
            throw APIError(json: json).map { .refused($0) } ?? .unreadable(status: answer.status)
        }
        return json
    }

    /// Calls `handler` with each event until it returns false or the node ends the stream.
    public func subscribe<Event: APIMessage>(
        _ method: HTTPMethod, _ path: String, _ request: some APIMessage = Empty(),
        handler: (Event) -> Bool
    ) throws(NodeClientError) {
        let (target, body) = Self.message(method, path, request)
        try stream(method, target, body) { json throws(NodeClientError) in
            handler(try Self.read(json))
        }
    }

    /// Sends a request as it is, and calls `handler` with each event as it is until it returns false or the node ends the
    /// stream; `target` is a path with its query.
    public func stream(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8],
        handler: (JSONValue) throws(NodeClientError) -> Bool
    ) throws(NodeClientError) {
        let stream = try connected { () throws(HTTPClientError) in
            try http.stream(
                method, target, headers: ["Content-Type": "application/json"], body: body)
        }
        while let line = try connected({ () throws(HTTPClientError) in try stream.readLine() }) {
            guard let json = try? JSONValue(parsing: line, limits: limits) else {
                throw .unreadable(status: stream.status)
            }
            guard let event = json["result"] else {
                throw APIError(json: json).map { .refused($0) }
                    ?? .unreadable(status: stream.status)
            }
            guard try handler(event) else { return stream.cancel() }
        }
    }

    private func connected<Result>(
        _ body: () throws(HTTPClientError) -> Result
    ) throws(NodeClientError) -> Result {
        do throws(HTTPClientError) {
            return try body()
        } catch {
            throw .connection(error)
        }
    }

    private static func read<Response: APIMessage>(
        _ json: JSONValue
    ) throws(NodeClientError) -> Response {
        do throws(APIError) {
            return try Response(json: json)
        } catch {
            throw .refused(error)
        }
    }

    private static func message(
        _ method: HTTPMethod, _ path: String, _ request: some APIMessage
    ) -> (target: String, body: [UInt8]) {
        switch method {
        case .post, .put, .patch: return (path, request.json.serialized())
        case .get, .head, .delete, .options:
            let pairs = query(request)
            return (pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&"), [])
        }
    }

    /// The fields that differ from their defaults, as pairs of a query.
    private static func query<Request: APIMessage>(_ request: Request) -> [String] {
        let defaults = Request().json
        return (request.json.object?.members ?? []).flatMap { member -> [String] in
            if member.value == defaults[member.name] { return [] }
            switch member.value {
            case .string(let text), .number(let text):
                return ["\(member.name)=\(Percent.encode(text))"]
            case .bool(let value): return ["\(member.name)=\(value)"]
            case .array(let elements):
                return elements.compactMap { ($0.string ?? $0.number) }
                    .map { "\(member.name)=\(Percent.encode($0))" }
            case .object(let object):
                return object.members.compactMap { inner in
                    (inner.value.string ?? inner.value.number).map {
                        "\(member.name)%5B\(Percent.encode(inner.name))%5D=\(Percent.encode($0))"
                    }
                }
            case .null: return []
            }
        }
    }
}

/// Why a call has no answer.
public enum NodeClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The node was not reached.
    case connection(HTTPClientError)
    /// The node refused.
    case refused(APIError)
    /// What came is no answer of a node.
    case unreadable(status: HTTPStatus)

    public var description: String {
        switch self {
        case .connection(let error): error.description
        case .refused(let error): error.message
        case .unreadable(let status):
            "the server's answer (\(status)) is none of a node: is this its REST address?"
        }
    }
}
