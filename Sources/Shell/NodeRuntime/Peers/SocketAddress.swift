import CLinux
import Glibc

/// Why the system does not do what it was asked: its number for the reason.
struct SystemFailure: Error, Hashable {
    /// As `errno` has it.
    let code: Int32

    /// The failure of the call just made.
    static var last: SystemFailure { SystemFailure(code: errno) }

    /// The system's word for why.
    var reason: String { String(cString: strerror(code)) }
}

/// An address in the form in which the kernel takes it.
struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private(set) var length: socklen_t

    init(_ address: IPAddress, port: UInt16) {
        if address.isIPv6 {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { bytes in
                var form = sockaddr_in6()
                form.sin6_family = sa_family_t(AF_INET6)
                form.sin6_port = port.bigEndian
                withUnsafeMutableBytes(of: &form.sin6_addr) { $0.copyBytes(from: address.bytes) }
                bytes.storeBytes(of: form, as: sockaddr_in6.self)
            }
        } else {
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { bytes in
                var form = sockaddr_in()
                form.sin_family = sa_family_t(AF_INET)
                form.sin_port = port.bigEndian
                withUnsafeMutableBytes(of: &form.sin_addr) { $0.copyBytes(from: address.bytes) }
                bytes.storeBytes(of: form, as: sockaddr_in.self)
            }
        }
    }

    /// What `fill` writes, as `accept` and `getsockname` do; nil where it fails.
    init?(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var (storage, length) = (sockaddr_storage(), length)
        let isFilled = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &length) }
        }
        guard isFilled else { return nil }
        self.storage = storage
        self.length = length
    }

    var family: Int32 { Int32(storage.ss_family) }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// The address and port; nil for families other than IPv4 and IPv6.
    var parts: (address: IPAddress, port: UInt16)? {
        withUnsafeBytes(of: storage) { bytes in
            if family == AF_INET {
                let form = bytes.load(as: sockaddr_in.self)
                let address = withUnsafeBytes(of: form.sin_addr) { Array($0) }
                return (IPAddress(bytes: address), UInt16(bigEndian: form.sin_port))
            }
            guard family == AF_INET6 else { return nil }
            let form = bytes.load(as: sockaddr_in6.self)
            let address = withUnsafeBytes(of: form.sin6_addr) { Array($0) }
            return (IPAddress(bytes: address), UInt16(bigEndian: form.sin6_port))
        }
    }

    /// The addresses of a name, or the address that the text is. Blocks while the name is looked up. Throws the resolver's
    /// word for why there is none.
    static func resolve(_ endpoint: PeerEndpoint) throws(NameFailure) -> [SocketAddress] {
        if let address = IPAddress(endpoint.host) {
            return [SocketAddress(address, port: endpoint.port)]
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
        guard status == 0 else { throw NameFailure(reason: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            entry = info.ai_next
            let address = SocketAddress { target, length in
                guard let source = info.ai_addr, info.ai_addrlen <= length.pointee else {
                    return false
                }
                memcpy(target, source, Int(info.ai_addrlen))
                length.pointee = info.ai_addrlen
                return true
            }
            if let address, address.parts != nil { found.append(address) }
        }
        guard !found.isEmpty else { throw NameFailure(reason: "it has no address") }
        return found
    }
}

/// Why a name has no address.
struct NameFailure: Error, Hashable {
    let reason: String
}

/// The calls of the system for TCP, non-blocking.
enum PeerSocket {
    private static let type = Int32(
        SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    /// Begins to connect; the socket becomes writable when that has succeeded or failed.
    static func connect(to address: SocketAddress) throws(SystemFailure) -> Int32 {
        let descriptor = socket(address.family, type, Int32(IPPROTO_TCP))
        guard descriptor >= 0 else { throw .last }
        prepare(descriptor)
        let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let failure = SystemFailure.last
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Listens on an address.
    static func listen(on address: SocketAddress) throws(SystemFailure) -> Int32 {
        let descriptor = socket(address.family, type, Int32(IPPROTO_TCP))
        guard descriptor >= 0 else { throw .last }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, 128) == 0
        else {
            let failure = SystemFailure.last
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Takes a connection that waits; nil where none does.
    static func accept(
        _ listener: Int32
    ) throws(SystemFailure) -> (descriptor: Int32, address: SocketAddress)? {
        var descriptor: Int32 = -1
        let address = SocketAddress { address, length in
            repeat {
                descriptor = accept4(
                    listener, address, length,
                    Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            } while descriptor < 0 && errno == EINTR
            return descriptor >= 0
        }
        guard let address else {
            // The other side may have gone before its turn came.
            if [EAGAIN, EWOULDBLOCK, ECONNABORTED, EPROTO].contains(errno) { return nil }
            throw .last
        }
        prepare(descriptor)
        return (descriptor, address)
    }

    /// What became of a connection that was begun; nil where it is there.
    static func failure(of descriptor: Int32) -> SystemFailure? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : SystemFailure(code: code)
    }

    /// The address that a socket has on this side.
    static func localAddress(of descriptor: Int32) -> (address: IPAddress, port: UInt16)? {
        SocketAddress { getsockname(descriptor, $0, $1) == 0 }?.parts
    }

    /// No delay for small messages, and a machine that has gone is found out within minutes.
    private static func prepare(_ descriptor: Int32) {
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
}
