extension ChainError: CustomStringConvertible {
    public var description: String { summary }

    /// What happened, in words for people.
    public var summary: String {
        switch self {
        case .unavailable(let reason): reason
        case .unauthorized: "it refuses the credentials"
        case .warmingUp(let reason): "it is starting: \(reason)"
        case .wrongNetwork(let expected, let actual):
            "it is on the network `\(actual)`, and `\(expected.rawValue)` is configured"
        case .unsupportedVersion(let version, let minimum, let subversion):
            "its version \(Self.text(version)) (\(subversion)) is too old: \(Self.text(minimum)) or newer is needed"
        case .pruned(let hash): "it has pruned block \(hash)"
        case .unknownBlock(let hash): "it does not know block \(hash)"
        case .invalidAnswer(let method, let detail):
            "its answer to \(method) makes no sense: \(detail)"
        case .refused(let method, let code, let message):
            "it refuses \(method): \(message) (error \(code))"
        }
    }

    /// A version as bitcoind counts them: 290500 is 29.5.0.
    private static func text(_ version: Int) -> String {
        "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
    }
}
