import HTTP
import HTTPClient
import HTTPServer
import JSON
import Testing

/// The server and the client against each other, over plain HTTP.
struct ServerTests {
    static let routes: [HTTPRoute] = [
        HTTPRoute(.get, "/hello") { $0.respond(.text("hello")) },
        HTTPRoute(.get, "/items/{name}") {
            $0.respond(.text("item " + ($0.request.parameters["name"] ?? "")))
        },
        HTTPRoute(.get, "/items/all") { $0.respond(.text("all items")) },
        .blocking(.post, "/echo") { HTTPResponse(body: $0.body) },
        HTTPRoute(.get, "/query") {
            $0.respond(
                .text(
                    $0.request.target.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";"))
            )
        },
        HTTPRoute(.get, "/forgotten") { _ in },
        HTTPRoute(.get, "/stream") { exchange in
            let stream = exchange.stream()
            for number in 0..<3 { stream?.send(Array("{\"result\":\(number)}\n".utf8)) }
            stream?.finish()
        },
    ]

    static func server(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }, routes: [HTTPRoute] = routes
    ) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration(
            listen: [ListenAddress(host: "127.0.0.1", port: 0)])
        change(&configuration)
        return try HTTPServer(configuration, routes: routes)
    }

    static func client(_ server: HTTPServer) throws -> HTTPClient {
        try HTTPClient(HTTPURL(isSecure: false, host: "127.0.0.1", port: server.port))
    }

    @Test("routes answer, with parameters, queries and bodies")
    func routes() throws {
        let server = try Self.server()
        let client = try Self.client(server)
        func text(_ method: HTTPMethod, _ target: String, _ body: String = "") throws -> String {
            let answer = try client.request(method, target, body: Array(body.utf8))
            return "\(answer.status.code) " + String(decoding: answer.body, as: UTF8.self)
        }
        #expect(try text(.get, "/hello") == "200 hello")
        #expect(try text(.get, "/items/a%20b") == "200 item a b")
        #expect(try text(.get, "/items/all") == "200 all items")
        #expect(try text(.get, "/query?a=1&b=x%2By+z&c") == "200 a=1;b=x+y z;c=")
        #expect(try text(.post, "/echo", "body") == "200 body")
        #expect(try text(.get, "/no") == #"404 {"error":"no such path: /no"}"#)
        #expect(try text(.get, "/forgotten").hasPrefix("500 "))
        #expect(try text(.head, "/hello") == "200 ")
        let wrong = try client.request(.put, "/hello")
        #expect(wrong.status == .methodNotAllowed)
        #expect(wrong.headers["Allow"] == "GET, OPTIONS")
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("a stream comes line by line")
    func stream() throws {
        let server = try Self.server()
        let stream = try Self.client(server).stream(.get, "/stream")
        var lines: [String] = []
        while let line = try stream.readLine(timeout: 5) {
            lines.append(String(decoding: line, as: UTF8.self))
        }
        #expect(lines == ["{\"result\":0}", "{\"result\":1}", "{\"result\":2}"])
        server.stop()
    }

    @Test("a body larger than allowed is refused, one as large as allowed is not")
    func bodyLimit() throws {
        let server = try Self.server { $0.bodyLimit = 100_000 }
        let client = try Self.client(server)
        let largest = [UInt8](repeating: 7, count: 100_000)
        #expect(try client.request(.post, "/echo", body: largest).body == largest)
        #expect(try client.request(.post, "/echo", body: largest + [7]).status == .contentTooLarge)
        server.stop()
    }
}
