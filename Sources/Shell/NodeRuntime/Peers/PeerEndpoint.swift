import Bitcoin
import Glibc
import LightningWire

/// Where a node is reached: a host and a port.
public struct PeerEndpoint: Hashable, Sendable {
    /// An address of IPv4 or IPv6, a DNS name, or the name of a Tor service of version 3 with its `.onion`.
    public let host: String
    /// The TCP port; 0 lets the system choose where one listens.
    public let port: UInt16

    /// The port of BOLT 1: "The default TCP port depends on the network used. The most common networks are: Bitcoin mainnet
    /// with port number 9735". Nodes of other networks use it as well.
    public static let defaultPort: UInt16 = 9735

    /// That host and port.
    public init(host: String, port: UInt16 = Self.defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`; a bare IPv6 address is taken with the default port. Nil for
    /// anything else.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard IPAddress(host)?.isIPv6 == true else { return nil }
            let port = rest.isEmpty ? Self.defaultPort : UInt16(rest.dropFirst())
            guard rest.isEmpty || rest.hasPrefix(":"), let port else { return nil }
            self.init(host: host, port: port)
            return
        }
        if IPAddress(text)?.isIPv6 == true {
            self.init(host: text)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, Self.isName(host), parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self.init(host: String(host))
            return
        }
        guard let port = UInt16(parts[1]) else { return nil }
        self.init(host: String(host), port: port)
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                    || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f
            }
    }

    /// Whether it is reached through Tor alone.
    public var isOnion: Bool { host.lowercased().hasSuffix(".onion") }

    /// As in `127.0.0.1:9735` or `[::1]:9735`.
    public var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension PeerEndpoint {
    /// What an announcement or a record says; nil for a form that no longer exists.
    public init?(_ descriptor: AddressDescriptor) {
        switch descriptor {
        case .ipv4(let address, let port), .ipv6(let address, let port):
            self.init(host: IPAddress(bytes: address).text, port: port)
        case .torV2: return nil
        case .torV3(let onion, let port):
            self.init(host: Base32.encode(onion) + ".onion", port: port)
        case .dns(let hostname, let port): self.init(host: hostname, port: port)
        }
    }
}

extension AddressDescriptor {
    /// The form of announcements and records (BOLT 7); nil where a Tor name is not one of version 3.
    public init?(_ endpoint: PeerEndpoint) {
        if let address = IPAddress(endpoint.host) {
            self =
                address.isIPv6
                ? .ipv6(address: address.bytes, port: endpoint.port)
                : .ipv4(address: address.bytes, port: endpoint.port)
        } else if endpoint.isOnion {
            let name = endpoint.host.lowercased().dropLast(".onion".count)
            guard let onion = Base32.decode(name), onion.count == 35 else { return nil }
            self = .torV3(onion: onion, port: endpoint.port)
        } else {
            self = .dns(hostname: endpoint.host, port: endpoint.port)
        }
    }
}

/// Names of Tor services: the alphabet of RFC 4648 in lower case, without padding.
enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var (bits, count, characters) = (UInt32(0), 0, [UInt8]())
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                characters.append(alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        if count > 0 { characters.append(alphabet[Int(bits << UInt32(5 - count) & 31)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Nil for other characters.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var (bits, count, bytes) = (UInt32(0), 0, [UInt8]())
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}

extension PeerEndpoint: CustomStringConvertible {
    public var description: String { text }
}

/// A node and where it is reached, as in `02ab…@127.0.0.1:9735`.
public struct PeerAddress: Hashable, Sendable {
    /// The key that the node proves to hold.
    public let key: PublicKey
    public let endpoint: PeerEndpoint

    /// That node there.
    public init(key: PublicKey, endpoint: PeerEndpoint) {
        self.key = key
        self.endpoint = endpoint
    }

    /// Reads `key@host:port`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = try? Hex.decode(parts[0]),
            let key = try? PublicKey(compressed: bytes), let endpoint = PeerEndpoint(parts[1])
        else { return nil }
        self.init(key: key, endpoint: endpoint)
    }

    /// As in `02ab…@127.0.0.1:9735`.
    public var text: String { "\(key)@\(endpoint)" }
}

/// An address of IPv4 or IPv6, most significant byte first.
struct IPAddress: Hashable, Sendable {
    /// Four bytes or sixteen.
    let bytes: [UInt8]

    var isIPv6: Bool { bytes.count == 16 }

    /// Those bytes; an address of IPv4 that is mapped into IPv6 becomes one of IPv4.
    init(bytes: [UInt8]) {
        let isMapped =
            bytes.count == 16 && bytes[10...11] == [0xff, 0xff]
            && bytes[..<10].allSatisfy { $0 == 0 }
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// Reads the usual text forms; nil for a name.
    init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            self.init(bytes: Array(buffer[..<4]))
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            self.init(bytes: buffer)
        } else {
            return nil
        }
    }

    var text: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &buffer, socklen_t(buffer.count))
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether it stands for all addresses of a machine.
    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether it is this machine.
    var isLoopback: Bool {
        isIPv6 ? bytes == [UInt8](repeating: 0, count: 15) + [1] : bytes[0] == 127
    }

    /// What one party usually has in full: an address of IPv4, a network of 64 bits of IPv6.
    var network: [UInt8] { isIPv6 ? Array(bytes[..<8]) : bytes }
}
