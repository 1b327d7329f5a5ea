/// `salama manpage`.
enum ManualPageCommand {
    static let command = Command(
        name: "manpage", group: .tools, summary: "print the manual page",
        takesConfiguration: false,
        examples: [Example("salama manpage | man -l -", "shows the manual page")],
        run: { _ in
            put(
                ManualPage(
                    commands: CommandList.all, configurationFlags: CommandList.configurationFlags
                ).text)
        })
}

/// The manual page, from the descriptions of the commands, in the language of man(7).
struct ManualPage {
    let commands: [Command]
    let configurationFlags: [Flag]

    var text: String {
        var lines = [
            ".TH SALAMA 1 \"\" \"salama \(VersionCommand.version)\" \"User Commands\"",
            ".SH NAME", "salama \\- a Lightning Network node",
            ".SH SYNOPSIS", ".B salama", ".I COMMAND", "[flags]",
            ".SH DESCRIPTION",
            escaped(
                "Salama is a Lightning Network node: the daemon, and the commands that ask it. "
                    + "Every command explains itself with --help."),
        ]
        for group in CommandGroup.allCases {
            let own = commands.filter { $0.group == group }
            guard !own.isEmpty else { continue }
            lines.append(".SH \(escaped(group.rawValue.uppercased()))")
            lines += own.flatMap(section)
        }
        if !configurationFlags.isEmpty {
            lines.append(".SH CONFIGURATION")
            lines += configurationFlags.flatMap(flagLines)
        }
        lines += [
            ".SH EXIT STATUS", ".TP", ".B 0", "success", ".TP", ".B 1",
            "it did not work; one line says why", ".TP", ".B 2",
            "the command line was wrong; one line says what would be right",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(for command: Command) -> [String] {
        var lines = [
            ".SS \(escaped(command.usage))", escaped(command.summary.capitalizedFirst + "."),
        ]
        if !command.discussion.isEmpty {
            for paragraph in command.discussion.split(separator: "\n") {
                lines += [".PP", escaped(String(paragraph))]
            }
        }
        for positional in command.positionals {
            lines += [".TP", ".I \(escaped(positional.name))", escaped(positional.help)]
        }
        lines += command.flags.flatMap(flagLines)
        for example in command.examples {
            lines += [".PP", ".EX", escaped("$ \(example.line)"), ".EE", escaped(example.meaning)]
        }
        return lines
    }

    private func flagLines(_ flag: Flag) -> [String] {
        [".TP", ".B \(escaped(flag.shown))", escaped(flag.help)]
    }

    /// Text in which no character means something to the formatter.
    private func escaped(_ text: String) -> String {
        let plain = text.map { character in
            switch character {
            case "\\": "\\e"
            case "-": "\\-"
            case "\n": " "
            default: String(character)
            }
        }.joined()
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}

extension String {
    /// The text with its first letter as a capital.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
