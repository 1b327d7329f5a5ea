/// A side of a channel.
public enum Party: UInt8, Hashable, Sendable, CaseIterable {
    /// This node.
    case local = 0
    /// The peer.
    case remote = 1

    /// The side across.
    public var other: Party {
        switch self {
        case .local: .remote
        case .remote: .local
        }
    }
}
