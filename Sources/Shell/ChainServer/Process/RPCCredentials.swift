import Bitcoin
import Glibc
import HTTP
import JSON

/// Who may call: a user with a password, or whoever can read the cookie file.
public struct RPCCredentials: Sendable {
    private let accepted: [[UInt8]]

    /// Accepts each of these pairs of `user:password`.
    public init(_ pairs: [String]) { accepted = pairs.map { Array($0.utf8) } }

    /// Whether a request's headers hold one of the pairs (RFC 7617). Takes the same time for every wrong password of one
    /// length.
    public func accept(_ headers: HTTPHeaders) -> Bool {
        guard let header = headers["Authorization"], header.hasPrefix("Basic "),
            let given = Base64.decode(header.dropFirst(6))
        else { return false }
        var isAccepted = false
        for pair in accepted
        where constantTimeEqual(SHA256.hash(pair).bytes, SHA256.hash(given).bytes) {
            isAccepted = true
        }
        return isAccepted
    }
}

/// The file with a password for this run, which programs of the same user read.
struct CookieFile {
    static let user = "__cookie__"
    let path: String

    /// Writes a new cookie, for its owner alone, and gives it as `user:password`.
    func create() throws(ChainServerError) -> String {
        let cookie = "\(Self.user):\(Hex.encode(SystemRandom.bytes(32)))"
        try PrivateFile.replace(path, with: Array(cookie.utf8))
        return cookie
    }

    func remove() { unlink(path) }
}

/// Randomness of the machine.
enum SystemRandom {
    static func number() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
