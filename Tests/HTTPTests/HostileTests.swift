import Glibc
import HTTP
import HTTPClient
import HTTPServer
import Synchronization
import Testing

/// Clients that err, dawdle or attack.
struct HostileTests {
    private func answer(_ request: String, _ server: HTTPServer) -> String {
        let connection = RawConnection(port: server.port)
        connection.send(request)
        connection.finish()
        return connection.read()
    }

    @Test(
        "what is no request is refused with its reason, and the connection closed",
        arguments: [
            ("GARBAGE\r\n\r\n", 400), ("GET /hello\r\n\r\n", 400),
            ("GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            ("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            ("GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /hello HTTP/1.1\r\n\r\n", 400),
            ("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            ("GET /hello HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", 400),
            ("GET /hello HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", 400),
            (
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                400
            ),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
            (
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400
            ),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
            (
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
                413
            ),
            (
                "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\n",
                417
            ),
        ])
    func refused(_ request: String, _ status: Int) throws {
        let server = try ServerTests.server()
        let text = answer(request, server)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
        #expect(text.contains("Connection: close\r\n") && text.contains("{\"error\":"))
    }

    @Test("a header that is too large, or too many, is refused")
    func largeHeaders() throws {
        let server = try ServerTests.server()
        let large = "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 40000)
        #expect(answer(large, server).hasPrefix("HTTP/1.1 431 "))
        let many = String(repeating: "A: b\r\n", count: 101)
        #expect(
            answer("GET /hello HTTP/1.1\r\nHost: a\r\n\(many)\r\n", server).hasPrefix(
                "HTTP/1.1 431 "))
    }

    @Test("requests that come in one piece are answered in their order")
    func pipelining() throws {
        let server = try ServerTests.server()
        var requests = ""
        for number in 0..<500 { requests += "GET /items/\(number) HTTP/1.1\r\nHost: a\r\n\r\n" }
        requests += "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
        requests += "GET /items/last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let text = answer(requests, server)
        let items = text.split(separator: "item ").dropFirst().map { $0.prefix { $0 != "H" } }
        #expect(items.map(String.init) == (0..<500).map(String.init) + ["last"])
        #expect(text.contains("HTTP/1.1 404 "))
    }

    @Test("a request that trickles in byte by byte is still a request")
    func trickle() throws {
        let server = try ServerTests.server()
        let connection = RawConnection(port: server.port)
        for byte
            in "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
            .utf8
        {
            connection.send([byte])
        }
        #expect(connection.read().hasSuffix("\r\n\r\nabcde"))
    }

    @Test("a slow header, a slow body and an idle connection are given up")
    func slow() throws {
        let server = try ServerTests.server {
            $0.headTimeout = 0.3
            $0.bodyTimeout = 0.3
            $0.idleTimeout = 0.3
        }
        let head = RawConnection(port: server.port)
        head.send("GET /hello HTTP/1.1\r\n")
        let body = RawConnection(port: server.port)
        body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        let idle = RawConnection(port: server.port)
        idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        let silent = RawConnection(port: server.port)
        #expect(head.read().hasPrefix("HTTP/1.1 408 "))
        #expect(body.read().hasPrefix("HTTP/1.1 408 "))
        #expect(idle.read().hasSuffix("hello"))
        #expect(silent.read().isEmpty)
    }

    @Test("a client that asks whether to continue is told so")
    func expectation() throws {
        let server = try ServerTests.server()
        let connection = RawConnection(port: server.port)
        connection.send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(connection.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        connection.send("ab")
        connection.finish()
        #expect(connection.read().hasSuffix("\r\n\r\nab"))
    }

    @Test("HTTP/1.0 gets an answer without chunks, and the end of the connection")
    func legacy() throws {
        let server = try ServerTests.server()
        let text = answer("GET /stream HTTP/1.0\r\n\r\n", server)
        #expect(text.hasSuffix("\r\n\r\n{\"result\":0}\n{\"result\":1}\n{\"result\":2}\n"))
        #expect(!text.contains("chunked"))
    }

    @Test("hundreds of connections at once are served, and more make the idle ones go")
    func crowd() throws {
        let server = try ServerTests.server { $0.connections = 300 }
        var crowd: [RawConnection] = []
        for _ in 0..<400 {
            let connection = RawConnection(port: server.port)
            connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(connection.read(until: "hello").hasSuffix("hello"))
            crowd.append(connection)
        }
        #expect(server.connectionCount <= 300)
        crowd = []
        server.stop(grace: 1)
    }

    @Test("a reader that does not read is dropped, and its sender told")
    func slowReader() throws {
        let ends = Mutex<[HTTPStreamEnd]>([])
        let counted = Mutex(0)
        let server = try ServerTests.server(
            { $0.streamLimit = 1 << 20 },
            routes: [
                HTTPRoute(.get, "/flood") { exchange in
                    let stream = exchange.stream { end in ends.withLock { $0.append(end) } }
                    let chunk = [UInt8](repeating: 65, count: 64 << 10)
                    while stream?.send(chunk) == true { counted.withLock { $0 += 1 } }
                }
            ])
        let connection = RawConnection(port: server.port)
        connection.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<200 where ends.withLock({ $0.isEmpty }) { usleep(20_000) }
        #expect(ends.withLock { $0 } == [.slowReader(limit: 1 << 20)])
        #expect(counted.withLock { $0 } == 16)
    }

    @Test("a stop ends streams and idle connections, and waits for answers")
    func stop() throws {
        let ends = Mutex<[HTTPStreamEnd]>([])
        let held = Mutex<[HTTPStream]>([])
        let server = try ServerTests.server(routes: [
            .blocking(.get, "/slow") { _ in
                usleep(300_000)
                return .text("done")
            },
            HTTPRoute(.get, "/stream") { exchange in
                let stream = exchange.stream { end in ends.withLock { $0.append(end) } }
                stream?.send([65])
                if let stream { held.withLock { $0.append(stream) } }
            },
        ])
        let stream = RawConnection(port: server.port)
        stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = stream.read(until: "A\r\n")
        let slow = RawConnection(port: server.port)
        slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        usleep(100_000)
        server.stop(grace: 5)
        #expect(stream.read() == "0\r\n\r\n")
        #expect(slow.read().hasSuffix("done"))
        #expect(ends.withLock { $0 } == [.stopping])
        #expect(held.withLock { $0[0].send([66]) } == false)
    }

    @Test("an address that is taken or not ours is named")
    func addressInUse() throws {
        let server = try ServerTests.server()
        #expect(throws: HTTPServerError.self) {
            try ServerTests.server { $0.listen = server.addresses }
        }
        #expect(throws: HTTPServerError.self) {
            try ServerTests.server { $0.listen = [ListenAddress(host: "192.0.2.1", port: 0)] }
        }
    }
}
