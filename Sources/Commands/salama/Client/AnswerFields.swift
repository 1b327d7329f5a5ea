import JSON

/// How commands read the node's answers, in which 64-bit numbers are strings as in all of lnd's REST interface.
extension JSONValue {
    /// The text of a member; empty where it is not there.
    func text(_ key: String) -> String { self[key]?.string ?? "" }

    /// The whole number of a member, written as a number or a string; 0 where it is not there.
    func number(_ key: String) -> Int64 {
        guard let member = self[key] else { return 0 }
        return member.string.flatMap { Int64($0) } ?? member.integer() ?? 0
    }

    /// Whether a member is true.
    func flag(_ key: String) -> Bool { self[key]?.bool ?? false }

    /// The elements of a member; none where it is not there.
    func list(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }
}

/// What a command prints: the node's answer as it is for programs, or a form for people.
func show(_ answer: JSONValue, _ arguments: Arguments, _ text: (JSONValue) -> String) {
    put(arguments.isSet("json") ? answer.prettyPrinted() + "\n" : text(answer))
}

/// An amount with thousands marks and its unit.
func satoshis(_ amount: Int64) -> String { grouped(amount) + " sat" }

/// Names and values below each other.
func facts(_ rows: [(String, String)]) -> String {
    let width = rows.map { $0.0.count }.max() ?? 0
    return rows.map { name, value in
        name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }.joined()
}
