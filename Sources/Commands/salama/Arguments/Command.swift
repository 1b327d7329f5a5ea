import NodeAPI

/// One thing that `salama` can be told to do, described once: parsing, help and routing read it from here.
struct Command: Sendable {
    /// The word that names it, or two for one below another: `wallet bumpfee`.
    let name: String
    /// Other words for the same.
    var aliases: [String] = []
    let group: CommandGroup
    /// What it does, in a few words for the list of commands.
    let summary: String
    /// More about it, for its own help; empty where the summary says all.
    var discussion: String = ""
    /// The words that it takes, in order.
    var positionals: [Positional] = []
    var flags: [Flag] = []
    /// Whether the options of the configuration may be given too.
    var takesConfiguration = true
    /// A line that can be typed as it is, with what it does.
    let examples: [Example]
    let run: @Sendable (Arguments) throws -> Void
}

/// A command line to copy.
struct Example: Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// The headings of the list of commands.
enum CommandGroup: String, CaseIterable, Sendable {
    case node = "Node"
    case wallet = "Wallet"
    case onChain = "On chain"
    case peers = "Peers"
    case channels = "Channels"
    case invoices = "Invoices"
    case payments = "Payments"
    case network = "Network"
    case tools = "Tools"
}

/// A word of the command line that no flag announces.
struct Positional: Sendable {
    /// As shown in the usage: `ADDRESS`, or the choices: `p2wkh|np2wkh|p2tr`.
    let name: String
    let help: String
    /// Whether the command can do without it.
    var isOptional = false
    /// Whether it takes all words that are left.
    var isRest = false
}

/// A named part of the command line: `--name VALUE`, `--name=VALUE`, or `--name` alone for a switch.
struct Flag: Sendable {
    /// Without the dashes.
    let name: String
    /// Other names, without dashes; one letter for `-C`.
    var aliases: [String] = []
    /// What stands for the value in the help; nil for a switch.
    var value: String?
    let help: String
    /// Whether it may be given several times.
    var isRepeatable = false

    /// A flag that takes a value.
    static func value(
        _ name: String, _ value: String, _ help: String, aliases: [String] = [],
        isRepeatable: Bool = false
    ) -> Flag {
        Flag(name: name, aliases: aliases, value: value, help: help, isRepeatable: isRepeatable)
    }

    /// A flag that is there or not.
    static func toggle(_ name: String, _ help: String, aliases: [String] = []) -> Flag {
        Flag(name: name, aliases: aliases, value: nil, help: help)
    }

    static let json = Flag.toggle("json", "print JSON for programs instead of a table")
}

/// A line that the user typed wrong: printed as one line, and the exit status is 2.
struct UsageError: Error, CustomStringConvertible {
    let message: String

    init(_ message: String) { self.message = message }

    var description: String { message }
}

/// Something that did not work: printed as one line.
struct CommandFailure: Error, CustomStringConvertible {
    let message: String
    /// The exit status: 1, or 2 where the node finds that what was typed cannot be right.
    let status: Int32
    /// The node's word for it, where it was the node that refused.
    let code: APICode?

    init(_ message: String, status: Int32 = 1, code: APICode? = nil) {
        self.message = message
        self.status = status
        self.code = code
    }

    var description: String { message }
}
