import HTTP

/// An answer that is read while it comes. It belongs to one thread; only ``cancel()`` may be called from another.
///
/// Unchecked sendability: ``cancel()`` touches nothing but the socket's descriptor, which stays open as long as this.
public final class HTTPClientStream: @unchecked Sendable {
    /// The status.
    public let status: HTTPStatus
    /// The header fields.
    public let headers: HTTPHeaders
    private let connection: ClientConnection
    private let bodyLimit: Int
    private var decoder: HTTPBodyDecoder
    private var pending: [UInt8] = []

    init(
        _ head: HTTPResponseHead, hasBody: Bool, connection: ClientConnection,
        configuration: HTTPClientConfiguration
    ) throws(HTTPClientError) {
        status = head.status
        headers = head.headers
        self.connection = connection
        bodyLimit = configuration.bodyLimit
        do throws(HTTPMessageError) {
            decoder = try HTTPBodyDecoder(responseHead: head, hasBody: hasBody, limit: .max)
        } catch {
            throw .badMessage(error)
        }
    }

    /// The next bytes, waited for at most `timeout` seconds; nil at the end.
    public func read(timeout: Double = .infinity) throws(HTTPClientError) -> [UInt8]? {
        if pending.isEmpty {
            guard
                try connection.readPiece(
                    &decoder, into: &pending, Deadline(seconds: timeout))
            else { return nil }
        }
        defer { pending = [] }
        return pending
    }

    /// The next line without its end, waited for at most `timeout` seconds; nil at the end.
    ///
    /// A line longer than the client's limit of a body is refused.
    public func readLine(timeout: Double = .infinity) throws(HTTPClientError) -> [UInt8]? {
        let deadline = Deadline(seconds: timeout)
        var searched = 0
        while true {
            if let end = pending[searched...].firstIndex(of: 10) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                return line.last == 13 ? line.dropLast() : line
            }
            searched = pending.count
            guard pending.count <= bodyLimit else {
                throw .badMessage(.bodyTooLarge(limit: bodyLimit))
            }
            guard try connection.readPiece(&decoder, into: &pending, deadline) else {
                defer { pending = [] }
                return pending.isEmpty ? nil : pending
            }
        }
    }

    /// The rest of the answer, at most the client's limit of a body.
    public func readAll(timeout: Double = .infinity) throws(HTTPClientError) -> [UInt8] {
        let deadline = Deadline(seconds: timeout)
        while try connection.readPiece(&decoder, into: &pending, deadline) {
            guard pending.count <= bodyLimit else {
                throw .badMessage(.bodyTooLarge(limit: bodyLimit))
            }
        }
        defer { pending = [] }
        return pending
    }

    /// Ends the connection: a read that waits in another thread fails at once.
    public func cancel() { connection.socket.interrupt() }
}
