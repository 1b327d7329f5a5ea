import HTTP

/// A request whose body is being read.
struct IncomingRequest {
    let head: HTTPRequestHead
    let route: HTTPRoute
    let parameters: [String: String]
    var decoder: HTTPBodyDecoder
    var body: [UInt8] = []
}

/// Reading requests.
extension ServerConnection {
    /// Takes as many requests out of the input as there are whole ones and handlers for them.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while true {
            switch phase {
            case .head: guard waiting <= Self.pipelineOutput, readHead() else { return }
            case .body(let request): guard readBody(of: request) else { return }
            case .handling, .stream, .webSocket, .flushing, .lingering, .closed: return
            }
        }
    }

    /// Reads a head; false where more bytes are needed.
    private func readHead() -> Bool {
        // RFC 9112, section 2.2: empty lines before a request are skipped.
        let blank = input.prefix { $0 == 13 || $0 == 10 }.count
        if blank > 0 { input.removeFirst(blank) }
        guard !input.isEmpty else { return false }
        if current == nil, sequence == headSequence {
            headSequence = sequence + 1
            setDeadline(in: loop.configuration.headTimeout)
        }
        let limits = loop.configuration.head
        guard let end = HTTPHead.end(in: input), end <= limits.size else {
            if input.count >= limits.size { reject(.headTooLarge(limit: limits.size)) }
            return false
        }
        do throws(HTTPMessageError) {
            let head = try HTTPRequestHead(try HTTPHead(parsing: input[..<end], limits: limits))
            input.removeFirst(end)
            try begin(head)
        } catch {
            reject(error)
        }
        return true
    }

    private func reject(_ error: HTTPMessageError) {
        keepsAlive = false
        sequence += 1
        answer(error.status, error.description)
    }

    private func begin(_ head: HTTPRequestHead) throws(HTTPMessageError) {
        let hosts = head.headers.values("Host").count
        guard hosts == 1 || head.isLegacy && hosts == 0 else { throw .malformedHeader(line: 1) }
        sequence += 1
        headSequence = sequence
        current = head
        keepsAlive = head.keepsAlive
        let outcome = loop.router.route(head.method, head.target.segments)
        var bodyLimit = loop.configuration.bodyLimit
        if case .found(let route, _) = outcome { bodyLimit = route.bodyLimit ?? bodyLimit }
        let decoder = try HTTPBodyDecoder(requestHeaders: head.headers, limit: bodyLimit)
        // The body of a request that is refused is not worth reading.
        let refuse = { [self] (status: HTTPStatus, message: String, headers: HTTPHeaders) in
            if !decoder.isComplete { keepsAlive = false }
            answer(status, message, headers: headers)
        }
        switch outcome {
        case .notFound: refuse(.notFound, "no such path: \(head.target.path)", [:])
        case .otherMethods(let methods):
            let allowed = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
            if head.method == .options {
                refuse(.noContent, "", ["Allow": allowed])
            } else {
                refuse(
                    .methodNotAllowed,
                    "\(head.method.rawValue) is not possible here, use \(allowed)",
                    ["Allow": allowed])
            }
        case .found(let route, let parameters):
            if let expectation = head.headers["Expect"], !decoder.isComplete {
                guard expectation.lowercased() == "100-continue" else {
                    return refuse(.expectationFailed, "cannot do: Expect: \(expectation)", [:])
                }
                write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            setDeadline(in: loop.configuration.bodyTimeout)
            phase = .body(
                IncomingRequest(
                    head: head, route: route, parameters: parameters, decoder: decoder))
        }
    }

    /// Reads the rest of a body and hands the request over; false where more bytes are needed.
    private func readBody(of request: IncomingRequest) -> Bool {
        var request = request
        // The enum holds a second reference to the body, which would be copied with every piece.
        phase = .handling
        do throws(HTTPMessageError) {
            var rest = input[...]
            let before = request.body.count
            try request.decoder.take(from: &rest, into: &request.body)
            input.removeFirst(input.count - rest.count)
            bodyBytes += request.body.count - before
            loop.bodyBytes += request.body.count - before
        } catch {
            keepsAlive = false
            answer(error.status, error.description)
            return true
        }
        if loop.bodyBytes > loop.configuration.totalBodyLimit {
            keepsAlive = false
            answer(.serviceUnavailable, "too many large requests at once, try again")
            return true
        }
        guard request.decoder.isComplete else {
            phase = .body(request)
            return false
        }
        hand(over: request)
        return true
    }

    private func hand(over incoming: IncomingRequest) {
        deadline = .max
        var request = HTTPRequest(
            method: incoming.head.method, target: incoming.head.target,
            headers: incoming.head.headers, body: incoming.body, peer: peer, isSecure: isSecure)
        request.parameters = incoming.parameters
        let exchange = HTTPExchange(
            request: request,
            connection: ConnectionReference(loop: loop, id: id, sequence: sequence))
        switch incoming.route.handler {
        case .immediate(let handler): handler(exchange)
        case .blocking(let handler):
            let isTaken = loop.workers.submit { exchange.respond(handler(exchange.request)) }
            if !isTaken {
                exchange.respond(
                    loop.configuration.errorResponse(
                        .serviceUnavailable, "too many requests are waiting, try again"))
            }
        }
    }
}
