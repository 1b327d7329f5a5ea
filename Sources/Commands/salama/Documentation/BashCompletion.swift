/// Completions for bash.
struct BashCompletion {
    let commands: [Command]
    let configurationFlags: [Flag]

    var script: String {
        """
        # Completions of salama for bash.
        _salama() {
            local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' next i
            for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                    -*) continue ;;
                esac
                next="${command:+$command }${COMP_WORDS[i]}"
                case $next in
                    \(names)) command=$next ;;
                    *) break ;;
                esac
            done
            case $before in
                \(pathFlags))
                    COMPREPLY=($(compgen -f -- "$word"))
                    return ;;
            esac
            case $command in
        \(cases)
            esac
        }
        complete -o filenames -F _salama salama

        """
    }

    /// Every command, and the words that those of several words begin with, as a pattern.
    private var names: String {
        let all = commands.flatMap { [$0.name] + $0.aliases } + commands.flatMap(\.beginnings)
        return pattern(Set(all).sorted())
    }

    private var pathFlags: String {
        let flags = commands.flatMap(\.flags) + configurationFlags
        let typed = Set(flags.filter(\.takesPath).flatMap(\.typed)).sorted()
        return typed.isEmpty ? "''" : pattern(typed)
    }

    private var cases: String {
        let own = commands.map { command in
            let flags = command.offeredFlags(with: configurationFlags).flatMap(\.typed)
            return line([command.name] + command.aliases, offer: command.offeredWords + flags)
        }
        let below = commands.groups.map { group in
            line([group], offer: commands.words(after: group).map(\.word))
        }
        let top = Set(commands.map(\.firstWord)).sorted()
        return (own + below + [line([""], offer: top + ["help"])]).joined(separator: "\n")
    }

    private func line(_ names: [String], offer words: [String]) -> String {
        let list = shellQuoted(words.joined(separator: " "))
        return "        \(pattern(names))) COMPREPLY=($(compgen -W \(list) -- \"$word\")) ;;"
    }

    private func pattern(_ words: [String]) -> String {
        words.map(shellQuoted).joined(separator: " | ")
    }
}

extension Command {
    /// The word that comes first, which several commands may share.
    var firstWord: String { name.split(separator: " ").first.map(String.init) ?? name }

    /// What its words begin with, without the last, or the last two, and so on.
    var beginnings: [String] {
        let words = name.split(separator: " ")
        return (1..<max(1, words.count)).map { words.prefix($0).joined(separator: " ") }
    }
}

extension [Command] {
    /// The beginnings of commands of several words, where they are no commands themselves.
    var groups: [String] { Set(flatMap(\.beginnings)).subtracting(map(\.name)).sorted() }

    /// The words that may come next after those of a group, each with what the first command that has it is for.
    func words(after group: String) -> [(word: String, summary: String)] {
        var seen: Set<String> = []
        return compactMap { command in
            guard command.name.hasPrefix(group + " ") else { return nil }
            let word = String(
                command.name.dropFirst(group.count + 1).prefix { $0 != " " })
            return seen.insert(word).inserted ? (word, command.summary) : nil
        }
    }
}
