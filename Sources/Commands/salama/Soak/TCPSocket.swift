import Glibc

/// A socket over this machine's own network, closed with its last user.
final class TCPSocket: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at a port of 127.0.0.1, without waiting for who comes.
    static func listening(at port: UInt16) throws(CommandFailure) -> TCPSocket {
        let socket = try TCPSocket()
        var yes: Int32 = 1
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes,
            socklen_t(MemoryLayout<Int32>.size))
        guard with("127.0.0.1", port, { bind(socket.descriptor, $0, $1) }) == 0,
            listen(socket.descriptor, 128) == 0
        else { throw CommandFailure("cannot listen at port \(port): \(reason)") }
        socket.stopWaiting()
        return socket
    }

    /// Connects to a port of 127.0.0.1, from another of this machine's addresses where `source` names one; waits at most so
    /// many milliseconds, then and later.
    static func connected(
        to port: UInt16, from source: String? = nil, patience: Int = 1_000
    ) throws(CommandFailure) -> TCPSocket {
        let socket = try TCPSocket()
        socket.setPatience(patience)
        if let source { _ = with(source, 0) { bind(socket.descriptor, $0, $1) } }
        guard with("127.0.0.1", port, { connect(socket.descriptor, $0, $1) }) == 0 else {
            throw CommandFailure("cannot connect to port \(port): \(reason)")
        }
        return socket
    }

    /// One of this machine's own addresses, of which there are millions.
    static func anyAddress() -> String {
        "127.\(Int.random(in: 1...250)).\(Int.random(in: 0...250)).\(Int.random(in: 1...250))"
    }

    private convenience init() throws(CommandFailure) {
        // No program that is started meanwhile keeps it open.
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CommandFailure("no socket: \(Self.reason)") }
        self.init(descriptor)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private static func with<Result>(
        _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func setPatience(_ milliseconds: Int) {
        var time = timeval(
            tv_sec: milliseconds / 1_000, tv_usec: (milliseconds % 1_000) * 1_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    }

    /// From now on nothing is waited for.
    func stopWaiting() { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

    /// Whoever connected to a listening socket; nil where nobody did.
    func accepted() -> TCPSocket? {
        let descriptor = accept(descriptor, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let socket = TCPSocket(descriptor)
        socket.stopWaiting()
        return socket
    }

    /// What became of reading or writing.
    enum Progress {
        case some(Int)
        /// Nothing at present.
        case none
        case ended
    }

    /// Reads what is there.
    func read(into buffer: inout [UInt8]) -> Progress {
        progress(recv(descriptor, &buffer, buffer.count, 0))
    }

    /// Throws away what is there.
    func drop(_ buffer: inout [UInt8]) {
        while recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Writes as much as is taken.
    func write(_ bytes: ArraySlice<UInt8>) -> Progress {
        progress(
            bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            })
    }

    private func progress(_ count: Int) -> Progress {
        if count > 0 { return .some(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .none }
        return .ended
    }

    /// Writes all of it; false where that cannot be done in time.
    func writeAll(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard case .some(let count) = write(rest) else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
