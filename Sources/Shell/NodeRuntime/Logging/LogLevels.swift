import LightningNode

/// Which events are worth a line: a level for all subsystems and others for some.
public struct LogLevels: Sendable, Equatable {
    /// The least level that is logged where no other is set.
    public var standard: NodeEvent.Level
    /// The least levels of single subsystems.
    public var bySubsystem: [NodeEvent.Subsystem: NodeEvent.Level] = [:]

    /// The same level for all subsystems.
    public init(_ standard: NodeEvent.Level) { self.standard = standard }

    /// Parses `info`, `wallet=debug,chain=trace`, or both: `warn,wallet=debug`. Throws what is wrong with it.
    public init(parsing text: String) throws(LogLevelError) {
        self.init(.info)
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard let word = pair.last, let level = NodeEvent.Level(name: word) else {
                throw LogLevelError(unknown: pair.last ?? "", choices: NodeEvent.Level.names)
            }
            guard pair.count == 2 else {
                standard = level
                continue
            }
            guard let subsystem = NodeEvent.Subsystem(rawValue: pair[0].lowercased()) else {
                throw LogLevelError(
                    unknown: pair[0], choices: NodeEvent.Subsystem.allCases.map(\.rawValue))
            }
            bySubsystem[subsystem] = level
        }
    }

    /// Every subsystem with its level, as ``init(parsing:)`` reads them.
    public var text: String {
        NodeEvent.Subsystem.allCases.map { "\($0.rawValue)=\(bySubsystem[$0] ?? standard)" }
            .sorted().joined(separator: ",")
    }

    /// Sets what `text` says, a level for all subsystems or others for some, and keeps the rest. Throws what is wrong
    /// with it.
    public mutating func change(parsing text: String) throws(LogLevelError) {
        var next = self
        for part in text.split(separator: ",") {
            let parsed = try LogLevels(parsing: String(part))
            if parsed.bySubsystem.isEmpty {
                next = parsed
            } else {
                next.bySubsystem.merge(parsed.bySubsystem) { $1 }
            }
        }
        self = next
    }

    /// Whether an event of that level and subsystem is logged.
    public func includes(_ level: NodeEvent.Level, _ subsystem: NodeEvent.Subsystem) -> Bool {
        level >= bySubsystem[subsystem] ?? standard
    }
}

/// A word that names no level or no subsystem.
public struct LogLevelError: Error, Sendable, CustomStringConvertible {
    /// The word.
    public let unknown: String
    /// What would have been right.
    public let choices: [String]

    public var description: String {
        "`\(unknown)` is none of \(choices.joined(separator: ", "))"
    }
}

extension NodeEvent.Level {
    static let names = allCases.map { "\($0)" }

    init?(name: String) {
        let name = name.lowercased()
        guard let level = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
        self = level
    }

    /// Three letters, so that messages line up.
    var abbreviation: String {
        switch self {
        case .trace: "TRC"
        case .debug: "DBG"
        case .info: "INF"
        case .warn: "WRN"
        case .error: "ERR"
        }
    }
}
