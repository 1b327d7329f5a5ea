import Glibc

/// Sockets that listen, and the addresses of what connects to them.
enum ListeningSocket {
    /// Listens on every address that the host stands for; where the kernel chooses the port, on the first alone.
    static func open(
        _ address: ListenAddress
    ) throws(HTTPServerError) -> [(descriptor: Int32, address: ListenAddress)] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, String(address.port), &hints, &list)
        guard status == 0, list != nil else {
            throw .cannotListen(address, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var sockets: [(descriptor: Int32, address: ListenAddress)] = []
        var failure = "no address"
        var entry = list
        while let info = entry?.pointee {
            entry = info.ai_next
            if address.port == 0, !sockets.isEmpty { break }
            let descriptor = open(info)
            if descriptor >= 0 {
                sockets.append(
                    (descriptor, ListenAddress(host: address.host, port: localPort(descriptor))))
            } else {
                failure = String(cString: strerror(errno))
                // A machine without IPv6 still resolves localhost to ::1; a port that is taken is another matter.
                if errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT { continue }
                for socket in sockets { Glibc.close(socket.descriptor) }
                throw .cannotListen(address, reason: failure)
            }
        }
        guard !sockets.isEmpty else { throw .cannotListen(address, reason: failure) }
        return sockets
    }

    private static func open(_ info: addrinfo) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(info.ai_family, type, Int32(IPPROTO_TCP))
        guard descriptor >= 0 else { return -1 }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if info.ai_family == AF_INET6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, 512) == 0
        else {
            let reason = errno
            Glibc.close(descriptor)
            errno = reason
            return -1
        }
        return descriptor
    }

    /// Prepares a socket that was accepted: no delay for small answers, and a dead peer is found out within minutes.
    static func prepare(_ descriptor: Int32) {
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func localPort(_ descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length) == 0 ? peer($0, length).port : 0
            }
        }
    }

    /// The address in `pointer`; one of IPv4 that is mapped into IPv6 is written as IPv4.
    static func peer(_ pointer: UnsafePointer<sockaddr>, _ length: socklen_t) -> HTTPPeer {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 16)
        let status = getnameinfo(
            pointer, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
            NI_NUMERICHOST | NI_NUMERICSERV)
        guard status == 0 else { return HTTPPeer(address: "unknown", port: 0) }
        var address = text(host)
        if address.hasPrefix("::ffff:"), address.contains(".") {
            address = String(address.dropFirst(7))
        }
        return HTTPPeer(address: address, port: UInt16(text(service)) ?? 0)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(
            decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
