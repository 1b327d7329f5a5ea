import Glibc
import LightningNode
import Synchronization

/// The daemon's log: one line for each event, as text or JSON, to standard error and to a file.
public final class Log: Sendable {
    /// How a line looks.
    public enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    private let format: Format
    private let wanted: Mutex<LogLevels>
    private let showsOnStandardError: Bool
    private let file: Mutex<LogFile?>

    /// Logs what `levels` include. `file` is kept below its size by renaming it to `.1` and on.
    public init(
        levels: LogLevels = LogLevels(.info), format: Format = .text,
        standardError: Bool = true, file: consuming sending LogFile? = nil
    ) {
        wanted = Mutex(levels)
        self.format = format
        self.showsOnStandardError = standardError
        self.file = Mutex(file)
    }

    /// A log that keeps nothing.
    public static let silent = Log(levels: LogLevels(.error), standardError: false)

    /// Which events are logged; may be set at any time.
    public var levels: LogLevels {
        get { wanted.withLock { $0 } }
        set { wanted.withLock { $0 = newValue } }
    }

    /// Writes an event's line, if its level is wanted.
    public func write(_ event: NodeEvent) {
        guard includes(event.level, event.subsystem) else { return }
        let line = Array((Self.line(event, at: .now, format) + "\n").utf8)
        if showsOnStandardError {
            line.withUnsafeBytes { _ = Glibc.write(2, $0.baseAddress, $0.count) }
        }
        file.withLock { $0?.append(line) }
    }

    /// Writes a line of these parts.
    public func write(
        _ level: NodeEvent.Level, _ subsystem: NodeEvent.Subsystem,
        _ message: @autoclosure () -> String
    ) {
        guard includes(level, subsystem) else { return }
        let text = message()
        write(NodeEvent(level, subsystem, text))
    }

    private func includes(_ level: NodeEvent.Level, _ subsystem: NodeEvent.Subsystem) -> Bool {
        wanted.withLock { $0.includes(level, subsystem) }
    }

    static func line(_ event: NodeEvent, at time: WallClock, _ format: Format) -> String {
        switch format {
        case .text:
            let subsystem = event.subsystem.rawValue.uppercased()
            return
                "\(time.text) [\(event.level.abbreviation)] \(subsystem): \(singleLine(event.message))"
        case .json:
            return
                "{\"time\":\"\(time.text.replacing(" ", with: "T"))Z\",\"level\":\"\(event.level)\","
                + "\"subsystem\":\"\(event.subsystem.rawValue)\",\"message\":\"\(escaped(event.message))\"}"
        }
    }

    /// What came from outside cannot forge a line of its own.
    private static func singleLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
        return String(
            decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x3f : $0 }, as: UTF8.self)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
