import Dispatch
import Glibc
import JSON
import Synchronization

/// A server that behaves as told: it answers JSON-RPC as a bitcoind on regtest that a test describes, or does what no
/// bitcoind does.
final class FakeServer: Sendable {
    /// What it does with a request.
    enum Reaction: Sendable {
        /// Answers calls from ``answers``.
        case normal
        /// Never answers.
        case silence
        /// Closes the connection.
        case close
        /// Sends these bytes and closes.
        case raw(String)
        /// Answers with that status and body.
        case status(Int, String)
        /// Sends this over and over, until the client has had enough.
        case endless(head: String, piece: String)
    }

    /// What a call gives.
    enum Answer: Sendable {
        case result(JSONValue)
        case error(Int, String)
    }

    let port: UInt16
    private let listener: Int32
    private let reaction = Mutex(Reaction.normal)
    private let answers: Mutex<[String: Answer]>

    static let tip = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"

    init() throws {
        answers = Mutex([
            "getnetworkinfo": .result(["version": 290_000, "subversion": "/Satoshi:29.0.0/"]),
            "getblockchaininfo": .result([
                "chain": "regtest", "blocks": 0, "headers": 0, "bestblockhash": .string(Self.tip),
                "initialblockdownload": false, "pruned": false, "mediantime": 1_296_688_602,
            ]),
            "getbestblockhash": .result(.string(Self.tip)),
        ])
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, isBound) = (
            listener,
            withUnsafeMutablePointer(to: &address) { [listener] pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(listener, generic, length) == 0 && listen(listener, 64) == 0
                        && getsockname(listener, generic, &length) == 0
                }
            }
        )
        guard isBound else { throw FakeServerError.cannotListen }
        port = UInt16(bigEndian: address.sin_port)
        DispatchQueue(label: "fake").async { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Nobody else closes it: its number may be another test's socket from then on.
                    close(listener)
                    return
                }
                DispatchQueue(label: "fake.connection").async { [weak self] in
                    while let request = Self.read(connection), let self,
                        self.react(request, connection)
                    {}
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func react(_ reaction: Reaction) { self.reaction.withLock { $0 = reaction } }

    func answer(_ method: String, _ answer: Answer) { answers.withLock { $0[method] = answer } }

    /// Does what it is told with a request; whether the connection goes on.
    private func react(_ request: [UInt8], _ connection: Int32) -> Bool {
        switch reaction.withLock({ $0 }) {
        case .normal: return Self.send(Self.http(200, respond(to: request)), connection)
        case .silence:
            // Until the client closes.
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
            return false
        case .close: return false
        case .raw(let text):
            _ = Self.send(Array(text.utf8), connection)
            return false
        case .status(let status, let body):
            return Self.send(Self.http(status, Array(body.utf8)), connection)
        case .endless(let head, let piece):
            var goesOn = Self.send(Array(head.utf8), connection)
            while goesOn { goesOn = Self.send(Array(piece.utf8), connection) }
            return false
        }
    }

    private func respond(to request: [UInt8]) -> [UInt8] {
        guard let parsed = try? JSONValue(parsing: request) else { return [] }
        if let calls = parsed.array { return JSONValue.array(calls.map(respond)).serialized() }
        return respond(parsed).serialized()
    }

    private func respond(_ call: JSONValue) -> JSONValue {
        let method = call["method"]?.string ?? ""
        let id = call["id"] ?? .null
        switch answers.withLock({ $0[method] }) {
        case .result(let result): return ["result": result, "error": nil, "id": id]
        case .error(let code, let message):
            return [
                "result": nil,
                "error": ["code": .integer(code), "message": .string(message)], "id": id,
            ]
        case nil:
            return ["result": nil, "error": ["code": -32601, "message": "no such"], "id": id]
        }
    }

    private static func http(_ status: Int, _ body: [UInt8]) -> [UInt8] {
        Array("HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(
                    connection, $0.baseAddress, $0.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// The body of the next request; nil where the connection ends.
    private static func read(_ connection: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let head = String(decoding: bytes, as: UTF8.self).lowercased()
        let lines = head.split(separator: "\r\n")
        let field = lines.first { $0.hasPrefix("content-length: ") }
        var body: [UInt8] = []
        for _ in 0..<(field.flatMap { Int($0.dropFirst(16)) } ?? 0) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            body.append(byte)
        }
        return body
    }

    enum FakeServerError: Error { case cannotListen }
}
