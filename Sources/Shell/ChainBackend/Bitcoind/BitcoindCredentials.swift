import FoundationEssentials
import Glibc
import Synchronization

/// The value of the `Authorization` header, read from the cookie when needed and again when it is refused.
final class BitcoindCredentials: Sendable {
    private let authentication: BitcoindAuthentication
    private let header: Mutex<String?>

    init(_ authentication: BitcoindAuthentication) {
        self.authentication = authentication
        switch authentication {
        case .cookie: header = Mutex(nil)
        case .password(let user, let password):
            header = Mutex(Self.basic(Array("\(user):\(password)".utf8)))
        }
    }

    /// The header's value at present.
    func authorization() throws(ChainError) -> String {
        if let known = header.withLock({ $0 }) { return known }
        return try reread()
    }

    /// Another value than `refused`, if there may be one: bitcoind makes a new cookie at each start.
    func authorization(insteadOf refused: String) throws(ChainError) -> String? {
        if let known = header.withLock({ $0 }), known != refused { return known }
        guard case .cookie = authentication else { return nil }
        let fresh = try reread()
        return fresh == refused ? nil : fresh
    }

    private func reread() throws(ChainError) -> String {
        guard case .cookie(let path) = authentication else { throw .unauthorized }
        let value = Self.basic(try Self.readCookie(path))
        header.withLock { $0 = value }
        return value
    }

    private static func basic(_ secret: [UInt8]) -> String {
        "Basic " + Data(secret).base64EncodedString()
    }

    private static func readCookie(_ path: String) throws(ChainError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let hint = errno == ENOENT ? " (is bitcoind running?)" : ""
            throw .unavailable(
                reason: "cannot read the cookie \(path): \(String(cString: strerror(errno)))\(hint)"
            )
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, count < bytes.count else {
            // bitcoind renames the finished file into place, so an empty one is not its own.
            throw .unavailable(reason: "the cookie \(path) is not one that bitcoind wrote")
        }
        return Array(
            bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
    }
}
