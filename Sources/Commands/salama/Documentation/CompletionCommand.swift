/// `salama completions`.
enum CompletionCommand {
    static let command = Command(
        name: "completions", aliases: ["completion"], group: .tools,
        summary: "print completions for a shell",
        positionals: [Positional(name: "bash|zsh|fish", help: "the shell")],
        takesConfiguration: false,
        examples: [
            Example(
                "source <(salama completions bash)", "completes commands and flags in this shell")
        ],
        run: { arguments throws(UsageError) in
            put(try script(for: arguments.positional(0) ?? ""))
        })

    private static func script(for shell: String) throws(UsageError) -> String {
        let flags = CommandList.configurationFlags
        switch shell {
        case "bash":
            return BashCompletion(commands: CommandList.all, configurationFlags: flags).script
        case "zsh":
            return ZshCompletion(commands: CommandList.all, configurationFlags: flags).script
        case "fish":
            return FishCompletion(commands: CommandList.all, configurationFlags: flags).script
        default: throw UsageError("completions are for bash, zsh or fish, not `\(shell)`")
        }
    }
}

extension Command {
    /// The flags to offer after the command's name.
    func offeredFlags(with configurationFlags: [Flag]) -> [Flag] {
        flags + (takesConfiguration ? configurationFlags : [])
            + [.toggle("help", "tell more, with an example")]
    }

    /// The words to offer where the first argument is one of a few: `p2wkh|np2wkh|p2tr`.
    var offeredWords: [String] {
        guard let choices = positionals.first?.name, choices.contains("|") else { return [] }
        return choices.split(separator: "|").map(String.init)
    }
}

extension Flag {
    /// The flag and its other names, as they are typed.
    var typed: [String] { ([name] + aliases).map { ($0.count == 1 ? "-" : "--") + $0 } }

    /// Whether the value is a file or a directory, by the word that stands for it in the help.
    var takesPath: Bool { value.map { ["FILE", "DIR", "PATH"].contains($0) } ?? false }
}

/// Text between single quotes, as every shell reads it.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
}
