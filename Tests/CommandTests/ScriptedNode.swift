import FoundationEssentials
import HTTP
import HTTPServer
import JSON
import NodeServer
import Synchronization
import TestSupport

/// The project's own JSON, not the tests' reader of vectors.
typealias NodeJSON = JSON.JSONValue

/// A node's interface that answers what it is told to, and remembers what it was asked.
final class ScriptedNode {
    /// One request that came.
    struct Request: Equatable, CustomStringConvertible {
        /// The method, a blank, and the path with its query.
        let line: String
        let body: NodeJSON?

        var description: String {
            line + (body.map { " " + String(decoding: $0.serialized(), as: UTF8.self) } ?? "")
        }
    }

    private struct State {
        var answers: [String: String] = [:]
        var requests: [Request] = []
    }

    private final class Script: Sendable {
        let state = Mutex(State())
    }

    private let folder: URL
    private let server: HTTPServer
    private let script = Script()

    /// A node that answers with these texts, by method and path: `"GET /v1/peers"`. Several lines are a stream's events.
    init(_ answers: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data([1, 2, 3]).write(to: folder.appending(path: "admin.macaroon"))
        let identity = try NodeCertificate.identity(in: folder.path)
        let script = script
        script.state.withLock { $0.answers = answers }
        let routes = [HTTPMethod.get, .post, .delete].map { method in
            HTTPRoute.blocking(method, "/{path...}") { Self.answer($0, script) }
        }
        server = try HTTPServer(
            HTTPServerConfiguration(
                listen: [ListenAddress(host: "127.0.0.1", port: 0)], tls: identity),
            routes: routes)
    }

    deinit {
        server.stop(grace: 0)
        try? FileManager.default.removeItem(at: folder)
    }

    private static func answer(_ request: HTTPRequest, _ script: Script) -> HTTPResponse {
        let body = request.body.isEmpty ? nil : try? NodeJSON(parsing: request.body)
        let path = "/" + (request.parameters["path"] ?? "")
        let query = request.target.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let line = "\(request.method.rawValue) \(path)"
        return script.state.withLock { state in
            state.requests.append(
                Request(line: line + (query.isEmpty ? "" : "?" + query), body: body))
            guard let text = state.answers[line] else {
                return .json(
                    ["code": 5, "message": .string("no answer to \(line)"), "details": []],
                    status: .notFound)
            }
            // What tells of a failure and of no event has a status that says so, too.
            let isFailure = text.hasPrefix("{\"code\"")
            return HTTPResponse(
                status: isFailure ? .badRequest : .ok,
                headers: ["Content-Type": "application/json"],
                body: Array(text.utf8))
        }
    }

    /// What it was asked so far.
    var requests: [Request] { script.state.withLock { $0.requests } }

    /// Runs a command against it.
    func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
        guard let salama = PackageFiles.salama else { throw ScriptedNodeError.noProgram }
        return try ChildProcess.run(
            salama,
            words + [
                "--datadir", folder.path, "--rpcserver", "127.0.0.1:\(server.port)",
                "--macaroonpath", folder.appending(path: "admin.macaroon").path,
            ])
    }

    /// Runs the command of a line without quotes in it.
    func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
        try run(line.split(separator: " ").map(String.init))
    }
}

enum ScriptedNodeError: Error { case noProgram }
