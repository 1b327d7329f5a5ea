import HTTP

/// The parts of an `http` or `https` address (also `ws` and `wss`).
public struct HTTPURL: Sendable, Equatable, CustomStringConvertible {
    /// Whether the connection is encrypted.
    public let isSecure: Bool
    /// The host: a name or an address, an IPv6 one without brackets.
    public let host: String
    /// The port.
    public let port: UInt16
    /// The user and the password before an `@`, as they were written.
    public let userInfo: String?
    /// The path and the query, at least `/`.
    public let target: String

    /// An address of these parts.
    public init(isSecure: Bool, host: String, port: UInt16, target: String = "/") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.target = target
        userInfo = nil
    }

    /// Parses an address; nil where it is none, or of another scheme.
    public init?(_ text: String) {
        let schemes = [
            ("http://", false), ("https://", true), ("ws://", false), ("wss://", true),
        ]
        guard let (scheme, isSecure) = schemes.first(where: { text.hasPrefix($0.0) }) else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        userInfo = authority.lastIndex(of: "@").map { String(authority[..<$0]) }
        if let at = authority.lastIndex(of: "@") {
            authority = authority[authority.index(after: at)...]
        }
        let afterHost = authority.lastIndex(of: "]").map { authority.index(after: $0) }
        let hostEnd =
            authority[(afterHost ?? authority.startIndex)...].firstIndex(of: ":")
            ?? authority.endIndex
        var host = authority[..<hostEnd]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let portText = authority[hostEnd...].dropFirst()
        guard !host.isEmpty, let port = portText.isEmpty ? (isSecure ? 443 : 80) : UInt16(portText)
        else { return nil }
        self.isSecure = isSecure
        self.host = String(host)
        self.port = port
        let target = rest[end...].prefix { $0 != "#" }
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
        guard !self.target.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { return nil }
    }

    /// The value of a `Host` field.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)\(target)" }
}
