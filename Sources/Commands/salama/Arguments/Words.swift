/// The arguments of a command in lncli's way: each has a flag, and what no flag gives is taken from the words in order.
struct Words {
    let arguments: Arguments
    private var next = 0

    init(_ arguments: Arguments) { self.arguments = arguments }

    /// The value of that flag, or else the next word; nil where there is neither.
    mutating func take(_ flag: String) -> String? {
        if let value = arguments.value(flag) { return value }
        defer { next += 1 }
        return arguments.positional(next)
    }

    /// A whole number in `range` from that flag, or else from the next word; nil where there is neither.
    mutating func integer<Number: FixedWidthInteger>(
        _ flag: String, in range: ClosedRange<Number>
    ) throws(UsageError) -> Number? {
        try arguments.integer(take(flag), named: flag, in: range)
    }

    /// The value of that flag, or else the next word; throws where there is neither.
    mutating func require(_ flag: String, _ help: String) throws(UsageError) -> String {
        guard let value = take(flag), !value.isEmpty else {
            throw UsageError("\(flag) is missing: \(help)")
        }
        return value
    }

    /// Throws where words are left that nothing took.
    func requireEnd() throws(UsageError) {
        guard let word = arguments.positional(next) else { return }
        throw UsageError("`\(word)` is one word too many")
    }
}
