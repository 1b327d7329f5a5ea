import JSON

extension APIMessage {
    /// The message in lnd's JSON: every field is there, also where it is zero, empty or `null`.
    public var json: JSONValue {
        var writer = FieldWriter()
        var copy = self
        // Writing has nothing to object to: only reading throws.
        try? copy.visit(&writer)
        return .object(writer.object)
    }
}

/// Writes each field.
private struct FieldWriter: FieldVisitor {
    var object = JSONObject()

    mutating func field(_ name: String, _ value: inout Bool) { object.append(name, .bool(value)) }

    mutating func field(_ name: String, _ value: inout Int32) {
        object.append(name, .integer(value))
    }

    mutating func field(_ name: String, _ value: inout UInt32) {
        object.append(name, .integer(value))
    }

    mutating func field(_ name: String, _ value: inout Int64) {
        object.append(name, .string(String(value)))
    }

    mutating func field(_ name: String, _ value: inout UInt64) {
        object.append(name, .string(String(value)))
    }

    mutating func field(_ name: String, _ value: inout Double) {
        object.append(name, .number("\(value.isFinite ? value : 0)"))
    }

    mutating func field(_ name: String, _ value: inout String) {
        object.append(name, .string(value))
    }

    mutating func field(_ name: String, _ value: inout [UInt8]) {
        object.append(name, .string(Base64.encode(value)))
    }

    mutating func field<Value: APIEnum>(_ name: String, _ value: inout Value) {
        object.append(name, .string(value.rawValue))
    }

    mutating func choice(_ name: String, _ value: inout UInt32?) {
        if let value { object.append(name, .integer(value)) }
    }

    mutating func choice(_ name: String, _ value: inout UInt64?) {
        if let value { object.append(name, .string(String(value))) }
    }

    mutating func choice(_ name: String, _ value: inout Bool?) {
        if let value { object.append(name, .bool(value)) }
    }

    mutating func choice(_ name: String, _ value: inout String?) {
        if let value { object.append(name, .string(value)) }
    }

    mutating func choice(_ name: String, _ value: inout [UInt8]?) {
        if let value { object.append(name, .string(Base64.encode(value))) }
    }

    mutating func choice<Value: APIMessage>(_ name: String, _ value: inout Value?) {
        if let value { object.append(name, value.json) }
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout Value?) {
        object.append(name, value?.json ?? .null)
    }

    mutating func field(_ name: String, _ value: inout [String]) {
        object.append(name, .array(value.map { .string($0) }))
    }

    mutating func field(_ name: String, _ value: inout [UInt32]) {
        object.append(name, .array(value.map { .integer($0) }))
    }

    mutating func field(_ name: String, _ value: inout [UInt64]) {
        object.append(name, .array(value.map { .string(String($0)) }))
    }

    mutating func field(_ name: String, _ value: inout [[UInt8]]) {
        object.append(name, .array(value.map { .string(Base64.encode($0)) }))
    }

    mutating func field<Value: APIEnum>(_ name: String, _ value: inout [Value]) {
        object.append(name, .array(value.map { .string($0.rawValue) }))
    }

    mutating func field(_ name: String, _ value: inout [UInt64: [UInt8]]) {
        let members = value.sorted { $0.key < $1.key }.map {
            ("\($0.key)", JSONValue.string(Base64.encode($0.value)))
        }
        object.append(name, .object(JSONObject(members)))
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout [Value]) {
        object.append(name, .array(value.map { $0.json }))
    }

    mutating func field(_ name: String, _ value: inout [String: Int64]) {
        let members = value.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.string("\($0.value)"))
        }
        object.append(name, .object(JSONObject(members)))
    }

    mutating func field<Value: APIMessage>(_ name: String, _ value: inout [String: Value]) {
        let members = value.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
        object.append(name, .object(JSONObject(members)))
    }
}
