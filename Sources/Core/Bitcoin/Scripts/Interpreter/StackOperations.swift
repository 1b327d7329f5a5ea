extension ScriptInterpreter {
    /// Executes OP_TOALTSTACK to OP_SIZE.
    mutating func executeStack(_ opcode: Opcode) throws(ScriptError) {
        switch opcode {
        case .toAltStack: altStack.push(try stack.pop())
        case .fromAltStack:
            guard let item = altStack.items.popLast() else { throw .invalidAltStackOperation }
            stack.push(item)
        case .drop2: try stack.drop(2)
        case .dup2: try stack.copy(2, depth: 0)
        case .dup3: try stack.copy(3, depth: 0)
        case .over2: try stack.copy(2, depth: 2)
        case .rot2: try stack.raise(2, depth: 4)
        case .swap2: try stack.raise(2, depth: 2)
        case .ifDup:
            try stack.require(1)
            if ScriptStack.isTrue(stack[0]) { try stack.copy(1, depth: 0) }
        case .depth: stack.push(Int64(stack.count))
        case .drop: try stack.drop(1)
        case .dup: try stack.copy(1, depth: 0)
        case .nip:
            try stack.require(2)
            stack.items.remove(at: stack.count - 2)
        case .over: try stack.copy(1, depth: 1)
        case .pick: try stack.copy(1, depth: popDepth())
        case .roll: try stack.raise(1, depth: popDepth())
        case .rot: try stack.raise(1, depth: 2)
        case .swap: try stack.raise(1, depth: 1)
        case .tuck:
            try stack.require(2)
            stack.items.insert(stack[0], at: stack.count - 2)
        case .size:
            try stack.require(1)
            stack.push(Int64(stack[0].count))
        // The operations on strings that were switched off in 2010.
        default: throw .badOpcode
        }
    }

    /// How deep OP_PICK and OP_ROLL reach, which the top item says.
    private mutating func popDepth() throws(ScriptError) -> Int {
        try stack.require(2)
        let depth = try number(stack[0])
        try stack.drop(1)
        guard depth >= 0, depth < Int64(stack.count) else { throw .invalidStackOperation }
        return Int(depth)
    }

    /// Executes OP_1ADD to OP_WITHIN. Operands have up to 4 bytes, so that results fit 64 bits.
    mutating func executeNumeric(_ opcode: Opcode) throws(ScriptError) {
        switch opcode {
        case .add1: try unary { $0 + 1 }
        case .sub1: try unary { $0 - 1 }
        case .negate: try unary { -$0 }
        case .abs: try unary { Swift.abs($0) }
        case .not: try unary { $0 == 0 ? 1 : 0 }
        case .notEqual0: try unary { $0 != 0 ? 1 : 0 }
        case .add: try binary { $0 + $1 }
        case .sub: try binary { $0 - $1 }
        case .boolAnd: try binary { $0 != 0 && $1 != 0 ? 1 : 0 }
        case .boolOr: try binary { $0 != 0 || $1 != 0 ? 1 : 0 }
        case .numEqual: try binary { $0 == $1 ? 1 : 0 }
        case .numEqualVerify:
            try binary { $0 == $1 ? 1 : 0 }
            guard ScriptStack.isTrue(try stack.pop()) else { throw .numEqualVerify }
        case .numNotEqual: try binary { $0 != $1 ? 1 : 0 }
        case .lessThan: try binary { $0 < $1 ? 1 : 0 }
        case .greaterThan: try binary { $0 > $1 ? 1 : 0 }
        case .lessThanOrEqual: try binary { $0 <= $1 ? 1 : 0 }
        case .greaterThanOrEqual: try binary { $0 >= $1 ? 1 : 0 }
        case .min: try binary { Swift.min($0, $1) }
        case .max: try binary { Swift.max($0, $1) }
        case .within:
            try stack.require(3)
            let (value, lower) = (try number(stack[2]), try number(stack[1]))
            let upper = try number(stack[0])
            try stack.drop(3)
            stack.push(lower <= value && value < upper)
        // The operations on numbers that were switched off in 2010.
        default: throw .badOpcode
        }
    }

    private mutating func unary(_ operation: (Int64) -> Int64) throws(ScriptError) {
        try stack.require(1)
        let operand = try number(stack[0])
        try stack.drop(1)
        stack.push(operation(operand))
    }

    private mutating func binary(_ operation: (Int64, Int64) -> Int64) throws(ScriptError) {
        try stack.require(2)
        let (first, second) = (try number(stack[1]), try number(stack[0]))
        try stack.drop(2)
        stack.push(operation(first, second))
    }
}
