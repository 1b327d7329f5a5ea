import HTTP
import JSON
import NodeAPI

/// The interface described for programs (OpenAPI 3.1), made of the table of calls and of the messages' own fields.
public enum OpenAPI {
    /// The description.
    public static let document: JSONValue = {
        var answers = SchemaReader(isInput: false)
        var inputs = SchemaReader(isInput: true)
        var paths: [(String, JSONObject)] = []
        for route in APIRoute.all {
            let operation = operation(route, &answers, &inputs)
            let method = route.method.rawValue.lowercased()
            if let index = paths.firstIndex(where: { $0.0 == route.path }) {
                paths[index].1.append(method, operation)
            } else {
                paths.append((route.path, [method: operation]))
            }
        }
        let schemas = (answers.schemas.merging(inputs.schemas) { first, _ in first })
            .merging(failures) { first, _ in first }.sorted { $0.key < $1.key }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Salama", "version": "1",
                "description":
                    "The node's interface in lnd's REST form. Numbers of 64 bits are strings, bytes are base 64, and every field of an answer is there.",
            ],
            "security": [["macaroon": []]],
            "paths": .object(JSONObject(paths.map { ($0.0, .object($0.1)) })),
            "components": [
                "securitySchemes": [
                    "macaroon": [
                        "type": "apiKey", "in": "header", "name": "Grpc-Metadata-macaroon",
                        "description": "A macaroon in hexadecimal.",
                    ]
                ],
                "schemas": .object(JSONObject(schemas.map { ($0.key, $0.value) })),
            ],
        ]
    }()

    /// The description as it is served and kept in the documentation.
    public static let text = document.prettyPrinted() + "\n"

    private static let failures: [String: JSONValue] = [
        "Error": [
            "type": "object",
            "properties": [
                "code": ["type": "integer", "description": "The code of a gRPC status."],
                "message": ["type": "string"],
                "details": ["type": "array", "items": [:]],
            ],
            "required": ["code", "message", "details"],
        ],
        "StreamError": [
            "type": "object",
            "properties": ["error": ["$ref": "#/components/schemas/Error"]],
            "required": ["error"],
        ],
    ]

    private static func operation(
        _ route: APIRoute, _ answers: inout SchemaReader, _ inputs: inout SchemaReader
    ) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(operationID(route)), "summary": .string(route.name),
        ]
        let inPath = pathParameters(route.path)
        var parameters = inPath.map { parameter($0, "path", ["type": "string"]) }
        if route.method == .post {
            let schema = inputs.reference(route.request)
            operation.append(
                "requestBody", ["content": ["application/json": ["schema": schema]]])
        } else {
            parameters += ParameterReader(route.request).parameters
                .filter { !inPath.contains($0.name) }
                .map { parameter($0.name, "query", $0.schema) }
        }
        if !parameters.isEmpty { operation.append("parameters", .array(parameters)) }
        operation.append("responses", responses(route, &answers))
        if route.isStream { operation.append("x-stream", true) }
        if route.phase != .active {
            operation.append("security", [])
        } else {
            let permissions = route.permissions.map { JSONValue.string($0.description) }
            operation.append("x-permissions", .array(permissions))
        }
        return .object(operation)
    }

    /// An answer, or for a stream one of its lines.
    private static func responses(
        _ route: APIRoute, _ answers: inout SchemaReader
    ) -> JSONValue {
        let answer = answers.reference(route.response)
        let failure: JSONValue = ["$ref": .string("#/components/schemas/Error")]
        let nested: JSONValue = ["$ref": .string("#/components/schemas/StreamError")]
        let result: JSONValue = [
            "type": "object", "properties": ["result": answer], "required": ["result"],
        ]
        let schema = route.isStream ? JSONValue.object(["oneOf": [result, nested]]) : answer
        return [
            "200": [
                "description": route.isStream ? "One event on each line" : "The answer",
                "content": ["application/json": ["schema": schema]],
            ],
            "default": [
                "description": "The call failed",
                "content": ["application/json": ["schema": route.isStream ? nested : failure]],
            ],
        ]
    }

    private static func parameter(
        _ name: String, _ place: String, _ schema: JSONValue
    ) -> JSONValue {
        var parameter: JSONObject = ["name": .string(name), "in": .string(place)]
        if place == "path" { parameter.append("required", true) }
        parameter.append("schema", schema)
        return .object(parameter)
    }

    /// The parts of a path that stand in braces.
    private static func pathParameters(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
    }

    /// Names of calls come again where a call has several paths.
    private static func operationID(_ route: APIRoute) -> String {
        let words = route.path.split { !$0.isLetter && !$0.isNumber }
        return ([route.method.rawValue.lowercased()] + words.map(String.init)).joined(
            separator: "_")
    }
}
