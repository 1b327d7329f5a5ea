import Bitcoin
import Glibc
import HTTP
import HTTPClient
import JSON
import NodeAPI
import NodeServer
import Testing

/// Subscriptions, as lines and as WebSocket messages.
struct StreamTests {
    private static func line(_ number: Int) -> String {
        "{\"result\":"
            + String(decoding: TestNode.transaction(number).json.serialized(), as: UTF8.self) + "}"
    }

    @Test("each event is a line that begins as BTCPay wants it")
    func lines() throws {
        let server = try TestServer()
        let stream = try server.client(server.macaroon()).stream(.get, "/v1/transactions/subscribe")
        #expect(stream.status == .ok)
        #expect(stream.headers["Transfer-Encoding"] == "chunked")
        for number in 0..<2 {
            let line = String(
                decoding: try #require(try stream.readLine(timeout: 10)), as: UTF8.self)
            #expect(line.hasPrefix("{\"result\":{\"tx_hash\":"))
            #expect(line == Self.line(number))
        }
        let subscriber = try #require(server.node.subscribers.withLock { $0.first })
        subscriber.send(TestNode.transaction(2))
        #expect(try stream.readLine(timeout: 10) == Array(Self.line(2).utf8))
        subscriber.finish(APIError(.unavailable, "gone"))
        #expect(
            try stream.readLine(timeout: 10)
                == Array(#"{"error":{"code":14,"message":"gone","details":[]}}"#.utf8))
        #expect(try stream.readLine(timeout: 10) == nil)
    }

    @Test("a subscriber that goes away is forgotten")
    func gone() throws {
        let server = try TestServer()
        let stream = try server.client(server.macaroon()).stream(.get, "/v1/transactions/subscribe")
        _ = try stream.readLine(timeout: 10)
        stream.cancel()
        for _ in 0..<200 where server.node.endedSubscriptions.load(ordering: .relaxed) == 0 {
            usleep(10_000)
        }
        #expect(server.node.endedSubscriptions.load(ordering: .relaxed) == 1)
        let subscriber = try #require(server.node.subscribers.withLock { $0.first })
        #expect(!subscriber.send(TestNode.transaction(3)))
    }

    @Test("what fails before the first event fails with its status, in the nested form")
    func failure() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        #expect(
            try client.call(.get, "/v1/transactions/subscribe?account=none")
                == #"404 {"error":{"code":5,"message":"no account","details":[]}}"#)
        #expect(
            try server.client().call(.get, "/v1/transactions/subscribe")
                == #"401 {"error":{"code":16,"message":"expected 1 macaroon, got 0","details":[]}}"#
        )
        #expect(
            try server.client().call(.get, "/v1/state/subscribe")
                == "200 {\"result\":{\"state\":\"SERVER_ACTIVE\"}}\n")
    }

    @Test(
        "a WebSocket takes the macaroon from its header or from a subprotocol",
        arguments: [true, false])
    func webSocket(_ inHeader: Bool) throws {
        let server = try TestServer()
        let macaroon = try server.macaroon()
        let subprotocol = "Grpc-Metadata-Macaroon+" + macaroon.hex
        let socket = try server.client(inHeader ? macaroon : nil).webSocket(
            "/v1/transactions/subscribe?method=GET", subprotocols: inHeader ? [] : [subprotocol])
        #expect(socket.headers["Sec-WebSocket-Protocol"] == (inHeader ? nil : subprotocol))
        for number in 0..<2 {
            #expect(try socket.receive(timeout: 10) == .text(Self.line(number)))
        }
        try socket.close()
        #expect(try socket.receive(timeout: 10) == nil)
        for _ in 0..<200 where server.node.endedSubscriptions.load(ordering: .relaxed) == 0 {
            usleep(10_000)
        }
        #expect(server.node.endedSubscriptions.load(ordering: .relaxed) == 1)
    }

    @Test("a call with a body takes it from the first message")
    func unary() throws {
        let server = try TestServer()
        let socket = try server.client(server.macaroon()).webSocket("/v1/transactions?method=POST")
        try socket.send(.text(#"{"addr":"a","amount":"1"}"#))
        #expect(try socket.receive(timeout: 10) == .text(#"{"txid":"id"}"#))
        #expect(try socket.receive(timeout: 10) == nil)
    }

    @Test("a WebSocket without a macaroon is told so and closed")
    func refused() throws {
        let server = try TestServer()
        let socket = try server.client().webSocket("/v1/transactions/subscribe?method=GET")
        #expect(
            try socket.receive(timeout: 10)
                == .text(
                    #"{"error":{"code":16,"message":"expected 1 macaroon, got 0","details":[]}}"#))
        #expect(try socket.receive(timeout: 10) == nil)
        #expect(server.node.subscribers.withLock { $0.isEmpty })
    }
}
