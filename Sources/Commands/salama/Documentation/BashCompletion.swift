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

    /// Every command, and the first word of those that have two, as a pattern.
    private var names: String {
        let all = commands.flatMap { [$0.name] + $0.aliases }
        let first = all.compactMap { $0.contains(" ") ? $0.split(separator: " ").first : nil }
        return pattern(Set(all + first.map(String.init)).sorted())
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
        let groups = Set(commands.compactMap { $0.name.contains(" ") ? $0.firstWord : nil })
        let below = groups.subtracting(commands.map(\.name)).sorted().map { group in
            line([group], offer: commands.filter { $0.firstWord == group }.map(\.lastWord))
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

    /// The word that comes last.
    var lastWord: String { name.split(separator: " ").last.map(String.init) ?? name }
}
