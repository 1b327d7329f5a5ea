import JSON

/// Judges answers by the description of the interface.
public struct Schemas {
    private let document: JSONValue

    /// The schemas of a description (OpenAPI).
    public init(_ document: JSONValue) { self.document = document }

    /// What in an answer is not as described, with its place; empty where all is.
    public func problems(
        of answer: JSONValue, method: String, path: String,
        status: String = "200"
    ) -> [String] {
        let operation = document["paths"]?[path]?[method.lowercased()]
        let content = operation?["responses"]?[status]?["content"]?["application/json"]
        guard let schema = content?["schema"] else { return ["\(method) \(path) is not described"] }
        return problems(of: answer, schema, at: path)
    }

    private func problems(
        of value: JSONValue, _ schema: JSONValue, at place: String
    ) -> [String] {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.dropFirst("#/components/schemas/".count))
            guard let schema = document["components"]?["schemas"]?[name] else {
                return ["\(place): no schema \(name)"]
            }
            return problems(of: value, schema, at: place)
        }
        if let choices = schema["oneOf"]?.array {
            let found = choices.map { problems(of: value, $0, at: place) }
            return found.contains(where: \.isEmpty) ? [] : found.first ?? []
        }
        switch schema["type"]?.string {
        case "null": return value.isNull ? [] : ["\(place): not null"]
        case "boolean": return value.bool == nil ? ["\(place): not a truth value"] : []
        case "integer", "number": return value.number == nil ? ["\(place): not a number"] : []
        case "string": return stringProblems(of: value, schema, at: place)
        case "array":
            guard let elements = value.array else { return ["\(place): not a list"] }
            return elements.enumerated().flatMap { index, element in
                problems(of: element, schema["items"] ?? [:], at: "\(place)[\(index)]")
            }
        case "object": return objectProblems(of: value, schema, at: place)
        default: return []
        }
    }

    private func stringProblems(
        of value: JSONValue, _ schema: JSONValue, at place: String
    ) -> [String] {
        guard let text = value.string else { return ["\(place): not a text"] }
        if let names = schema["enum"]?.array, !names.contains(.string(text)) {
            return ["\(place): \(text) is none of the names"]
        }
        switch schema["format"]?.string {
        case "int64": return Int64(text) == nil ? ["\(place): \(text) is no number"] : []
        case "uint64": return UInt64(text) == nil ? ["\(place): \(text) is no number"] : []
        case "byte": return Base64.decode(text) == nil ? ["\(place): no base 64"] : []
        default: return []
        }
    }

    private func objectProblems(
        of value: JSONValue, _ schema: JSONValue, at place: String
    ) -> [String] {
        guard let object = value.object else { return ["\(place): not an object"] }
        let properties = schema["properties"]?.object
        var found: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? []
        where object[name] == nil {
            found.append("\(place).\(name): missing")
        }
        for member in object.members {
            let path = "\(place).\(member.name)"
            if let schema = properties?[member.name] ?? schema["additionalProperties"] {
                found += problems(of: member.value, schema, at: path)
            } else if properties != nil {
                found.append("\(path): not described")
            }
        }
        return found
    }
}
