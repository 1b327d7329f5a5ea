import JSON
import NodeAPI

/// Reads the form of messages from the messages themselves, which name each of their fields.
struct SchemaReader {
    /// The schemas by their names, each once.
    private(set) var schemas: [String: JSONValue] = [:]
    /// Whether what is read is what clients send, where every field may be left out.
    private let isInput: Bool

    init(isInput: Bool) { self.isInput = isInput }

    /// Where the schema of a message stands.
    mutating func reference<Message: APIMessage>(_ type: Message.Type) -> JSONValue {
        let name = name(of: type)
        if schemas[name] == nil {
            // A message may hold others of its own type.
            schemas[name] = [:]
            schemas[name] = schema(of: type)
        }
        return ["$ref": .string("#/components/schemas/\(name)")]
    }

    /// The names of the types without what tells them from others in the code, and with what tells requests from answers.
    private func name<Message: APIMessage>(of type: Message.Type) -> String {
        String(describing: type) + (isInput ? ".Input" : "")
    }

    private mutating func schema<Message: APIMessage>(of type: Message.Type) -> JSONValue {
        var fields = FieldSchemas(reader: self)
        var message = Message()
        // Nothing of a message that is not read from anywhere can be wrong.
        try? message.visit(&fields)
        self = fields.reader
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(fields.properties)),
        ]
        if !isInput, !fields.required.isEmpty {
            schema.append("required", .array(fields.required.map { .string($0) }))
        }
        return .object(schema)
    }
}

/// The query's parameters for a message: its fields, and those of the messages in it after a dot.
struct ParameterReader {
    private(set) var parameters: [(name: String, schema: JSONValue)] = []

    init<Message: APIMessage>(_ type: Message.Type) { read(type, prefix: "", depth: 0) }

    private mutating func read<Message: APIMessage>(
        _ type: Message.Type, prefix: String, depth: Int
    ) {
        var fields = FieldSchemas(reader: SchemaReader(isInput: true))
        var message = Message()
        try? message.visit(&fields)
        for (name, schema) in fields.properties where fields.messages[name] == nil {
            parameters.append((prefix + name, schema))
        }
        guard depth < 2 else { return }
        for (name, _) in fields.properties {
            guard let inner = fields.messages[name] else { continue }
            read(inner, prefix: prefix + name + ".", depth: depth + 1)
        }
    }
}

/// Notes the form of each field.
private struct FieldSchemas: FieldVisitor {
    var reader: SchemaReader
    var properties: [(String, JSONValue)] = []
    var required: [String] = []
    /// The types of the fields that are messages.
    var messages: [String: any APIMessage.Type] = [:]

    init(reader: SchemaReader) { self.reader = reader }

    private mutating func always(_ name: String, _ schema: JSONValue) {
        properties.append((name, schema))
        required.append(name)
    }

    private mutating func maybe(_ name: String, _ schema: JSONValue) {
        properties.append((name, schema))
    }

    private static func scalar(_ type: JSONValue, _ format: JSONValue) -> JSONValue {
        ["type": type, "format": format]
    }

    private static let bytes = scalar("string", "byte")

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func table(_ values: JSONValue) -> JSONValue {
        ["type": "object", "additionalProperties": values]
    }

    private static func names<Value: APIEnum>(_ type: Value.Type) -> JSONValue {
        ["type": "string", "enum": .array(type.allCases.map { .string($0.rawValue) })]
    }

    mutating func field(_ name: String, _ value: inout Bool) {
        always(name, ["type": "boolean"])
    }

    mutating func field(_ name: String, _ value: inout Int32) {
        always(name, Self.scalar("integer", "int32"))
    }

    mutating func field(_ name: String, _ value: inout UInt32) {
        always(name, Self.scalar("integer", "uint32"))
    }

    mutating func field(_ name: String, _ value: inout Int64) {
        always(name, Self.scalar("string", "int64"))
    }

    mutating func field(_ name: String, _ value: inout UInt64) {
        always(name, Self.scalar("string", "uint64"))
    }

    mutating func field(_ name: String, _ value: inout Double) {
        always(name, Self.scalar("number", "double"))
    }

    mutating func field(_ name: String, _ value: inout String) {
        always(name, ["type": "string"])
    }

    mutating func field(_ name: String, _ value: inout [UInt8]) { always(name, Self.bytes) }

    mutating func field<Value: APIEnum>(_ name: String, _ value: inout Value) {
        always(name, Self.names(Value.self))
    }

    mutating func choice(_ name: String, _ value: inout UInt32?) {
        maybe(name, Self.scalar("integer", "uint32"))
    }

    mutating func choice(_ name: String, _ value: inout UInt64?) {
        maybe(name, Self.scalar("string", "uint64"))
    }

    mutating func choice(_ name: String, _ value: inout Bool?) {
        maybe(name, ["type": "boolean"])
    }

    mutating func choice(_ name: String, _ value: inout String?) {
        maybe(name, ["type": "string"])
    }

    mutating func choice(_ name: String, _ value: inout [UInt8]?) { maybe(name, Self.bytes) }

    mutating func choice<Value: APIMessage>(_ name: String, _ value: inout Value?) {
        messages[name] = Value.self
        maybe(name, reader.reference(Value.self))
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout Value?) {
        messages[name] = Value.self
        always(name, ["oneOf": [reader.reference(Value.self), ["type": "null"]]])
    }

    mutating func field(_ name: String, _ value: inout [String]) {
        always(name, Self.list(["type": "string"]))
    }

    mutating func field(_ name: String, _ value: inout [UInt32]) {
        always(name, Self.list(Self.scalar("integer", "uint32")))
    }

    mutating func field(_ name: String, _ value: inout [UInt64]) {
        always(name, Self.list(Self.scalar("string", "uint64")))
    }

    mutating func field(_ name: String, _ value: inout [[UInt8]]) {
        always(name, Self.list(Self.bytes))
    }

    mutating func field<Value: APIEnum>(_ name: String, _ value: inout [Value]) {
        always(name, Self.list(Self.names(Value.self)))
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout [Value]) {
        always(name, Self.list(reader.reference(Value.self)))
    }

    mutating func field(_ name: String, _ value: inout [UInt64: [UInt8]]) {
        always(name, Self.table(Self.bytes))
    }

    mutating func field(_ name: String, _ value: inout [String: Int64]) {
        always(name, Self.table(Self.scalar("string", "int64")))
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout [String: Value]) {
        always(name, Self.table(reader.reference(Value.self)))
    }
}
