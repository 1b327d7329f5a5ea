/// The execution of one script.
struct ScriptInterpreter {
    /// The language of a script.
    enum Version {
        /// scriptSig, scriptPubKey, and what pay-to-script-hash executes.
        case base
        case witnessV0
        case tapscript
    }

    let checker: SignatureChecker
    let script: Script
    let version: Version
    let flags: ScriptFlags
    var stack: ScriptStack
    var altStack = ScriptStack()
    var conditions = ConditionStack()
    /// The operations that count towards the limit of 201.
    var operationCount = 0
    /// Where the code that signatures cover begins: behind the last OP_CODESEPARATOR that was executed.
    var codeStart = 0
    /// The same for tapscript: the position of that OP_CODESEPARATOR, counted in instructions.
    var codeSeparator: UInt32?
    /// What tapscript has besides; nil in the other languages.
    var tapscript: TapscriptContext?

    static let maximumOperations = 201

    init(
        _ script: Script, _ version: Version, stack: ScriptStack, checker: SignatureChecker,
        flags: ScriptFlags, tapscript: TapscriptContext? = nil
    ) {
        self.script = script
        self.version = version
        self.stack = stack
        self.checker = checker
        self.flags = flags
        self.tapscript = tapscript
    }

    /// Executes the script.
    mutating func run() throws(ScriptError) {
        if version != .tapscript, script.bytes.count > Script.maximumSize { throw .scriptSize }
        var reader = ScriptReader(script)
        var position: UInt32 = 0
        while let instruction = try reader.next() {
            try execute(instruction, position: position, end: reader.offset)
            guard stack.count + altStack.count <= ScriptStack.limit else { throw .stackSize }
            position += 1
        }
        guard conditions.depth == 0 else { throw .unbalancedConditional }
    }

    private mutating func execute(
        _ instruction: ScriptInstruction, position: UInt32, end: Int
    ) throws(ScriptError) {
        guard instruction.data.count <= Script.maximumItemSize else { throw .pushSize }
        if version != .tapscript, !instruction.isPush { try countOperations(1) }
        if instruction.isDataPush {
            guard conditions.isExecuting else { return }
            if flags.contains(.minimalData), !instruction.isMinimalPush { throw .minimalData }
            stack.push(Array(instruction.data))
            return
        }
        guard let opcode = instruction.opcode else {
            if conditions.isExecuting { throw .badOpcode }
            return
        }
        if opcode.isDisabled { throw .disabledOpcode }
        if opcode == .codeSeparator, version == .base, flags.contains(.constantScriptCode) {
            throw .opCodeSeparator
        }
        if (Opcode.if.rawValue...Opcode.endIf.rawValue).contains(opcode.rawValue) {
            try executeConditional(opcode)
        } else if conditions.isExecuting {
            if opcode == .codeSeparator {
                codeStart = end
                codeSeparator = position
            } else {
                try execute(opcode)
            }
        }
    }

    /// Counts operations towards the limit, which tapscript does not have.
    mutating func countOperations(_ count: Int) throws(ScriptError) {
        operationCount += count
        guard operationCount <= ScriptInterpreter.maximumOperations else { throw .opCount }
    }

    /// The number in an item, which flags may demand in its shortest form.
    func number(_ item: [UInt8], limit: Int = 4) throws(ScriptError) -> Int64 {
        try ScriptNumber.decode(
            item, limit: limit, requireMinimal: flags.contains(.minimalData))
    }

    /// Executes what is neither a push of data nor a conditional.
    private mutating func execute(_ opcode: Opcode) throws(ScriptError) {
        switch opcode.rawValue {
        case Opcode.push1Negate.rawValue: stack.push(-1)
        case Opcode.push1.rawValue...Opcode.push16.rawValue:
            stack.push(Int64(opcode.rawValue - Opcode.push1.rawValue) + 1)
        case Opcode.toAltStack.rawValue...Opcode.size.rawValue: try executeStack(opcode)
        case Opcode.add1.rawValue...Opcode.within.rawValue: try executeNumeric(opcode)
        case Opcode.ripemd160.rawValue...Opcode.hash256.rawValue: try executeHash(opcode)
        case Opcode.nop1.rawValue...Opcode.nop10.rawValue: try executeNop(opcode)
        default: try executeOther(opcode)
        }
    }

    private mutating func executeOther(_ opcode: Opcode) throws(ScriptError) {
        switch opcode {
        case .nop: break
        case .verify:
            guard ScriptStack.isTrue(try stack.pop()) else { throw .verify }
        case .return: throw .opReturn
        case .equal, .equalVerify:
            try stack.require(2)
            let areEqual = try stack.pop() == stack.pop()
            if opcode == .equal {
                stack.push(areEqual)
            } else if !areEqual {
                throw .equalVerify
            }
        case .checkSig, .checkSigVerify: try checkSignature(opcode)
        case .checkSigAdd: try checkSignatureAdd()
        case .checkMultiSig, .checkMultiSigVerify: try checkMultiSignature(opcode)
        // What has no meaning, and what other methods execute.
        default: throw .badOpcode
        }
    }
}

extension ScriptInterpreter {
    private mutating func executeConditional(_ opcode: Opcode) throws(ScriptError) {
        switch opcode {
        case .if, .notIf:
            guard conditions.isExecuting else { return conditions.push(false) }
            let item = try stack.pop()
            let isMinimal = item.isEmpty || item == [1]
            if version == .tapscript, !isMinimal { throw .tapscriptMinimalIf }
            if version == .witnessV0, flags.contains(.minimalIf), !isMinimal { throw .minimalIf }
            conditions.push(ScriptStack.isTrue(item) == (opcode == .if))
        case .else: try conditions.toggle()
        case .endIf: try conditions.pop()
        // OP_VERIF and OP_VERNOTIF fail where they are not executed, too.
        default: throw .badOpcode
        }
    }

    private mutating func executeHash(_ opcode: Opcode) throws(ScriptError) {
        let item = try stack.pop()
        switch opcode {
        case .ripemd160: stack.push(RIPEMD160.hash(item))
        case .sha1: stack.push(SHA1.hash(item))
        case .sha256: stack.push(SHA256.hash(item).bytes)
        case .hash160: stack.push(Hash160(hashing: item).bytes)
        case .hash256: stack.push(SHA256.doubleHash(item).bytes)
        default: throw .badOpcode
        }
    }

    private mutating func executeNop(_ opcode: Opcode) throws(ScriptError) {
        switch opcode {
        case .checkLockTimeVerify:
            guard flags.contains(.checkLockTimeVerify) else { return }
            try stack.require(1)
            // Five bytes, so that the whole range of the unsigned lock time can be told.
            let lockTime = try number(stack[0], limit: 5)
            guard lockTime >= 0 else { throw .negativeLockTime }
            guard checker.isLockTimeReached(lockTime) else { throw .unsatisfiedLockTime }
        case .checkSequenceVerify:
            guard flags.contains(.checkSequenceVerify) else { return }
            try stack.require(1)
            let sequence = try number(stack[0], limit: 5)
            guard sequence >= 0 else { throw .negativeLockTime }
            guard sequence & Int64(InputSequence.disableFlag) == 0 else { return }
            guard checker.isSequenceReached(sequence) else { throw .unsatisfiedLockTime }
        default:
            if flags.contains(.discourageUpgradableNops) { throw .discourageUpgradableNops }
        }
    }
}
