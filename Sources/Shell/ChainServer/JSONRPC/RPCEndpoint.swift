import Bitcoin
import JSON

/// Turns the body of a request into calls, and their results into the body of the answer (JSON-RPC 1.0, 1.1 and 2.0).
public struct RPCEndpoint: Sendable {
    /// The status of an answer and its body.
    public struct Answer: Sendable, Equatable {
        /// The status code of HTTP.
        public let status: Int
        /// JSON and a line feed; empty where there is nothing to say.
        public let body: [UInt8]
    }

    private let service: ChainService
    private static let limits = JSONValue.Limits(size: 32 << 20, depth: 64)

    /// An endpoint for the methods of `service`.
    public init(_ service: ChainService) { self.service = service }

    /// Answers one request, which may hold a batch.
    public func answer(_ body: [UInt8]) -> Answer {
        let request: JSONValue
        do throws(JSONError) {
            request = try JSONValue(parsing: body, limits: Self.limits)
        } catch {
            return reply(500, failure(RPCError(RPCError.parseError, "Parse error"), .null, .one))
        }
        switch request {
        case .array(let calls):
            let answers = calls.compactMap { answer(call: $0)?.value }
            // A batch of notifications alone has no answer.
            if answers.isEmpty, !calls.isEmpty { return Answer(status: 204, body: []) }
            return reply(200, .array(answers))
        case .object:
            guard let (status, value) = answer(call: request) else {
                return Answer(status: 204, body: [])
            }
            return reply(status, value)
        case .null, .bool, .number, .string:
            let error = RPCError(RPCError.parseError, "Top-level object parse error")
            return reply(500, failure(error, .null, .one))
        }
    }

    private enum Version { case one, two }

    private func answer(call: JSONValue) -> (status: Int, value: JSONValue)? {
        let id = call["id"]
        var version = Version.one
        do throws(RPCError) {
            guard case .object = call else {
                throw RPCError(RPCError.invalidRequest, "Invalid Request object")
            }
            version = try RPCEndpoint.version(of: call)
            guard let method = call["method"], !method.isNull else {
                throw RPCError(RPCError.invalidRequest, "Missing method")
            }
            guard let name = method.string else {
                throw RPCError(RPCError.invalidRequest, "Method must be a string")
            }
            let result = try service.call(name, call["params"])
            // Version 2: a request without an identifier is a notification.
            if version == .two, id == nil { return nil }
            return (200, success(result, id, version))
        } catch {
            if version == .two, id == nil { return nil }
            let value = failure(error, id, version)
            return (version == .two ? 200 : RPCEndpoint.status(of: error), value)
        }
    }

    private static func version(of call: JSONValue) throws(RPCError) -> Version {
        switch call["jsonrpc"] {
        case nil, .null, .string("1.0"), .string("1.1"): return .one
        case .string("2.0"): return .two
        case .string, .array, .object, .bool, .number:
            throw RPCError(RPCError.invalidRequest, "JSON-RPC version not supported")
        }
    }

    private static func status(of error: RPCError) -> Int {
        switch error.code {
        case RPCError.invalidRequest: 400
        case RPCError.methodNotFound: 404
        default: 500
        }
    }

    private func success(_ result: JSONValue, _ id: JSONValue?, _ version: Version) -> JSONValue {
        var object: JSONObject =
            switch version {
            case .one: ["result": result, "error": nil]
            case .two: ["jsonrpc": "2.0", "result": result]
            }
        object["id"] = id
        return .object(object)
    }

    private func failure(_ error: RPCError, _ id: JSONValue?, _ version: Version) -> JSONValue {
        let body: JSONValue = [
            "code": .integer(error.code), "message": .string(error.message),
        ]
        var object: JSONObject =
            switch version {
            case .one: ["result": nil, "error": body]
            case .two: ["jsonrpc": "2.0", "error": body]
            }
        object["id"] = id
        return .object(object)
    }

    private func reply(_ status: Int, _ value: JSONValue) -> Answer {
        Answer(status: status, body: value.serialized() + [UInt8(ascii: "\n")])
    }
}
