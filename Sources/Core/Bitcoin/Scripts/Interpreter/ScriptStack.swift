/// The stack that a script works on.
struct ScriptStack {
    var items: [[UInt8]]

    /// The most items that the stack and the alternative stack may have together.
    static let limit = 1000

    init(_ items: [[UInt8]] = []) {
        self.items = items
    }

    var count: Int { items.count }

    /// The item that `depth` others lie upon.
    subscript(depth: Int) -> [UInt8] { items[items.count - 1 - depth] }

    /// Throws ``ScriptError/invalidStackOperation`` unless there are `count` items.
    func require(_ count: Int) throws(ScriptError) {
        guard items.count >= count else { throw .invalidStackOperation }
    }

    mutating func push(_ item: [UInt8]) { items.append(item) }

    mutating func push(_ truth: Bool) { items.append(truth ? [1] : []) }

    mutating func push(_ number: Int64) { items.append(ScriptNumber.encode(number)) }

    mutating func pop() throws(ScriptError) -> [UInt8] {
        guard let last = items.popLast() else { throw .invalidStackOperation }
        return last
    }

    mutating func drop(_ count: Int) throws(ScriptError) {
        try require(count)
        items.removeLast(count)
    }

    /// Appends copies of the `count` items that `depth` others lie upon, in their order.
    mutating func copy(_ count: Int, depth: Int) throws(ScriptError) {
        try require(count + depth)
        let start = items.count - depth - count
        for index in start..<start + count { items.append(items[index]) }
    }

    /// Moves the `count` items that `depth` others lie upon to the top, in their order.
    mutating func raise(_ count: Int, depth: Int) throws(ScriptError) {
        try require(count + depth)
        let start = items.count - depth - count
        let moved = Array(items[start..<start + count])
        items.removeSubrange(start..<start + count)
        items += moved
    }

    /// Whether an item counts as true: any byte is set, the sign of a zero apart.
    static func isTrue(_ item: [UInt8]) -> Bool {
        guard let last = item.last else { return false }
        return last & 0x7f != 0 || item.dropLast().contains { $0 != 0 }
    }
}

/// The open OP_IFs, as two numbers: what lies behind the first branch that is not taken does not matter.
struct ConditionStack {
    private(set) var depth = 0
    /// The depth of the first branch that is not taken, counted from 0.
    private var firstFalse: Int?

    /// Whether operations are executed here.
    var isExecuting: Bool { firstFalse == nil }

    mutating func push(_ taken: Bool) {
        if firstFalse == nil, !taken { firstFalse = depth }
        depth += 1
    }

    /// Turns the innermost branch over.
    mutating func toggle() throws(ScriptError) {
        guard depth > 0 else { throw .unbalancedConditional }
        if firstFalse == nil {
            firstFalse = depth - 1
        } else if firstFalse == depth - 1 {
            firstFalse = nil
        }
    }

    mutating func pop() throws(ScriptError) {
        guard depth > 0 else { throw .unbalancedConditional }
        depth -= 1
        if firstFalse == depth { firstFalse = nil }
    }
}
