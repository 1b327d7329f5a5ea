/// Completions for zsh.
struct ZshCompletion {
    let commands: [Command]
    let configurationFlags: [Flag]

    var script: String {
        """
        #compdef salama
        # Completions of salama for zsh.
        _salama() {
            local command='' next i
            for ((i = 2; i < CURRENT; i++)); do
                [[ $words[i] == -* ]] && continue
                next="${command:+$command }$words[i]"
                case $next in
                    (\(names)) command=$next ;;
                    (*) break ;;
                esac
            done
            case $command in
        \(cases)
            esac
        }
        # Read as a function of that name, it completes; sourced, it makes itself known.
        if [ "$funcstack[1]" = _salama ]; then _salama; else compdef _salama salama; fi

        """
    }

    private var names: String {
        let all = commands.flatMap { [$0.name] + $0.aliases }
        return pattern(Set(all + commands.flatMap(\.beginnings)).sorted())
    }

    private var cases: String {
        let own = commands.map { command in
            let flags = command.offeredFlags(with: configurationFlags).flatMap(specifications)
            let words = command.offeredWords.joined(separator: " ")
            let rest = words.isEmpty ? "'*: :_files'" : "'*: :(\(words))'"
            let options = (flags + [rest]).joined(separator: " ")
            return "        (\(pattern([command.name] + command.aliases))) _arguments \(options) ;;"
        }
        let below = commands.groups.map { group in
            describe(group, commands.words(after: group))
        }
        var seen: Set<String> = []
        let top = commands.filter { seen.insert($0.firstWord).inserted }.map {
            ($0.firstWord, $0.summary)
        }
        return (own + below + [describe("", top)]).joined(separator: "\n")
    }

    private func specifications(of flag: Flag) -> [String] {
        let help = flag.help.map { "[]:\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        let value = flag.value.map { ":\($0):" + (flag.takesPath ? "_files" : " ") } ?? ""
        return flag.typed.map { shellQuoted("\($0)[\(help)]\(value)") }
    }

    private func describe(_ command: String, _ words: [(String, String)]) -> String {
        let list = words.map { shellQuoted("\($0.0):\($0.1)") }.joined(separator: " ")
        return """
                    (\(shellQuoted(command)))
                        local -a offered=(\(list))
                        _describe command offered ;;
            """
    }

    private func pattern(_ words: [String]) -> String {
        words.map(shellQuoted).joined(separator: "|")
    }
}
