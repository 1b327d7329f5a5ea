import Glibc
import HTTP
import HTTPClient
import HTTPServer
import Synchronization
import Testing

struct WebSocketTests {
    private static func echoServer(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) throws -> HTTPServer {
        try ServerTests.server(
            change,
            routes: [
                HTTPRoute(.get, "/echo") { exchange in
                    let box = Box()
                    do {
                        let socket = try exchange.acceptWebSocket(
                            onMessage: { message in _ = box.holder.withLock { $0 }?.send(message) },
                            onEnd: { _ in box.holder.withLock { $0 = nil } })
                        box.holder.withLock { $0 = socket }
                    } catch {
                        exchange.respond(.text("\(error)", status: .badRequest))
                    }
                }
            ])
    }

    private final class Box: Sendable {
        let holder = Mutex<ServerWebSocket?>(nil)
    }

    @Test("RFC 6455's example of a handshake")
    func handshake() throws {
        let answer = try WebSocketHandshake.answer(to: [
            "Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ])
        #expect(answer["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test("RFC 6455's examples of frames")
    func frames() throws {
        var client = WebSocketDecoder(fromClient: true, limit: 1000)
        client.append([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        #expect(try client.next() == .text("Hello"))
        var server = WebSocketDecoder(fromClient: false, limit: 1000)
        server.append([0x01, 0x03, 0x48, 0x65, 0x6c, 0x89, 0x01, 0x21, 0x80, 0x02, 0x6c, 0x6f])
        // A control frame may stand between fragments.
        #expect(try server.next() == .ping([0x21]))
        #expect(try server.next() == .text("Hello"))
        #expect(try server.next() == nil)
        #expect(
            WebSocketMessage.text("Hello").frame(mask: nil) == [
                0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f,
            ])
    }

    @Test(
        "frames that break the rules are refused",
        arguments: [
            [0xc1, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [0x81, 0x00],
            [0x09, 0x80, 0, 0, 0, 0], [0x89, 0xfe, 0, 126, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0],
            [0x88, 0x81, 0, 0, 0, 0, 3], [0x88, 0x82, 0, 0, 0, 0, 3, 0xed],
            [0x81, 0x81, 0, 0, 0, 0, 0xff], [0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0],
            [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func refused(_ bytes: [UInt8]) {
        var decoder = WebSocketDecoder(fromClient: true, limit: 1000)
        decoder.append(bytes)
        #expect(throws: WebSocketError.self) { while try decoder.next() != nil {} }
    }

    @Test(
        "messages of every size go there and back",
        arguments: [0, 1, 125, 126, 65535, 65536, 300_000])
    func echo(_ size: Int) throws {
        let server = try Self.echoServer()
        let socket = try ServerTests.client(server).webSocket("/echo")
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        try socket.send(.binary(bytes))
        #expect(try socket.receive(timeout: 10) == .binary(bytes))
        try socket.send(.text("ä"))
        #expect(try socket.receive(timeout: 10) == .text("ä"))
        try socket.close()
        #expect(try socket.receive(timeout: 10) == nil)
    }

    @Test("a message larger than allowed ends the WebSocket")
    func largeMessage() throws {
        let server = try Self.echoServer { $0.messageLimit = 1000 }
        let socket = try ServerTests.client(server).webSocket("/echo")
        try socket.send(.binary([UInt8](repeating: 0, count: 1001)))
        #expect(try socket.receive(timeout: 10) == nil)
    }

    @Test("a handshake without a key is refused")
    func badHandshake() throws {
        let server = try Self.echoServer()
        let answer = try ServerTests.client(server).request(.get, "/echo")
        #expect(answer.status == .badRequest)
    }

    @Test("a silent client is pinged and at last given up")
    func silence() throws {
        let server = try Self.echoServer { $0.pingInterval = 0.2 }
        let connection = RawConnection(port: server.port)
        connection.send(
            "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        _ = connection.read(until: "\r\n\r\n")
        // Pings, each 89 00, until the server closes; the first byte is no UTF-8 and is read as one replacement.
        #expect(connection.read().unicodeScalars.filter { $0.value == 0xfffd }.count >= 2)
        #expect(server.connectionCount == 0)
    }
}
