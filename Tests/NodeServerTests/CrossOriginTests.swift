import HTTP
import HTTPClient
import NodeServer
import Testing

/// What browsers are told about pages of other origins.
struct CrossOriginTests {
    private func allowed(
        _ origins: [String], _ origin: String?, method: HTTPMethod = .get
    ) throws -> [String?] {
        let server = try TestServer(allowedOrigins: origins)
        var headers = HTTPHeaders()
        if let origin { headers.append("Origin", origin) }
        let answer = try server.client(server.macaroon()).request(
            method, "/v1/getinfo", headers: headers)
        #expect(answer.status.code == (method == .options ? 204 : 200))
        return ["Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Vary"].map {
            answer.headers[$0]
        }
    }

    private static let fields = "Content-Type, Accept, Grpc-Metadata-Macaroon"

    @Test("an origin that is allowed may send the macaroon's header", arguments: [true, false])
    func allowedOrigin(_ isPreflight: Bool) throws {
        let method: HTTPMethod = isPreflight ? .options : .get
        let wallet = "https://wallet.example"
        #expect(
            try allowed(["http://a", wallet], wallet, method: method)
                == [wallet, Self.fields, "Origin"])
        #expect(try allowed(["*"], wallet, method: method) == [wallet, Self.fields, "Origin"])
    }

    @Test("another origin, or any where none is configured, is told nothing")
    func otherOrigin() throws {
        #expect(try allowed(["https://a"], "https://b") == [nil, nil, "Origin"])
        #expect(try allowed([], "https://b") == [nil, nil, nil])
        #expect(try allowed(["*"], nil) == [nil, nil, nil])
    }
}
