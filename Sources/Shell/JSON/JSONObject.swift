/// The members of a JSON object in their order.
///
/// Equality heeds the order. Looking a member up takes time in proportion to the count of members: objects of the
/// protocols spoken here have few.
public struct JSONObject: Sendable, Hashable {
    /// One name and its value.
    public struct Member: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value.
        public var value: JSONValue

        /// A member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members, in order.
    public private(set) var members: [Member]

    /// An object with no members.
    public init() { members = [] }

    /// An object with these members, in this order.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.members = members.map { Member($0.0, $0.1) }
    }

    /// The count of members.
    public var count: Int { members.count }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of that name; the last one where a name comes twice. Setting nil removes the member.
    public subscript(name: String) -> JSONValue? {
        get { members.last { $0.name == name }?.value }
        set {
            guard let newValue else { return members.removeAll { $0.name == name } }
            if let position = members.lastIndex(where: { $0.name == name }) {
                members[position].value = newValue
            } else {
                append(name, newValue)
            }
        }
    }

    /// Adds a member at the end, without a look whether its name is there already.
    public mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name, value))
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object with these members, in this order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
