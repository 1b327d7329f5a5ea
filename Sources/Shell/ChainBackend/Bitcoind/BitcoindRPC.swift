import Bitcoin
import Glibc
import JSON
import Synchronization

/// bitcoind's JSON-RPC, from any number of threads.
///
/// Every call made here is idempotent, broadcasting included: a transaction that is there already counts as
/// accepted. So a call whose connection broke is made once more; one that ran out of time is not.
final class BitcoindRPC: Sendable {
    /// One call of a batch.
    struct Call: Sendable {
        var method: String
        var parameters: [JSONValue]

        init(_ method: String, _ parameters: JSONValue...) {
            self.init(method, list: parameters)
        }

        init(_ method: String, list parameters: [JSONValue]) {
            self.method = method
            self.parameters = parameters
        }
    }

    private let transport: any BitcoindTransport
    private let credentials: BitcoindCredentials
    private let lastIdentifier = Atomic<Int>(0)

    init(transport: any BitcoindTransport, authentication: BitcoindAuthentication) {
        self.transport = transport
        self.credentials = BitcoindCredentials(authentication)
    }

    /// Calls a method and waits for its result. Throws ``ChainError/refused(method:code:message:)`` for an error
    /// of the method's own.
    func call(
        _ call: Call, bounds: BitcoindBounds = .ordinary
    ) throws(ChainError) -> JSONValue {
        let (identifier, request) = request(call)
        let body = try post(
            request.serialized(), method: call.method, bounds: bounds)
        let answer = try Self.parse(body, method: call.method)
        return try Self.result(of: answer, to: call.method, identifier: identifier)
    }

    /// Calls a method whose result is hexadecimal text and returns the bytes.
    func callForBytes(_ call: Call) throws(ChainError) -> [UInt8] {
        let (identifier, request) = request(call)
        let body = try post(
            request.serialized(), method: call.method, bounds: .ordinary)
        let (bytes, envelope) = HexAnswer.split(body)
        let answer = try Self.parse(envelope, method: call.method)
        let result = try Self.result(of: answer, to: call.method, identifier: identifier)
        if let bytes { return bytes }
        return try Self.bytes(result, method: call.method)
    }

