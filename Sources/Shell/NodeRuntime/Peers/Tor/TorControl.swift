import Bitcoin
import Glibc

/// Why Tor does not make a service.
public enum TorError: Error, Hashable, Sendable {
    /// Nothing answers at the control port.
    case unreachable(PeerEndpoint, reason: String)
    /// Tor wants a password, or the one given is wrong.
    case wrongPassword
    /// None of Tor's ways of authentication can be used: what it offers.
    case noAuthentication([String])
    /// Tor's cookie cannot be read.
    case cookie(path: String, reason: String)
    /// Whoever listens at the control port does not know Tor's cookie.
    case impostor
    /// Tor refuses; its answer.
    case refused(String)
    /// The key of the service cannot be kept or read.
    case key(path: String, reason: String)
}

extension TorError {
    /// Whether Tor may do later what it did not now, with nothing changed here: it may not have started yet.
    var mayPass: Bool {
        switch self {
        case .unreachable, .cookie, .refused: true
        case .wrongPassword, .noAuthentication, .impostor, .key: false
        }
    }
}

extension TorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let endpoint, let reason):
            "Tor's control port \(endpoint) does not answer: \(reason)"
        case .wrongPassword: "Tor's control port wants its password: set tor.password"
        case .noAuthentication(let methods):
            "Tor's control port offers no authentication that can be used here, but "
                + methods.joined(separator: ", ")
        case .cookie(let path, let reason): "Tor's cookie \(path) cannot be read: \(reason)"
        case .impostor: "what listens at Tor's control port does not know Tor's cookie"
        case .refused(let answer): "Tor refuses: \(answer)"
        case .key(let path, let reason): "the key of the Tor service, \(path): \(reason)"
        }
    }
}

/// A conversation with Tor's control port (control-spec.txt), over a blocking socket.
final class TorControl {
    private let descriptor: Int32
    private let endpoint: PeerEndpoint
    private var buffer: [UInt8] = []

    private static let lineLimit = 8_192
    private static let lineCountLimit = 64
    private static let answerTime = 30

    /// Connects; blocks.
    init(_ endpoint: PeerEndpoint) throws(TorError) {
        self.endpoint = endpoint
        let addresses: [SocketAddress]
        do throws(NameFailure) {
            addresses = try SocketAddress.resolve(endpoint)
        } catch {
            throw .unreachable(endpoint, reason: error.reason)
        }
        var failure = SystemFailure(code: EADDRNOTAVAIL)
        for address in addresses {
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.family, type, 0)
            var time = timeval(tv_sec: Self.answerTime, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                let size = socklen_t(MemoryLayout<timeval>.size)
                setsockopt(descriptor, SOL_SOCKET, option, &time, size)
            }
            if address.withPointer({ connect(descriptor, $0, $1) }) == 0 {
                self.descriptor = descriptor
                return
            }
            failure = .last
            close(descriptor)
        }
        throw .unreachable(endpoint, reason: failure.reason)
    }

    deinit { close(descriptor) }

    /// Proves that this node may use the port: with nothing, with Tor's cookie or with the password, as Tor wants it.
    func authenticate(password: String?) throws(TorError) {
        let offer = try ask("PROTOCOLINFO 1").first { $0.hasPrefix("AUTH ") } ?? ""
        let methods = (Self.field("METHODS", of: offer) ?? "").split(separator: ",").map {
            String($0)
        }
        if let password, methods.contains("HASHEDPASSWORD") {
            do throws(TorError) {
                _ = try ask("AUTHENTICATE \(Self.quoted(password))")
            } catch .refused {
                throw .wrongPassword
            }
        } else if methods.contains("NULL") {
            _ = try ask("AUTHENTICATE")
        } else if methods.contains("SAFECOOKIE"), let path = Self.field("COOKIEFILE", of: offer) {
            try authenticate(withCookieAt: path)
        } else if methods.contains("HASHEDPASSWORD") {
            throw .wrongPassword
        } else {
            throw .noAuthentication(methods)
        }
    }

    /// Both sides prove that they know the cookie, without telling it.
    private func authenticate(withCookieAt path: String) throws(TorError) {
        guard let cookie = Self.cookie(path), cookie.count == 32 else {
            throw .cookie(path: path, reason: SystemFailure.last.reason)
        }
        let nonce = SystemEntropy.bytes(32)
        let answer = try ask("AUTHCHALLENGE SAFECOOKIE \(Hex.encode(nonce))").first ?? ""
        guard let hash = Self.field("SERVERHASH", of: answer).flatMap({ try? Hex.decode($0) }),
            let other = Self.field("SERVERNONCE", of: answer).flatMap({ try? Hex.decode($0) }),
            other.count == 32
        else { throw .refused(answer) }
        func proof(_ direction: String) -> [UInt8] {
            let key = Array("Tor safe cookie authentication \(direction)".utf8)
            return HMAC.sha256(key: key, cookie + nonce + other).bytes
        }
        guard constantTimeEqual(hash, proof("server-to-controller hash")) else { throw .impostor }
        _ = try ask("AUTHENTICATE \(Hex.encode(proof("controller-to-server hash")))")
    }

    /// Sends a command and answers the lines of the reply without their codes.
    func ask(_ command: String) throws(TorError) -> [String] {
        let bytes = Array((command + "\r\n").utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw .unreachable(endpoint, reason: SystemFailure.last.reason)
        }
        var lines: [String] = []
        while lines.count < Self.lineCountLimit {
            let line = try readLine()
            guard line.count >= 4 else { throw .refused(line) }
            let text = String(line.dropFirst(4))
            guard line.hasPrefix("250") else { throw .refused(text) }
            lines.append(text)
            if line.dropFirst(3).first == " " { return lines }
        }
        throw .refused("an answer without end")
    }

    private func readLine() throws(TorError) -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let line = buffer[..<end].filter { $0 != 0x0d }
                buffer.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            guard buffer.count < Self.lineLimit else { throw .refused("a line without end") }
            guard try read() else { throw .unreachable(endpoint, reason: "it has closed") }
        }
    }

    /// Reads some bytes; false at the end.
    private func read() throws(TorError) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .unreachable(endpoint, reason: SystemFailure.last.reason) }
        buffer += bytes[..<count]
        return count > 0
    }

    /// Blocks until Tor closes the connection or ``end()`` is called: the services made over it last so long.
    func waitForEnd() {
        var time = timeval(tv_sec: 0, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        while (try? read()) == true { buffer = [] }
    }

    /// Ends the connection, from any thread.
    var ending: @Sendable () -> Void {
        let descriptor = descriptor
        return { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Text

    /// The value behind `name=`, which may be quoted.
    static func field(_ name: String, of line: String) -> String? {
        guard let start = line.range(of: name + "=") else { return nil }
        var rest = line[start.upperBound...]
        guard rest.first == "\"" else { return String(rest.prefix { $0 != " " }) }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            value.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return value
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text where character != "\r" && character != "\n" {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }

    private static func cookie(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes[..<count])
    }
}

extension String {
    /// Where `other` first occurs.
    fileprivate func range(of other: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) {
                return start..<index(start, offsetBy: other.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
