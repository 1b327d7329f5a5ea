import Glibc
import HTTP

/// Answering requests.
extension ServerConnection {
    /// Answers in the words of the server rather than of a handler.
    func answer(_ status: HTTPStatus, _ message: String, headers: HTTPHeaders = [:]) {
        var response =
            status == .noContent
            ? HTTPResponse(status: status) : loop.configuration.errorResponse(status, message)
        for field in headers.fields { response.headers.append(field.name, field.value) }
        phase = .handling
        respond(response)
    }

    /// Answers that a handler failed.
    func fail(_ status: HTTPStatus, _ message: String) {
        answer(status, message)
    }

    /// Sends a whole answer and turns to the next request.
    func respond(_ response: HTTPResponse) {
        guard case .handling = phase else { return }
        var headers = response.headers
        if response.status != .noContent, response.status.code >= 200 {
            headers["Content-Length"] = String(response.body.count)
        }
        var bytes = head(response.status, headers)
        if current?.method != .head { bytes += response.body }
        write(bytes)
        finishAnswer()
    }

    /// The status line and the fields, with those of the connection and the server.
    private func head(_ status: HTTPStatus, _ headers: HTTPHeaders) -> [UInt8] {
        if loop.stopDeadline != nil { keepsAlive = false }
        var bytes = Array("HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8)
        headers.write(to: &bytes)
        loop.configuration.headers.write(to: &bytes)
        if let current { loop.configuration.requestHeaders(current).write(to: &bytes) }
        bytes += "Date: \(HTTPDate.text(time(nil)))\r\n".utf8
        if status != .switchingProtocols {
            if !keepsAlive {
                bytes += "Connection: close\r\n".utf8
            } else if current?.isLegacy == true {
                bytes += "Connection: keep-alive\r\n".utf8
            }
        }
        bytes += "\r\n".utf8
        return bytes
    }

    private func finishAnswer() {
        releaseBody()
        current = nil
        guard keepsAlive, loop.stopDeadline == nil else { return flush() }
        phase = .head
        setDeadline(in: loop.configuration.idleTimeout)
        // Within `process` its own loop goes on: a recursion would be as deep as a client pipelines.
        if !isProcessing { resumeReading() }
    }

    // MARK: Streams

    /// Sends the head of an answer whose body comes in pieces.
    func startStream(status: HTTPStatus, headers: HTTPHeaders, queue: OutboundQueue) {
        guard case .handling = phase else { return queue.end(.peerClosed) }
        releaseBody()
        let isLegacy = current?.isLegacy == true
        if isLegacy || peerHasFinished { keepsAlive = false }
        var headers = headers
        if !isLegacy { headers["Transfer-Encoding"] = "chunked" }
        write(head(status, headers))
        phase = .stream(queue, isChunked: !isLegacy)
        if current?.method == .head {
            queue.end(.finished)
            phase = .handling
            finishAnswer()
        }
    }

    /// Sends one piece.
    func write(chunk: [UInt8], of queue: OutboundQueue) {
        guard case .stream(let mine, let isChunked) = phase, mine === queue else { return }
        if isChunked { write(Array("\(String(chunk.count, radix: 16))\r\n".utf8)) }
        write(chunk)
        if isChunked { write([13, 10]) }
        queue.arrived(chunk.count, buffered: waiting)
    }

    /// Sends the end of the stream and turns to the next request.
    func finish(_ queue: OutboundQueue) {
        guard case .stream(let mine, let isChunked) = phase, mine === queue else { return }
        if isChunked { write(Array("0\r\n\r\n".utf8)) }
        queue.end(.finished)
        phase = .handling
        finishAnswer()
    }

    /// Closes the connection of a reader that is too slow.
    func drop(_ queue: OutboundQueue) {
        guard self.queue === queue else { return }
        close(queue.overrun)
    }
}

/// The date of a message (RFC 9110, section 5.6.7).
enum HTTPDate {
    /// `seconds` since 1970 as, for example, `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return days[Int(parts.tm_wday)] + ", " + two(parts.tm_mday) + " "
            + months[Int(parts.tm_mon)] + " \(parts.tm_year + 1900) " + two(parts.tm_hour) + ":"
            + two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT"
    }
}
