/// Finds the command that a command line names, and runs it.
struct CommandLineRunner {
    let commands: [Command]
    let configurationFlags: [Flag]

    /// Runs the command named by `words`, and answers the process's exit status: 0, 1 for a failure, 2 for a line that was
    /// typed wrong.
    func run(_ words: [String]) -> Int32 {
        do {
            try dispatch(words)
            try Console.requireWritten()
            return 0
        } catch let error as UsageError {
            say("salama: \(error.message)")
            return 2
        } catch let error as CommandFailure {
            say("salama: \(error.message)")
            return error.status
        } catch {
            say("salama: \(error)")
            return 1
        }
    }

    private func dispatch(_ words: [String]) throws {
        let (leading, rest) = splitLeadingFlags(words)
        guard let first = rest.first else {
            if leading.first == "--help" || leading.first == "-h" { return put(overview) }
            if leading.first == "--version" { return try runCommand(named: "version", []) }
            throw UsageError("no command is given; `salama help` lists them")
        }
        if first == "help" { return try showHelp(Array(rest.dropFirst())) }
        guard let (command, used) = find(rest) else {
            let isHelp = words.contains("--help") || words.contains("-h")
            guard isHelp, let list = help(below: rest) else { throw unknown(first, rest) }
            return put(list)
        }
        let own = leading + rest.dropFirst(used)
        let beforeEnd = own.prefix { $0 != "--" }
        if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
            put(command.help)
            return
        }
        let parser = ArgumentParser(command: command, configurationFlags: configurationFlags)
        do {
            try command.run(parser.parse(own))
        } catch let error as UsageError {
            throw UsageError("\(command.name): \(error.message)")
        }
    }

    private func runCommand(named name: String, _ words: [String]) throws {
        guard let (command, _) = find([name]) else { throw UsageError("unknown command `\(name)`") }
        let parser = ArgumentParser(command: command, configurationFlags: configurationFlags)
        try command.run(parser.parse(words))
    }

    /// Options of the configuration may stand before the command, as `lncli --network regtest getinfo` has it.
    private func splitLeadingFlags(_ words: [String]) -> (
        leading: [String], rest: ArraySlice<String>
    ) {
        var index = 0
        while index < words.count, words[index].hasPrefix("-") {
            let name = words[index].drop { $0 == "-" }
            let takesNext = configurationFlags.contains {
                ($0.name == name || $0.aliases.contains(String(name))) && $0.value != nil
            }
            index += takesNext ? 2 : 1
        }
        index = min(index, words.count)
        return (Array(words[..<index]), words[index...])
    }

    /// The command that the first one to three words name, and how many they are.
    private func find(_ words: ArraySlice<String>) -> (Command, Int)? {
        for count in [3, 2, 1] where words.count >= count {
            let name = words.prefix(count).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name || $0.aliases.contains(name) })
            {
                return (command, count)
            }
        }
        return nil
    }

    private func unknown(_ first: String, _ rest: ArraySlice<String>) -> UsageError {
        for count in [2, 1] where rest.count >= count {
            let prefix = rest.prefix(count).joined(separator: " ")
            let below = commands.map(\.name).filter { $0.hasPrefix(prefix + " ") }
            guard !below.isEmpty else { continue }
            return UsageError("`\(prefix)` needs one more word: \(below.joined(separator: ", "))")
        }
        let hint =
            nearest(to: first, among: commands.flatMap { [$0.name] + $0.aliases })
            .map { "; did you mean `\($0)`?" } ?? "; `salama help` lists the commands"
        return UsageError("unknown command `\(first)`\(hint)")
    }

    private func showHelp(_ words: [String]) throws {
        guard !words.isEmpty else { return put(overview) }
        if let (command, _) = find(words[...]) { return put(command.help) }
        guard let list = help(below: words[...]) else { throw unknown(words[0], words[...]) }
        put(list)
    }

    /// The commands that begin with these words, flags aside; nil where there are none.
    private func help(below words: ArraySlice<String>) -> String? {
        let beginning = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ") + " "
        let below = commands.filter { $0.name.hasPrefix(beginning) }
        guard !below.isEmpty else { return nil }
        return "Usage: salama \(beginning)COMMAND [flags]\n\n"
            + columns(below.map { ($0.name, $0.summary) })
            + "\n`salama COMMAND --help` tells more, with an example.\n"
    }

    /// The list of commands.
    private var overview: String {
        var text = """
            salama: a Lightning Network node

            Usage: salama COMMAND [flags]

            """
        for group in CommandGroup.allCases {
            let own = commands.filter { $0.group == group }
            guard !own.isEmpty else { continue }
            text += "\n\(group.rawValue)\n" + columns(own.map { ($0.name, $0.summary) })
        }
        return text + "\n`salama COMMAND --help` tells more, with an example.\n"
    }
}
