import HTTP

/// One connection and what has been read ahead on it; it belongs to one thread at a time.
final class ClientConnection {
    let socket: ClientSocket
    private let limits: HTTPHead.Limits
    private var input: [UInt8] = []
    /// Whether anything of an answer has come.
    private(set) var hasAnswer = false
    /// Whether another request may follow.
    private(set) var isReusable = false

    init(_ socket: ClientSocket, limits: HTTPHead.Limits) {
        self.socket = socket
        self.limits = limits
    }

    func send(_ message: [UInt8], _ deadline: Deadline) throws(HTTPClientError) {
        hasAnswer = false
        isReusable = false
        do throws(HTTPClientError) {
            try socket.write(message, "sending the request", deadline)
        } catch {
            // A server may refuse a large body early: its answer may still be there to read.
            guard case .closed = error, try readMore("the answer", deadline) else { throw error }
        }
    }

    /// Reads the head of the next answer, past ones of status 100.
    func readHead(_ deadline: Deadline) throws(HTTPClientError) -> HTTPResponseHead {
        while true {
            var searched = 0
            var end = HTTPHead.end(in: input)
            while end == nil {
                searched = max(0, input.count - 3)
                guard input.count <= limits.size else {
                    throw .badMessage(.headTooLarge(limit: limits.size))
                }
                guard try readMore("waiting for the answer", deadline) else {
                    throw .closed(during: "waiting for the answer")
                }
                end = HTTPHead.end(in: input, searchingFrom: searched)
            }
            let head = try checked { () throws(HTTPMessageError) in
                try HTTPResponseHead(try HTTPHead(parsing: input[..<(end ?? 0)], limits: limits))
            }
            input.removeFirst(end ?? 0)
            if head.status.code >= 200 || head.status == .switchingProtocols { return head }
        }
    }

    /// Reads a whole body.
    func readBody(
        _ head: HTTPResponseHead, hasBody: Bool, limit: Int, _ deadline: Deadline
    ) throws(HTTPClientError) -> [UInt8] {
        var decoder = try checked { () throws(HTTPMessageError) in
            try HTTPBodyDecoder(responseHead: head, hasBody: hasBody, limit: limit)
        }
        var body: [UInt8] = []
        while try readPiece(&decoder, into: &body, deadline) {}
        isReusable = head.keepsAlive && input.isEmpty && !decoder.endsWithClose
        return body
    }

    /// Moves the part of the body that is there to `body`, and waits for one if there is none; false at the end.
    func readPiece(
        _ decoder: inout HTTPBodyDecoder, into body: inout [UInt8], _ deadline: Deadline
    ) throws(HTTPClientError) -> Bool {
        let before = body.count
        while true {
            var rest = input[...]
            var failure: HTTPMessageError?
            do throws(HTTPMessageError) {
                try decoder.take(from: &rest, into: &body)
            } catch {
                failure = error
            }
            if let failure { throw .badMessage(failure) }
            input.removeFirst(input.count - rest.count)
            if body.count > before { return true }
            if decoder.isComplete { return false }
            guard try readMore("reading the answer", deadline) else {
                if decoder.endsWithClose { return false }
                throw .closed(during: "reading the answer")
            }
        }
    }

    /// What was read beyond the head: the first frames of a WebSocket.
    func takeInput() -> [UInt8] {
        defer { input = [] }
        return input
    }

    /// Reads on; false where the server has closed.
    private func readMore(_ what: String, _ deadline: Deadline) throws(HTTPClientError) -> Bool {
        guard try socket.read(into: &input, what, deadline) else { return false }
        hasAnswer = true
        return true
    }

    private func checked<Result>(
        _ body: () throws(HTTPMessageError) -> Result
    ) throws(HTTPClientError) -> Result {
        do throws(HTTPMessageError) {
            return try body()
        } catch {
            throw .badMessage(error)
        }
    }
}
