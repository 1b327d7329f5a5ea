import Testing

/// A place that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// One rule of the project's style that is checked on every Swift file.
struct Rule: CustomTestStringConvertible, Sendable {
    let name: Name
    let check: @Sendable (SourceFile) -> [Finding]

    /// The rules' names, as exceptions give them.
    enum Name: String, CaseIterable {
        case corePurity = "the core does no IO and reads no clock"
        case fileLength = "no file is longer than 600 lines"
        case floatingPoint = "the core counts in whole numbers"
        case forceUnwrap = "nothing is unwrapped, cast or tried by force"
        case fullFoundation = "no source imports all of Foundation"
        case functionLength = "no function is longer than 70 lines"
        case leftover = "no comment marks unfinished work"
        case publicDocumentation = "every public symbol has a doc comment"
        case uncheckedSendable = "unchecked sendability has its reason beside it"
        case unused = "what only its file could use, its file uses"
        case upwardImport = "imports go up the table of targets only"
    }

    static let all: [Rule] = [
        Rule(name: .corePurity, check: corePurity),
        Rule(name: .fileLength, check: fileLength),
        Rule(name: .floatingPoint, check: floatingPoint),
        Rule(name: .forceUnwrap, check: forceUnwrap),
        Rule(name: .fullFoundation, check: fullFoundation),
        Rule(name: .functionLength, check: functionLength),
        Rule(name: .leftover, check: leftover),
        Rule(
            name: .publicDocumentation,
            check: { publicDocumentation($0, requirements: requirements) }),
        Rule(name: .uncheckedSendable, check: uncheckedSendable),
        Rule(name: .unused, check: unused),
        Rule(name: .upwardImport, check: { upwardImport($0, table: TargetTable.documented) }),
    ]

    var testDescription: String { name.rawValue }
}
