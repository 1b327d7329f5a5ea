import JSON

/// The name of a parameter as a way into a message: `outpoint.txid_str`, `AddrToAmount[address]`.
struct QueryPath {
    let parts: [Substring]

    /// Names with more than eight parts are taken for one.
    init(_ name: String) {
        let parts = name.split { $0 == "." || $0 == "[" || $0 == "]" }
        self.parts = parts.isEmpty || parts.count > 8 ? [name[...]] : parts
    }
}

extension JSONValue {
    /// Sets what `path` leads to; what is there already becomes a list with the new value.
    mutating func set(_ path: QueryPath, _ value: JSONValue) {
        set(path.parts[...], value)
    }

    private mutating func set(_ path: ArraySlice<Substring>, _ value: JSONValue) {
        guard let name = path.first else {
            switch self {
            case .null: self = value
            case .array(let elements): self = .array(elements + [value])
            case .bool, .number, .string, .object: self = .array([self, value])
            }
            return
        }
        var object = self.object ?? JSONObject()
        var member = object[String(name)] ?? .null
        member.set(path.dropFirst(), value)
        object[String(name)] = member
        self = .object(object)
    }
}
