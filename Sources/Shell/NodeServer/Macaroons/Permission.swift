/// An action on an entity, as lnd names them.
public struct Permission: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// On what: one of ``entities``.
    public let entity: String
    /// What: one of ``actions``, or the name of a call where the entity is `uri`.
    public let action: String

    /// That action on that entity.
    public init(_ entity: String, _ action: String) {
        self.entity = entity
        self.action = action
    }

    /// What there are permissions for.
    public static let entities = [
        "onchain", "offchain", "address", "message", "peers", "info", "invoices", "signer",
        "macaroon", "remotesigner", "uri",
    ]
    /// What can be permitted.
    public static let actions = ["read", "write", "generate"]

    /// What the read-only macaroon allows.
    public static let readOnly = [
        "onchain", "offchain", "address", "message", "peers", "info", "invoices", "signer",
        "macaroon",
    ].map { Permission($0, "read") }

    /// What the administrator's macaroon allows: everything.
    public static let admin =
        readOnly
        + ["onchain", "offchain", "address", "message", "peers", "info", "invoices", "macaroon"]
        .map { Permission($0, "write") }
        + ["signer", "macaroon", "remotesigner"].map { Permission($0, "generate") }

    /// What a shop's macaroon allows: to make and watch invoices and addresses.
    public static let invoice = [
        Permission("invoices", "read"), Permission("invoices", "write"),
        Permission("address", "read"), Permission("address", "write"),
        Permission("onchain", "read"),
    ]

    public static func < (left: Permission, right: Permission) -> Bool {
        (left.entity, left.action) < (right.entity, right.action)
    }

    public var description: String { "\(entity):\(action)" }
}
