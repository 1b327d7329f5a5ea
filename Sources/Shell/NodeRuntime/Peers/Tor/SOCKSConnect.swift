import LightningWire

/// Why a proxy does not connect.
struct SOCKSFailure: Error, Hashable {
    let reason: String
}

/// The exchange with a SOCKS5 proxy that ends in a connection to somebody else (RFC 1928, RFC 1929), as a machine over bytes.
///
///     node                              proxy
///         ---- methods -------------->
///         <--- the method -----------
///         ---- user, password ------->       only with stream isolation
///         <--- granted ---------------
///         ---- connect to host, port ->
///         <--- connected -------------
struct SOCKSConnect {
    private enum Stage {
        case method, authentication, reply, finished
    }

    private let target: PeerEndpoint
    /// What tells this stream from others: Tor gives streams with different credentials different circuits.
    private let isolation: String?
    private var stage = Stage.method
    private var received: [UInt8] = []

    private static let version: UInt8 = 5
    private static let noAuthentication: UInt8 = 0
    private static let password: UInt8 = 2

    /// `isolation` is at most 255 bytes; nil to share circuits.
    init(to target: PeerEndpoint, isolation: String?) {
        self.target = target
        self.isolation = isolation
    }

    /// The first bytes to send.
    var greeting: [UInt8] {
        [Self.version, 1, isolation == nil ? Self.noAuthentication : Self.password]
    }

    /// Whether the proxy has connected: all later bytes are the peer's.
    var isFinished: Bool {
        if case .finished = stage { true } else { false }
    }

    /// Takes bytes of the proxy and answers with the bytes to send.
    mutating func receive(_ bytes: [UInt8]) throws(SOCKSFailure) -> [UInt8] {
        received += bytes
        // A reply has at most four bytes, a name with its length, and a port.
        guard received.count <= 4 + 256 + 2 else {
            throw SOCKSFailure(reason: "the proxy says too much")
        }
        var output: [UInt8] = []
        while let answer = try step() { output += answer }
        return output
    }

    /// Takes the next part of the exchange; nil until all of it has arrived.
    private mutating func step() throws(SOCKSFailure) -> [UInt8]? {
        switch stage {
        case .method:
            guard let bytes = take(2) else { return nil }
            guard bytes[0] == Self.version else {
                throw SOCKSFailure(reason: "the proxy does not speak SOCKS5")
            }
            guard bytes[1] == greeting[2] else {
                throw SOCKSFailure(reason: "the proxy refuses this way of authentication")
            }
            guard let isolation else { return request }
            stage = .authentication
            let name = Array(isolation.utf8.prefix(255))
            return [1, UInt8(name.count)] + name + [UInt8(name.count)] + name
        case .authentication:
            guard let bytes = take(2) else { return nil }
            guard bytes[1] == 0 else {
                throw SOCKSFailure(reason: "the proxy refuses the password")
            }
            return request
        case .reply:
            guard let length = try replyLength(), take(length) != nil else { return nil }
            stage = .finished
            return nil
        case .finished: return nil
        }
    }

    private var request: [UInt8] {
        mutating get {
            stage = .reply
            let address: [UInt8]
            if let number = IPAddress(target.host) {
                address = [number.isIPv6 ? 4 : 1] + number.bytes
            } else {
                let name = Array(target.host.utf8.prefix(255))
                address = [3, UInt8(name.count)] + name
            }
            let port = [UInt8(target.port >> 8), UInt8(target.port & 0xff)]
            return [Self.version, 1, 0] + address + port
        }
    }

    private func replyLength() throws(SOCKSFailure) -> Int? {
        guard received.count >= 2 else { return nil }
        guard received[1] == 0 else { throw SOCKSFailure(reason: Self.meaning(of: received[1])) }
        guard received.count >= 5 else { return nil }
        switch received[3] {
        case 1: return 10
        case 3: return 7 + Int(received[4])
        case 4: return 22
        default: throw SOCKSFailure(reason: "the proxy answers with an unknown kind of address")
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        guard received.count >= count else { return nil }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// RFC 1928, and Tor's own numbers for its services (socks-extensions.txt).
    private static func meaning(of code: UInt8) -> String {
        switch code {
        case 1: "the proxy failed"
        case 2: "the proxy does not allow it"
        case 3: "network unreachable"
        case 4: "host unreachable"
        case 5: "connection refused"
        case 6: "the proxy's time limit is over"
        case 7: "the proxy cannot connect"
        case 8: "the proxy does not know this kind of address"
        case 0xf0: "the Tor service is not known"
        case 0xf1: "the Tor service's description is invalid"
        case 0xf2: "the Tor service cannot be introduced to"
        case 0xf3: "no meeting with the Tor service"
        case 0xf4, 0xf5: "the Tor service wants authorization"
        case 0xf6: "not the name of a Tor service"
        case 0xf7: "no introduction to the Tor service in time"
        default: "the proxy answers \(code)"
        }
    }
}
