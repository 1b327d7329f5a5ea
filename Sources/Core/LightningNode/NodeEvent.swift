/// Something worth a line in the log. It holds no secret.
public struct NodeEvent: Sendable, Equatable {
    /// How much an event matters.
    public enum Level: UInt8, Sendable, Comparable, CaseIterable {
        case trace, debug, info, warn, error

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// The part of the node that it comes from.
    public enum Subsystem: String, Sendable, CaseIterable {
        /// Start, stop, the loop.
        case node
        /// Following the chain and publishing to it.
        case chain
        case wallet
        /// Connections and what peers send.
        case peer
        /// The life of channels.
        case channel
        /// Payments and forwarding.
        case payment
        /// The network's graph.
        case gossip
        case storage
        /// The API.
        case server
    }

    /// How much it matters.
    public let level: Level
    /// Where it comes from.
    public let subsystem: Subsystem
    private let text: @Sendable () -> String

    /// An event of these parts. The text is made when somebody reads it, which of most events nobody does.
    public init(
        _ level: Level, _ subsystem: Subsystem,
        _ message: @autoclosure @escaping @Sendable () -> String
    ) {
        self.level = level
        self.subsystem = subsystem
        text = message
    }

    /// One line for a person.
    public var message: String { text() }

    public static func == (left: NodeEvent, right: NodeEvent) -> Bool {
        left.level == right.level && left.subsystem == right.subsystem
            && left.message == right.message
    }
}
