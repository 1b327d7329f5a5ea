import CTLS
import Glibc
import HTTP

/// A moment that everything has to be over by.
struct Deadline {
    let seconds: Double
    private let end: UInt64

    init(seconds: Double) {
        self.seconds = seconds
        end =
            seconds.isFinite && seconds < 1e9
            ? Self.now() &+ UInt64(max(seconds, 0) * 1000) : .max
    }

    /// Milliseconds that are left, as `poll` wants them; -1 for without end.
    var milliseconds: Int32 {
        if end == .max { return -1 }
        let now = Self.now()
        return now >= end ? 0 : Int32(clamping: end - now)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}

/// A connection that reads and writes with a deadline, encrypted or not.
///
/// It belongs to one thread at a time; only ``interrupt()`` may be called from another.
final class ClientSocket {
    private let descriptor: Int32
    private var tls: OpaquePointer?
    private let host: String

    /// Connects; with a `context`, TLS is spoken and the server's certificate checked.
    init(_ url: HTTPURL, context: TLSClientContext?, deadline: Deadline) throws(HTTPClientError) {
        host = url.host
        descriptor = try Self.connect(url, deadline)
        guard let context else { return }
        tls = try context.session(descriptor: descriptor, host: url.host)
        while true {
            let status = SSL_connect(tls)
            if status == 1 { return }
            do throws(HTTPClientError) {
                guard try waitForTLS(status, "connecting", deadline) else {
                    throw .closed(during: "the TLS handshake")
                }
            } catch {
                guard case .broken = error else { throw error }
                throw .tls(host: host, reason: TLSClientContext.reason(tls))
            }
        }
    }

    deinit {
        if let tls {
            // A session that failed must not be shut down.
            if SSL_is_init_finished(tls) == 1 { SSL_shutdown(tls) }
            SSL_free(tls)
        }
        Glibc.close(descriptor)
    }

    /// Makes whatever waits here in another thread fail at once.
    func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Whether the server has closed, or sent something that nobody asked for.
    var isStale: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) != 0
    }

    private static func connect(
        _ url: HTTPURL, _ deadline: Deadline
    ) throws(HTTPClientError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(url.host, String(url.port), &hints, &list)
        guard status == 0 else {
            throw .unknownHost(url.host, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var failure = HTTPClientError.cannotConnect(
            host: url.host, port: url.port, reason: "no address")
        var entry = list
        while let info = entry?.pointee {
            entry = info.ai_next
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let descriptor = socket(info.ai_family, type, Int32(IPPROTO_TCP))
            guard descriptor >= 0 else { continue }
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
            if Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
            var code = errno
            if code == EINPROGRESS {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if Glibc.poll(&poll, 1, deadline.milliseconds) == 0 {
                    Glibc.close(descriptor)
                    throw .timedOut(during: "connecting", seconds: deadline.seconds)
                }
                var length = socklen_t(4)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
                if code == 0 { return descriptor }
            }
            Glibc.close(descriptor)
            failure = .cannotConnect(
                host: url.host, port: url.port, reason: String(cString: strerror(code)))
        }
        throw failure
    }

    /// Sends all of `bytes`.
    func write(_ bytes: [UInt8], _ what: String, _ deadline: Deadline) throws(HTTPClientError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { buffer in
                tls.map { Int(SSL_write($0, buffer.baseAddress, Int32(clamping: buffer.count))) }
                    ?? send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if tls != nil {
                guard try waitForTLS(Int32(count), what, deadline) else {
                    throw .closed(during: what)
                }
            } else {
                try waitAfterError(POLLOUT, what, deadline)
            }
        }
    }

    /// Adds what has come, at least a byte and at most 64 KiB, to `bytes`; false where the server has closed.
    func read(
        into bytes: inout [UInt8], _ what: String, _ deadline: Deadline
    ) throws(HTTPClientError) -> Bool {
        while true {
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, length in
                count =
                    tls.map { Int(SSL_read($0, buffer.baseAddress, Int32(buffer.count))) }
                    ?? recv(descriptor, buffer.baseAddress, buffer.count, 0)
                length = max(count, 0)
            }
            if count > 0 {
                bytes += chunk
                return true
            }
            if tls != nil {
                guard try waitForTLS(Int32(count), what, deadline) else { return false }
            } else if count == 0 {
                return false
            } else {
                try waitAfterError(POLLIN, what, deadline)
            }
        }
    }

    /// Waits for what OpenSSL wants; false where the server has closed.
    private func waitForTLS(
        _ status: Int32, _ what: String, _ deadline: Deadline
    ) throws(HTTPClientError) -> Bool {
        switch SSL_get_error(tls, status) {
        case SSL_ERROR_WANT_READ: try wait(POLLIN, what, deadline)
        case SSL_ERROR_WANT_WRITE: try wait(POLLOUT, what, deadline)
        case SSL_ERROR_ZERO_RETURN: return false
        default: throw .broken(during: what, reason: TLSClientContext.reason(tls))
        }
        return true
    }

    private func waitAfterError(
        _ events: Int32, _ what: String, _ deadline: Deadline
    ) throws(HTTPClientError) {
        switch errno {
        case EAGAIN, EINTR: try wait(events, what, deadline)
        case EPIPE, ECONNRESET: throw .closed(during: what)
        default: throw .broken(during: what, reason: String(cString: strerror(errno)))
        }
    }

    private func wait(
        _ events: Int32, _ what: String, _ deadline: Deadline
    ) throws(HTTPClientError) {
        var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let status = Glibc.poll(&poll, 1, deadline.milliseconds)
        if status == 0 { throw .timedOut(during: what, seconds: deadline.seconds) }
    }
}
