import Glibc

/// A TCP connection on this machine that blocks, for ten seconds at most.
final class LoopbackConnection {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    /// Connects to a port of 127.0.0.1.
    static func connect(port: UInt16) throws -> LoopbackConnection {
        let connection = LoopbackConnection(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let result = Listener.withAddress(port) { Glibc.connect(connection.descriptor, $0, $1) }
        guard result == 0 else { throw LoopbackError.system(errno) }
        return connection
    }

    /// Waits at a port of 127.0.0.1 that the kernel chose.
    final class Listener {
        private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port: UInt16

        init() throws {
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = self.descriptor
            guard Self.withAddress(0, { bind(descriptor, $0, $1) }) == 0,
                listen(descriptor, 1) == 0,
                withUnsafeMutablePointer(
                    to: &address,
                    { pointer in
                        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            getsockname(descriptor, $0, &length)
                        }
                    }) == 0
            else { throw LoopbackError.system(errno) }
            port = UInt16(bigEndian: address.sin_port)
            var limit = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit,
                socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(descriptor) }

        func accept() throws -> LoopbackConnection {
            let accepted = Glibc.accept(descriptor, nil, nil)
            guard accepted >= 0 else { throw LoopbackError.system(errno) }
            return LoopbackConnection(accepted)
        }

        static func withAddress(
            _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
        ) -> Int32 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            address.sin_port = port.bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    /// Tells the other side that nothing follows.
    func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw LoopbackError.system(errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// What has arrived, at least one byte.
    func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 70_000)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw LoopbackError.closed }
        return Array(buffer[..<count])
    }
}

enum LoopbackError: Error {
    case system(Int32)
    case closed
}
