import Bitcoin
import TestSupport

extension FuzzTarget {
    /// The interpreter, beside Bitcoin Core's consensus library where that is at hand.
    static let scripts: [FuzzTarget] = [
        FuzzTarget("script", seeds: programs) { input in
            guard let program = ScriptProgram(input) else { return }
            try judge(program.transaction, program.spending, program.flags)
        },
        FuzzTarget(
            "spend",
            seeds: spends.map { spend in
                spend.transaction.encoded + spend.spending.flatMap(\.encoded)
            }
        ) { input in
            guard let (transaction, spending) = try? decodeSpend(input) else { return }
            try judge(transaction, spending, .standard)
        },
        FuzzTarget("script-instructions", seeds: programs) { input in
            let script = Script(input)
            guard let instructions = try? script.instructions() else { return }
            let starts = instructions.map(\.offset) + [input.count]
            let covered = zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }
            guard covered, instructions.first?.offset ?? 0 == 0 else {
                throw FuzzFailure("the instructions do not cover the script")
            }
            _ = script.template
        },
        FuzzTarget("script-number", seeds: [[], [0], [0x80], [1, 2, 3, 0x84]]) { input in
            for limit in 4...5 {
                guard
                    let number = try? ScriptNumber.decode(
                        input, limit: limit, requireMinimal: true)
                else { continue }
                guard ScriptNumber.encode(number) == input else {
                    throw FuzzFailure("\(number) has a second encoding")
                }
            }
        },
    ]

    private static func judge(
        _ transaction: Transaction, _ spending: [TransactionOutput], _ flags: ScriptFlags
    ) throws {
        let verdicts = try ScriptJudge.verdicts(transaction, spending: spending)
        // More rules only ever forbid.
        let all = ScriptFlags.consensus.union(flags)
        let verifier = ScriptVerifier(transaction, spending: spending, flags: all)
        for (index, isValid) in verdicts.enumerated() where !isValid {
            if (try? verifier.verify(input: index)) != nil {
                throw FuzzFailure("input \(index) is valid under more rules only")
            }
        }
    }

    private static func decodeSpend(
        _ input: [UInt8]
    ) throws -> (Transaction, [TransactionOutput]) {
        var reader = ByteReader(input.span.bytes)
        let transaction = try Transaction(from: &reader)
        var spending: [TransactionOutput] = []
        for _ in transaction.inputs { spending.append(try TransactionOutput(from: &reader)) }
        try reader.expectEnd()
        guard !transaction.inputs.isEmpty else { throw FuzzFailure("no inputs") }
        return (transaction, spending)
    }

    private static let programs: [[UInt8]] = {
        let scripts = [
            ScriptBuilder().push(2).push(3).op(.add).push(5).op(.numEqual).script,
            ScriptBuilder().op(.if).push(1).op(.else).push(0).op(.endIf).script,
            ScriptBuilder().op(.dup, .hash160, .size, .drop2, .depth).script,
            ScriptBuilder().push(0).push(0).push(0).op(.checkMultiSig).script,
            ScriptBuilder().push(7).op(.checkSequenceVerify, .checkLockTimeVerify).script,
            ScriptBuilder().op(.toAltStack, .fromAltStack, .codeSeparator, .within).script,
        ]
        return (UInt8(0)...4).flatMap { form in
            scripts.map { [form, 0xff, 0xff, 0x0f, 2, 1, 7, 0] + $0.bytes }
        }
    }()
}

/// A script with some items to work on, in one of the places where scripts stand.
struct ScriptProgram {
    let flags: ScriptFlags
    private(set) var transaction: Transaction
    let spending: [TransactionOutput]

    /// Takes a form, three bytes of flags, a count of items, the items, and the script.
    init?(_ input: [UInt8]) {
        guard input.count >= 5 else { return nil }
        let bits = UInt32(input[1]) | UInt32(input[2]) << 8 | UInt32(input[3] & 0x1f) << 16
        flags = ScriptFlags(rawValue: bits)
        var rest = input[5...]
        var items: [[UInt8]] = []
        for _ in 0..<input[4] % 8 {
            guard let length = rest.popFirst() else { return nil }
            items.append(Array(rest.prefix(Int(length))))
            rest = rest.dropFirst(Int(length))
        }
        let script = Script(Array(rest))
        guard let place = try? ScriptProgram.place(script, items, form: input[0] % 5) else {
            return nil
        }
        spending = [TransactionOutput(amount: Satoshi(5), scriptPubKey: place.output)]
        transaction = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: OutPoint(TransactionID(.zero), 1),
                    scriptSig: place.scriptSig, sequence: InputSequence(9),
                    witness: place.witness)
            ],
            outputs: [TransactionOutput(amount: Satoshi(4), scriptPubKey: Script([0x51]))],
            lockTime: LockTime(100))
    }

    private static func place(
        _ script: Script, _ items: [[UInt8]], form: UInt8
    ) throws -> (output: Script, scriptSig: Script, witness: [[UInt8]]) {
        let pushes = items.reduce(ScriptBuilder()) { $0.push($1) }
        switch form {
        case 0: return (script, pushes.script, [])
        case 1: return (.payToScriptHash(of: script), pushes.push(script.bytes).script, [])
        case 2: return (.payToWitnessScriptHash(of: script), Script(), items + [script.bytes])
        case 3:
            let program = Script.payToWitnessScriptHash(of: script)
            return (
                .payToScriptHash(of: program), ScriptBuilder().push(program.bytes).script,
                items + [script.bytes]
            )
        default:
            let leaf = TapLeaf(script)
            let internalKey = try PrivateKey([UInt8](repeating: 9, count: 32)).publicKey.xOnly.key
            let output = try Taproot.outputKey(internalKey, root: leaf.hash)
            let control = Taproot.controlBlock(
                internalKey: internalKey, isOdd: output.isOdd, path: [])
            return (.payToTaproot(output.key), Script(), items + [script.bytes, control])
        }
    }
}