    /// Makes several calls in one request. The results are in the calls' order, each with an error of its own.
    func batch(
        _ calls: [Call], bounds: BitcoindBounds = .ordinary
    ) throws(ChainError) -> [Result<JSONValue, ChainError>] {
        guard let first = calls.first else { return [] }
        let requests = calls.map { request($0) }
        let body = try post(
            JSONValue.array(requests.map(\.value)).serialized(), method: first.method,
            bounds: bounds)
        let parsed = try Self.parse(body, method: first.method)
        guard let answers = parsed.array else {
            // Such as the error for the whole batch.
            _ = try Self.result(of: parsed, to: first.method, identifier: nil)
            throw .invalidAnswer(method: first.method, detail: "a batch gave no list")
        }
        var byIdentifier: [Int: JSONValue] = [:]
        for answer in answers {
            if let identifier = answer["id"]?.integer(Int.self) {
                byIdentifier[identifier] = answer
            }
        }
        return zip(calls, requests).map { call, request in
            do throws(ChainError) {
                guard let answer = byIdentifier[request.identifier] else {
                    throw .invalidAnswer(method: call.method, detail: "a batch left it out")
                }
                return .success(
                    try Self.result(of: answer, to: call.method, identifier: request.identifier))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Gets a resource of the REST interface: its bytes, or nil with what the server said instead.
    func resource(_ path: String) throws(ChainError) -> (bytes: [UInt8]?, message: String) {
        let request = BitcoindRequest(path: path, bounds: .ordinary)
        let reply = try send(request, method: "GET")
        if reply.status == 200 { return (reply.body, "") }
        return (nil, Self.text(reply.body))
    }

    private func request(_ call: Call) -> (identifier: Int, value: JSONValue) {
        let identifier = lastIdentifier.add(1, ordering: .relaxed).newValue
        return (
            identifier,
            [
                "jsonrpc": "1.0", "id": .integer(identifier), "method": .string(call.method),
                "params": .array(call.parameters),
            ]
        )
    }
}

/// HTTP's part of a call.
extension BitcoindRPC {
    /// Posts a body and returns that of an answer in JSON.
    private func post(
        _ body: [UInt8], method: String, bounds: BitcoindBounds
    ) throws(ChainError) -> [UInt8] {
        var authorization = try credentials.authorization()
        var refusals = 0
        var busy = 0
        while true {
            let request = BitcoindRequest(
                authorization: authorization, body: body, bounds: bounds)
            let reply = try send(request, method: method)
            switch reply.status {
            // Errors of methods come with status 500, 404 or 400.
            case 200, 400, 404, 500: return reply.body
            case 401:
                refusals += 1
                guard refusals < 3,
                    let other = try credentials.authorization(insteadOf: authorization)
                else { throw .unauthorized }
                authorization = other
            case 403:
                throw .unavailable(
                    reason: "bitcoind does not answer this machine's address (see rpcallowip)")
            case 503:
                // Its queue of calls is full.
                busy += 1
                guard busy < 5 else {
                    throw .unavailable(reason: "bitcoind is busy: \(Self.text(reply.body))")
                }
                usleep(useconds_t(50_000 << busy))
            default:
                throw .invalidAnswer(method: method, detail: "HTTP status \(reply.status)")
            }
        }
    }

    private func send(
        _ request: BitcoindRequest, method: String
    ) throws(ChainError) -> BitcoindReply {
        do throws(BitcoindTransportError) {
            do throws(BitcoindTransportError) {
                return try transport.send(request)
            } catch .unreachable {
                usleep(100_000)
                return try transport.send(request)
            }
        } catch {
            switch error {
            case .unreachable(let reason): throw .unavailable(reason: reason)
            case .timedOut(let reason): throw .unavailable(reason: "\(method): \(reason)")
            case .malformed(let detail): throw .invalidAnswer(method: method, detail: detail)
            }
        }
    }
}

/// JSON-RPC's part of a call.
extension BitcoindRPC {
    private static func parse(_ body: [UInt8], method: String) throws(ChainError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(
                parsing: body, limits: JSONValue.Limits(size: body.count, depth: 32))
        } catch {
            throw .invalidAnswer(method: method, detail: "\(error)")
        }
    }

    private static func result(
        of answer: JSONValue, to method: String, identifier: Int?
    ) throws(ChainError) -> JSONValue {
        guard let object = answer.object else {
            throw .invalidAnswer(method: method, detail: "the answer is no object")
        }
        if let error = object["error"], !error.isNull {
            guard let code = error["code"]?.integer(Int.self) else {
                throw .invalidAnswer(method: method, detail: "an error with no code")
            }
            let message = error["message"]?.string ?? ""
            // RPC_IN_WARMUP
            if code == -28 { throw .warmingUp(reason: text(message.utf8)) }
            throw .refused(method: method, code: code, message: text(message.utf8))
        }
        guard let identifier, object["id"]?.integer(Int.self) == identifier else {
            throw .invalidAnswer(method: method, detail: "the answer is to another call")
        }
        guard let result = object["result"] else {
            throw .invalidAnswer(method: method, detail: "the answer has no result")
        }
        return result
    }

    private static func bytes(_ result: JSONValue, method: String) throws(ChainError) -> [UInt8] {
        guard let text = result.string, let bytes = try? Hex.decode(text) else {
            throw .invalidAnswer(method: method, detail: "the result is no hexadecimal text")
        }
        return bytes
    }

    /// What a server said, cut to what a log can take and with no control characters.
    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.prefix(500).filter { $0 >= 0x20 }, as: UTF8.self)
    }
}
