import APISchemas
import FoundationEssentials
import HTTP
import JSON
import NodeAPI
import NodeServer
import Testing

/// The description of the interface.
struct OpenAPITests {
    private static let file =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/openapi.json")

    @Test("docs/openapi.json is what the server serves; SALAMA_WRITE_OPENAPI=1 renews it")
    func committed() throws {
        if ProcessInfo.processInfo.environment["SALAMA_WRITE_OPENAPI"] != nil {
            try Data(OpenAPI.text.utf8).write(to: Self.file)
        }
        let committed = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
        #expect(committed == OpenAPI.text)
        let server = try TestServer()
        #expect(try server.client().call(.get, "/openapi.json") == "200 " + OpenAPI.text)
    }

    @Test("every call is there once, and every reference leads to a schema")
    func whole() throws {
        let paths = try #require(OpenAPI.document["paths"]?.object)
        for route in APIRoute.all {
            let operation = paths[route.path]?[route.method.rawValue.lowercased()]
            #expect(operation?["summary"]?.string == route.name, "\(route.path)")
        }
        #expect(
            paths.members.reduce(0) { $0 + ($1.value.object?.count ?? 0) } == APIRoute.all.count)
        let schemas = try #require(OpenAPI.document["components"]?["schemas"]?.object)
        for reference in Self.references(in: OpenAPI.document) {
            #expect(schemas[String(reference.dropFirst(21))] != nil, "\(reference)")
        }
    }

    @Test("the answers of every call are as described")
    func answers() throws {
        let server = try TestServer()
        let client = try server.client(server.macaroon())
        let schemas = Schemas(OpenAPI.document)
        var checked = 0
        for route in APIRoute.all where route.phase == .active && !route.isStream {
            let path = route.path.replacing(#/\{[^}]*\}/#, with: "9")
            let answer = try client.request(route.method, path)
            let json = try JSONValue(parsing: answer.body)
            let status = answer.status == .ok ? "200" : "default"
            let problems = schemas.problems(
                of: json, method: route.method.rawValue, path: route.path, status: status)
            #expect(problems.isEmpty, "\(route.path)")
            checked += 1
        }
        #expect(checked > 60)
    }

    @Test("figures are for whoever may ask what the node is")
    func metrics() throws {
        let server = try TestServer()
        #expect(
            try server.client(server.macaroon()).call(.get, "/metrics") == "200 salama_up 1\n")
        #expect(
            try server.client().call(.get, "/metrics")
                == #"401 {"code":16,"message":"expected 1 macaroon, got 0","details":[]}"#)
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            object.members.flatMap { member in
                member.name == "$ref"
                    ? [member.value.string ?? ""] : references(in: member.value)
            }
        case .null, .bool, .number, .string: []
        }
    }
}
