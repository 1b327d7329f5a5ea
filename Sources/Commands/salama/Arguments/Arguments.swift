/// What the command line gave to one command.
struct Arguments: Sendable {
    /// The words that no flag announced, in order.
    fileprivate(set) var positionals: [String] = []
    /// The values of each flag, in order, by its first name. A switch has the value `true` or `false`.
    fileprivate(set) var values: [String: [String]] = [:]
    /// The configuration's options that were given as flags, by name.
    fileprivate(set) var configuration: [String: [String]] = [:]

    /// Whether a switch is on.
    func isSet(_ flag: String) -> Bool { values[flag]?.last == "true" }

    /// The last value of a flag; nil where it was not given.
    func value(_ flag: String) -> String? { values[flag]?.last }

    /// Every value of a flag that may be given several times.
    func all(_ flag: String) -> [String] { values[flag] ?? [] }

    /// The positional at `index`; nil where there are fewer.
    func positional(_ index: Int) -> String? {
        positionals.indices.contains(index) ? positionals[index] : nil
    }

    /// A flag's value or, where it was not given, the positional at `index`, as lncli takes most of its arguments.
    func value(_ flag: String, orPositional index: Int) -> String? {
        value(flag) ?? positional(index)
    }

    /// Several whole numbers in `range` from a flag that may be given again.
    func integers<Number: FixedWidthInteger>(
        _ flag: String, in range: ClosedRange<Number>
    ) throws(UsageError) -> [Number] {
        var numbers: [Number] = []
        for text in all(flag) {
            if let number = try integer(text, named: "--\(flag)", in: range) {
                numbers.append(number)
            }
        }
        return numbers
    }

    /// A whole number in `range` from text; nil where the text is nil.
    func integer<Number: FixedWidthInteger>(
        _ text: String?, named name: String, in range: ClosedRange<Number>
    ) throws(UsageError) -> Number? {
        guard let text else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw UsageError(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound),"
                    + " not `\(text)`")
        }
        return number
    }

    /// A whole number in `range` from a flag; nil where it was not given.
    func integer<Number: FixedWidthInteger>(
        _ flag: String, in range: ClosedRange<Number>
    ) throws(UsageError) -> Number? {
        try integer(value(flag), named: "--\(flag)", in: range)
    }
}

/// Reads a command line by the description of a command.
struct ArgumentParser {
    let command: Command
    /// The flags of the configuration, which every command that reads it takes.
    let configurationFlags: [Flag]

    /// Sorts words into positionals, flags and configuration. Flags and positionals may be mixed; `--` ends the flags.
    func parse(_ words: [String]) throws(UsageError) -> Arguments {
        var result = Arguments()
        var rest = words[...]
        var flagsEnded = false
        while let word = rest.popFirst() {
            if flagsEnded || !word.hasPrefix("-") || word == "-" || isNegativeNumber(word) {
                result.positionals.append(word)
            } else if word == "--" {
                flagsEnded = true
            } else {
                try takeFlag(word, &rest, into: &result)
            }
        }
        try checkCount(result.positionals)
        return result
    }

    private func isNegativeNumber(_ word: String) -> Bool { Int64(word) != nil }

    private func takeFlag(
        _ word: String, _ rest: inout ArraySlice<String>, into result: inout Arguments
    ) throws(UsageError) {
        let text = word.drop { $0 == "-" }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        var inline = parts.count > 1 ? String(parts[1]) : nil
        let own = find(name, in: command.flags)
        let shared =
            own == nil && command.takesConfiguration ? find(name, in: configurationFlags) : nil
        guard let flag = own ?? shared else { throw unknown(name) }
        if flag.value == nil {
            guard ["true", "false", nil].contains(inline) else {
                throw UsageError("--\(flag.name) is true or false, not `\(inline ?? "")`")
            }
            inline = inline ?? "true"
        } else if inline == nil {
            inline = rest.popFirst()
        }
        guard let value = inline else {
            throw UsageError("--\(flag.name) needs a value: --\(flag.name) \(flag.value ?? "")")
        }
        let earlier = (own == nil ? result.configuration : result.values)[flag.name] ?? []
        guard earlier.isEmpty || flag.isRepeatable else {
            throw UsageError("--\(flag.name) is given twice")
        }
        if own == nil {
            result.configuration[flag.name] = earlier + [value]
        } else {
            result.values[flag.name] = earlier + [value]
        }
    }

    private func find(_ name: String, in flags: [Flag]) -> Flag? {
        flags.first { $0.name == name || $0.aliases.contains(name) }
    }

    private func unknown(_ name: String) -> UsageError {
        let flags = command.flags + (command.takesConfiguration ? configurationFlags : [])
        let names = flags.flatMap { [$0.name] + $0.aliases }.filter { $0.utf8.count > 1 }
        let hint =
            nearest(to: name, among: names).map { "; did you mean --\($0)?" }
            ?? "; `salama \(command.name) --help` lists the flags"
        return UsageError("unknown flag --\(name)\(hint)")
    }

    private func checkCount(_ words: [String]) throws(UsageError) {
        let required = command.positionals.prefix { !$0.isOptional }
        if words.count < required.count {
            let missing = command.positionals[words.count]
            throw UsageError("\(missing.name) is missing (\(missing.help)): \(command.usage)")
        }
        let takesRest = command.positionals.last?.isRest ?? false
        guard words.count <= command.positionals.count || takesRest else {
            throw UsageError(
                "`\(words[command.positionals.count])` is one word too many: \(command.usage)")
        }
    }
}

/// The candidate that is the fewest changes away from `word`; nil where all are far.
func nearest(to word: String, among candidates: [String]) -> String? {
    let scored = candidates.map { ($0, editDistance(Array(word.utf8), Array($0.utf8))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }) else { return nil }
    return best.1 <= max(2, word.utf8.count / 3) ? best.0 : nil
}

/// How many letters must be added, removed, changed or swapped with the next to turn one word into another.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var row = [i + 1]
        for (j, b) in right.enumerated() {
            var cost = min(last[j] + (a == b ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a == right[j - 1], left[i - 1] == b {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}
