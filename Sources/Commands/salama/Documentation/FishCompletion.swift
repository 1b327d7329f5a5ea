/// Completions for fish.
struct FishCompletion {
    let commands: [Command]
    let configurationFlags: [Flag]

    var script: String {
        let head = """
            # Completions of salama for fish.
            function __salama_is
                set -l words (string match -v -- '-*' (commandline -opc))[2..]
                string match -q -- "$argv" "$words"; or string match -q -- "$argv *" "$words"
            end
            function __salama_at
                set -l words (string match -v -- '-*' (commandline -opc))[2..]
                test "$words" = "$argv"
            end
            complete -c salama -f

            """
        return head + (topLines + commands.flatMap(lines)).joined(separator: "\n") + "\n"
    }

    /// The first words, offered where there is none yet, and those of groups, after theirs.
    private var topLines: [String] {
        var seen: Set<String> = []
        let first = commands.filter { seen.insert($0.firstWord).inserted }.map {
            "complete -c salama -n __fish_use_subcommand -a \(shellQuoted($0.firstWord))"
                + " -d \(shellQuoted($0.summary))"
        }
        let others = commands.groups.flatMap { group in
            commands.words(after: group).map {
                "complete -c salama -n \(shellQuoted("__salama_at \(group)")) -a"
                    + " \(shellQuoted($0.word)) -d \(shellQuoted($0.summary))"
            }
        }
        return first + others
    }

    private func lines(for command: Command) -> [String] {
        let start = "complete -c salama -n \(condition(command.name))"
        let words = command.offeredWords.map { "\(start) -a \(shellQuoted($0))" }
        let flags = command.offeredFlags(with: configurationFlags).map { flag in
            let names = ([flag.name] + flag.aliases).map { ($0.count == 1 ? "-s " : "-l ") + $0 }
            let value = flag.value == nil ? "" : flag.takesPath ? " -r -F" : " -x"
            return "\(start) \(names.joined(separator: " "))\(value) -d \(shellQuoted(flag.help))"
        }
        return words + flags
    }

    private func condition(_ name: String) -> String { shellQuoted("__salama_is \(name)") }
}
