import Bitcoin
import JSON

/// The arguments of one call, in the order of the method's parameters, whether they came by position or by name.
struct RPCArguments: Sendable {
    private let values: [JSONValue]
    private let parameters: [RPCParameter]

    /// Sorts `given` into the parameters of `method`.
    init(_ given: JSONValue?, for method: RPCMethod) throws(RPCError) {
        parameters = method.parameters
        switch given {
        case nil, .null: values = []
        case .array(let array): values = array
        case .object(let object): values = try RPCArguments.sort(object, method.parameters)
        case .bool, .number, .string:
            throw RPCError(RPCError.invalidRequest, "Params must be an array or object")
        }
        let required = parameters.lastIndex { !$0.isOptional }.map { $0 + 1 } ?? 0
        guard values.count <= parameters.count, values.count >= required else {
            throw RPCError(RPCError.miscellaneous, method.help)
        }
    }

    private static func sort(
        _ object: JSONObject, _ parameters: [RPCParameter]
    ) throws(RPCError) -> [JSONValue] {
        var sorted = [JSONValue](repeating: .null, count: parameters.count)
        for member in object.members {
            // bitcoin-cli -named passes what has no name under `args`.
            if member.name == "args", let array = member.value.array {
                for (index, value) in array.prefix(sorted.count).enumerated() {
                    sorted[index] = value
                }
                continue
            }
            guard let index = parameters.firstIndex(where: { $0.names.contains(member.name) })
            else {
                throw RPCError(RPCError.invalidParameter, "Unknown named parameter \(member.name)")
            }
            sorted[index] = member.value
        }
        while let last = sorted.last, last.isNull { sorted.removeLast() }
        return sorted
    }

    /// The argument at `index`; nil where it is missing or null.
    subscript(_ index: Int) -> JSONValue? {
        guard index < values.count, !values[index].isNull else { return nil }
        return values[index]
    }

    func string(_ index: Int) throws(RPCError) -> String {
        guard let text = try optionalString(index) else { throw wrongType(index, "string") }
        return text
    }

    func optionalString(_ index: Int) throws(RPCError) -> String? {
        guard let value = self[index] else { return nil }
        guard let text = value.string else { throw wrongType(index, "string") }
        return text
    }

    func bool(_ index: Int, default fallback: Bool) throws(RPCError) -> Bool {
        guard let value = self[index] else { return fallback }
        guard let bool = value.bool else { throw wrongType(index, "bool") }
        return bool
    }

    func integer(_ index: Int) throws(RPCError) -> Int {
        guard let number = try optionalInteger(index) else { throw wrongType(index, "number") }
        return number
    }

    func optionalInteger(_ index: Int) throws(RPCError) -> Int? {
        guard let value = self[index] else { return nil }
        guard value.number != nil else { throw wrongType(index, "number") }
        guard let number = value.integer(Int.self) else {
            throw RPCError(RPCError.typeError, "JSON integer out of range")
        }
        return number
    }

    /// A level of detail, where `false` and `true` stand for 0 and 1.
    func verbosity(_ index: Int, default fallback: Int) throws(RPCError) -> Int {
        if let bool = self[index]?.bool { return bool ? 1 : 0 }
        return try optionalInteger(index) ?? fallback
    }

    func array(_ index: Int) throws(RPCError) -> [JSONValue] {
        guard let array = self[index]?.array else { throw wrongType(index, "array") }
        return array
    }

    /// An identifier of 64 hexadecimal digits.
    func hash<Identifier: HashIdentifier>(_ index: Int) throws(RPCError) -> Identifier {
        let text = try string(index)
        let name = parameters[index].names[0]
        guard text.utf8.count == 64 else {
            throw RPCError(
                RPCError.invalidParameter,
                "\(name) must be of length 64 (not \(text.utf8.count), for '\(text)')")
        }
        guard let hash = Identifier(text) else {
            throw RPCError(
                RPCError.invalidParameter, "\(name) must be hexadecimal string (not '\(text)')")
        }
        return hash
    }

    /// An amount or fee rate in bitcoin, as a number or a string.
    func amount(_ index: Int) throws(RPCError) -> Satoshi? {
        guard let value = self[index] else { return nil }
        guard let text = value.number ?? value.string else {
            throw RPCError(RPCError.typeError, "Amount is not a number or string")
        }
        guard let amount = Satoshi(bitcoinText: text) else {
            throw RPCError(RPCError.typeError, "Invalid amount")
        }
        guard amount.isValidOutputAmount else {
            throw RPCError(RPCError.typeError, "Amount out of range")
        }
        return amount
    }

    private func wrongType(_ index: Int, _ expected: String) -> RPCError {
        let actual = (index < values.count ? values[index] : .null).typeName
        let place = "Position \(index + 1) (\(parameters[index].names[0]))"
        return RPCError(
            RPCError.typeError,
            "Wrong type passed:\n{\n    \"\(place)\": \"JSON value of type \(actual) is not of"
                + " expected type \(expected)\"\n}")
    }
}

extension JSONValue {
    /// The name of the kind of value, as bitcoind has it.
    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension Satoshi {
    /// Reads an amount in bitcoin with up to eight decimals; nil where the text is none.
    init?(bitcoinText text: String) {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : ""
        guard let whole = parts.first, !whole.isEmpty, whole.utf8.count <= 9,
            fraction.utf8.count <= 8, parts.count == 1 || !fraction.isEmpty,
            (whole + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int64(
                whole + fraction + String(repeating: "0", count: 8 - fraction.utf8.count))
        else { return nil }
        self.init(isNegative ? -value : value)
    }
}
